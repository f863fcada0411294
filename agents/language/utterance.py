"""A message whose slots are found: each one is replaced by a single private-use character that stands for its value.

"move 20k from search to social" becomes "move A from C to C", so that the patterns of the intents stay short, and text
inside quotes can't be mistaken for an instruction. `source` keeps what was said, to get the words back.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

from domain.channels import Channel

Unit = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class Name:
    """Words that are a name and nothing else: never read as an instruction."""

    text: str


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address, in lower case."""

    text: str


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days, both ends included. `length` without a start is a duration; `yearless` may still move by years
    and a `weekday` by weeks; a `range` was said with both its ends."""

    start: date | None = None
    end: date | None = None
    length: tuple[int, Unit] | None = None
    yearless: bool = False
    range: bool = False
    weekday: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """Major units; `currency` None when nothing was said."""

    value: Decimal
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Percent:
    value: Decimal


@dataclass(frozen=True, slots=True)
class Version:
    number: int


Value = Name | Address | Period | Amount | Percent | Version | Channel
V = TypeVar("V", Name, Address, Period, Amount, Percent, Version, Channel)

_PER_KIND = 0x300
_KINDS: tuple[type[Value], ...] = (Name, Address, Period, Amount, Percent, Channel, Version)
_FIRST = {kind: 0xE000 + _PER_KIND * i for i, kind in enumerate(_KINDS)}


def placeholder(kind: type[Value]) -> str:
    """The character class, as a regular expression, that matches any slot of the kind."""
    return f"[{chr(_FIRST[kind])}-{chr(_FIRST[kind] + _PER_KIND - 1)}]"


SLOT = f"[{chr(0xE000)}-{chr(0xF8FF)}]"


@dataclass(frozen=True, slots=True)
class Tag:
    value: Value
    source: str


@dataclass(frozen=True, slots=True)
class Utterance:
    text: str
    tags: dict[str, Tag]

    def tagged(
        self,
        kind: type[Value],
        pattern: re.Pattern[str],
        value: Callable[[re.Match[str]], Value | None],
        group: int | str = 0,
    ) -> "Utterance":
        """Each match (or its group) whose `value` is not None becomes a slot of the kind, up to 768 of them."""
        if not pattern.search(self.text):
            return self
        tags = dict(self.tags)
        free = iter(
            range(_FIRST[kind] + sum(isinstance(t.value, kind) for t in tags.values()), _FIRST[kind] + _PER_KIND)
        )

        def replacement(match: re.Match[str]) -> str:
            found = value(match)
            code = next(free, None) if found is not None else None
            if found is None or code is None:
                return match[0]
            tags[chr(code)] = Tag(found, self.reveal(match[group]))
            return (
                match.string[match.start() : match.start(group)]
                + chr(code)
                + match.string[match.end(group) : match.end()]
            )

        return Utterance(pattern.sub(replacement, self.text), tags)

    def values(self, fragment: str, kind: type[V]) -> list[V]:
        """The slots of one kind in a fragment of the text, in the order they were said."""
        tags = (self.tags[char] for char in fragment if char in self.tags)
        return [tag.value for tag in tags if isinstance(tag.value, kind)]

    def value(self, char: str, kind: type[V]) -> V:
        found = self.tags[char].value
        assert isinstance(found, kind)
        return found

    def reveal(self, fragment: str) -> str:
        """The fragment as it was said."""
        return "".join(self.tags[char].source if char in self.tags else char for char in fragment)
