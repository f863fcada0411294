"""The post in memory: what was sent is there to be read."""

from domain.errors import InvalidInput, Unavailable
from services.gateways import Letter


class InMemoryPost:
    """While `away` is set nothing goes out; letters to an address in `unknown`, or to none, never do."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.away = False
        self.unknown: set[str] = set()

    async def send(self, letter: Letter) -> None:
        if self.away:
            raise Unavailable("The letter could not be sent: the post is away.", code="post_away")
        if "@" not in letter.to or letter.to in self.unknown:
            raise InvalidInput("The letter can't be delivered: nobody is there.", code="undeliverable")
        self.letters.append(letter)
