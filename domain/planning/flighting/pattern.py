"""How a line's budget is laid over its weeks: the shape, and the weeks that somebody has fixed or closed."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from domain.errors import InvalidInput
from domain.rates import checked_rate

MOST_WEEKS = 521  # ten years, with a partial week at both ends


class Flighting(StrEnum):
    EVEN = "even"
    FRONT_LOADED = "front_loaded"
    BACK_LOADED = "back_loaded"
    PULSED = "pulsed"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Pulse:
    """`on` weeks at full weight, then `off` weeks at `low` of it (0 to 1), and again; begins with the line's flight."""

    on: int = 2
    off: int = 2
    low: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        for name, weeks in (("on", self.on), ("off", self.off)):
            if not 1 <= weeks <= MOST_WEEKS:
                raise InvalidInput(
                    f"A pulse is {name} for 1 to {MOST_WEEKS} weeks, not {weeks}.", code="bad_pulse", field="pulse"
                )
        if checked_rate(self.low, field="low") > 1:
            raise InvalidInput("Between pulses there is less than in them.", code="bad_pulse", field="low")


@dataclass(frozen=True, slots=True)
class FlightPattern:
    """A value that survives JSON unchanged (`to_json`, `from_json`) and can be a field of a command.

    weights   one per week of the flight, for a custom shape: each week's share, whole or partial
    pulse     for a pulsed shape; two weeks on and two off if nobody says
    pinned    (any day of a calendar week, minor units it has exactly); the rest of the budget goes over the others
    blackout  any day of each calendar week that has nothing
    """

    shape: Flighting = Flighting.EVEN
    weights: tuple[Decimal, ...] = ()
    pulse: Pulse | None = None
    pinned: tuple[tuple[date, int], ...] = ()
    blackout: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        if self.shape is Flighting.PULSED and self.pulse is None:
            object.__setattr__(self, "pulse", Pulse())
        object.__setattr__(self, "pinned", tuple(sorted(self.pinned)))
        object.__setattr__(self, "blackout", tuple(sorted(set(self.blackout))))
        self._check_shape()
        if len(self.pinned) > MOST_WEEKS or len(self.blackout) > MOST_WEEKS * 7:
            raise InvalidInput("More weeks are fixed than a flight has.", code="too_many_weeks", field="flighting")
        for day, minor in self.pinned:
            if isinstance(minor, bool) or not isinstance(minor, int) or minor < 0:
                raise InvalidInput(
                    f"The week of {day} can't be fixed at {minor}.", code="bad_amount", field="pinned", week=str(day)
                )

    def _check_shape(self) -> None:
        if self.shape is Flighting.CUSTOM and not self.weights:
            raise InvalidInput("Custom flighting needs a weight per week.", code="weights_required", field="weights")
        if self.weights and self.shape is not Flighting.CUSTOM:
            raise InvalidInput(f"{self.label} flighting has no weights.", code="weights_not_custom", field="weights")
        if self.pulse and self.shape is not Flighting.PULSED:
            raise InvalidInput(f"{self.label} flighting has no pulse.", code="pulse_not_pulsed", field="pulse")
        if len(self.weights) > MOST_WEEKS:
            raise InvalidInput(f"A flight has {MOST_WEEKS} weeks at most.", code="too_many_weeks", field="weights")
        for weight in self.weights:
            checked_rate(weight, field="weights")
        if self.weights and not any(self.weights):
            raise InvalidInput("One weight must be above zero.", code="bad_weights", field="weights")

    @property
    def label(self) -> str:
        """The name a planner reads: "Front-loaded", "Pulsed"."""
        return self.shape.value.replace("_", "-").capitalize()

    @property
    def pinned_total(self) -> int:
        """Minor units below which the line's budget can't fall."""
        return sum(minor for _, minor in self.pinned)

    def shaped(
        self, shape: Flighting, weights: tuple[Decimal, ...] = (), pulse: Pulse | None = None
    ) -> "FlightPattern":
        """Another shape over the same fixed and closed weeks."""
        return replace(self, shape=shape, weights=weights, pulse=pulse)

    def to_json(self) -> dict[str, object]:
        written: dict[str, object] = _JSON.dump_python(self, mode="json", exclude_defaults=True)
        return {"shape": self.shape.value, **written}

    @classmethod
    def from_json(cls, written: object) -> "FlightPattern":
        """Raises InvalidInput: `bad_flighting` with the field for what is malformed, else the rule that is broken."""
        try:
            return _JSON.validate_python(written, strict=False)
        except ValidationError as refusal:
            first = refusal.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "flighting"
            raise InvalidInput(f"Flighting, {where}: {first['msg']}.", code="bad_flighting", field=where) from None


_JSON = TypeAdapter(FlightPattern)
