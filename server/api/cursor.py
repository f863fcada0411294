"""A place in a stream: `{position}` in the session's log, and `+n` of the events that came of its next entry."""

import re
from dataclasses import dataclass

from domain.errors import InvalidInput
from services.events import Position

_CURSOR = re.compile(r"([0-9.]{1,120})(?:\+([0-9]{1,6}))?")


@dataclass(frozen=True, slots=True)
class Cursor:
    position: Position
    had: int = 0

    def __str__(self) -> str:
        return f"{self.position}+{self.had}" if self.had else str(self.position)

    @property
    def seq(self) -> int:
        return self.position.seq

    @classmethod
    def parse(cls, text: str | None) -> "Cursor | None":
        """Raises InvalidInput `bad_event_id`."""
        if not text:
            return None
        parsed = _CURSOR.fullmatch(text)
        try:
            if parsed:
                return cls(Position.parse(parsed[1]), int(parsed[2] or 0))
        except ValueError:
            pass
        raise InvalidInput(
            "Last-Event-ID is the id of an event of this stream.", code="bad_event_id", field="Last-Event-ID"
        )


BEGINNING = Cursor(Position())
