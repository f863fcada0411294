"""When a plan's money runs, in a person's words."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from domain.channels import Channel
from domain.planning.flighting.pattern import Flighting, Pulse
from domain.plans.flighting import Days, FlightWish
from services.amounts import Amount
from services.commands import Command
from services.plan_constraints import Code


class DaySpan(Command):
    start: date
    end: date | None = Field(default=None, description="Included; left out: the start alone.")

    def days(self) -> Days:
        return Days(self.start, self.end or self.start)


class PulseTerms(Command):
    on: int = Field(default=2, ge=1, le=521, description="Weeks at full weight.")
    off: int = Field(default=2, ge=1, le=521, description="Weeks at the low weight, then again.")
    low: Decimal = Field(default=Decimal(0), ge=0, le=1, description="Of the full weight, 0 to 1.")


class WeekAmount(Command):
    week: date = Field(description="Any day of the week.")
    amount: Amount


class FlightChange(Command):
    """A change of the weeks: of these channels and lines, or of all lines. Every line still adds up to its budget."""

    channels: list[Channel] = Field(default_factory=list, max_length=21)
    lines: list[Code] = Field(default_factory=list, max_length=500)
    shape: Flighting | None = Field(default=None, description="Pulsed and custom are said by their own fields.")
    weights: list[Decimal] = Field(default_factory=list, max_length=521, description="One per week: a custom shape.")
    pulse: PulseTerms | None = None
    pins: list[WeekAmount] = Field(
        default_factory=list, max_length=521, description="What a week has exactly, for all of these lines together."
    )
    pause: list[DaySpan] = Field(default_factory=list, max_length=521, description="Weeks without money.")
    resume: list[DaySpan] = Field(default_factory=list, max_length=521, description="No longer closed nor fixed.")

    def wish(self) -> FlightWish:
        return FlightWish(
            tuple(self.channels),
            tuple(self.lines),
            self.shape,
            tuple(self.weights),
            Pulse(self.pulse.on, self.pulse.off, self.pulse.low) if self.pulse else None,
            tuple((pin.week, pin.amount.money()) for pin in self.pins),
            tuple(span.days() for span in self.pause),
            tuple(span.days() for span in self.resume),
        )
