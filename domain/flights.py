"""A flight: the days on which a campaign or a line runs."""

from dataclasses import dataclass
from datetime import date

from domain.errors import InvalidInput

LONGEST_DAYS = 5 * 366


@dataclass(frozen=True, slots=True)
class Flight:
    """First and last day, both included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise InvalidInput(
                f"The flight must start before it ends ({self.start} to {self.end}).",
                code="flight_end_before_start",
                field="end",
            )
        if self.days > LONGEST_DAYS:
            raise InvalidInput("A flight may last five years at most.", code="flight_too_long", field="end")

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def covers(self, other: "Flight") -> bool:
        return self.start <= other.start and other.end <= self.end

    def must_cover(self, line: "Flight") -> None:
        """Raises InvalidInput `flight_outside_campaign` with the field `start` or `end`."""
        for field, day in (("start", line.start), ("end", line.end)):
            if not self.start <= day <= self.end:
                raise InvalidInput(
                    f"The line's {field}, {day}, is outside the campaign's flight ({self}).",
                    code="flight_outside_campaign",
                    field=field,
                )

    def __str__(self) -> str:
        return f"{self.start} to {self.end}"
