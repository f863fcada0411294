"""An identity provider in memory: whom it knows is set, and a test is the browser by `consent`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe
from urllib.parse import parse_qs, urlencode, urlsplit

from domain.errors import Unauthenticated, Unavailable
from services.gateways import Departure, Identified
from services.ports import Clock

LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True)
class _Journey:
    redirect_uri: str
    state: str
    until: datetime


class InMemoryIdentityProvider:
    """While `away` is set it can't be reached. `people` are by subject; a code is for one departure, and good once."""

    def __init__(self, clock: Clock) -> None:
        self.people: dict[str, Identified] = {}
        self.away = False
        self._clock = clock
        self._journeys: dict[str, _Journey] = {}  # by ticket
        self._codes: dict[str, tuple[str, str]] = {}  # the state of its departure, the subject

    def knows(self, person: Identified) -> None:
        self.people[person.subject] = person

    def consent(self, url: str, subject: str) -> tuple[str, str]:
        """What the browser brings back once that person has agreed: the state and a code."""
        (state,) = parse_qs(urlsplit(url).query)["state"]
        code = token_urlsafe(16)
        self._codes[code] = state, self.people[subject].subject
        return state, code

    async def depart(self, redirect_uri: str) -> Departure:
        self._be_there()
        ticket, state = token_urlsafe(32), token_urlsafe(32)
        self._journeys[ticket] = _Journey(redirect_uri, state, self._clock.now() + LIFETIME)
        query = urlencode({"redirect_uri": redirect_uri, "state": state})
        return Departure(f"https://identity.example/authorize?{query}", ticket)

    async def arrive(self, redirect_uri: str, ticket: str, state: str, code: str) -> Identified:
        journey = self._journeys.get(ticket)
        if journey is None or self._clock.now() >= journey.until:
            raise _refused()
        if (redirect_uri, state) != (journey.redirect_uri, journey.state):
            raise _refused()
        self._be_there()
        of_state, subject = self._codes.pop(code, ("", ""))
        if of_state != journey.state:
            raise _refused()
        return self.people[subject]

    def _be_there(self) -> None:
        if self.away:
            raise Unavailable("The identity provider can't be reached.", code="identity_provider_away")


def _refused() -> Unauthenticated:
    return Unauthenticated("The sign-in could not be completed.", code="sign_in_refused")
