"""What is different between two versions of a plan: line by line, and in the campaign they were made for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from domain.fees import FeeSchedule
from domain.flights import Flight
from domain.money import Money
from domain.plans.lines import FlightWeek, PlanLine
from domain.plans.versions import PlanVersion, Standing
from domain.pricing import Pricing

# Rounding moves a week by a minor unit at each of the two versions.
_ROUNDING = 2


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One fact as a person reads it; None where there was, or is, none."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class WeekChange:
    starts: date
    before: Money
    after: Money


@dataclass(frozen=True, slots=True)
class LineDifference:
    """One line in two versions; None where a version doesn't have it."""

    before: PlanLine | None
    after: PlanLine | None
    currency: str

    @property
    def line(self) -> PlanLine:
        shown = self.after or self.before
        assert shown is not None
        return shown

    @property
    def money_before(self) -> Money:
        return self.before.budget if self.before else Money.zero(self.currency)

    @property
    def money_after(self) -> Money:
        return self.after.budget if self.after else Money.zero(self.currency)

    @property
    def change(self) -> Money:
        return self.money_after - self.money_before

    @property
    def kind(self) -> str:
        """added | removed | changed | same"""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "changed" if self.change.minor or self.fields or self.weeks else "same"

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """What changed beside the amount and the weeks of a line that both versions have."""
        if self.before is None or self.after is None:
            return ()
        before, after = _facts(self.before), _facts(self.after)
        return _different(before, after)

    @property
    def weeks(self) -> tuple[WeekChange, ...]:
        """The weeks that changed otherwise than in proportion to the line's budget."""
        if self.before is None or self.after is None or _proportional(self.before, self.after):
            return ()
        before, after = _by_start(self.before.weeks), _by_start(self.after.weeks)
        return tuple(
            WeekChange(starts, Money(before.get(starts, 0), self.currency), Money(after.get(starts, 0), self.currency))
            for starts in sorted(before.keys() | after.keys())
            if before.get(starts) != after.get(starts)
        )


def compare(first: PlanVersion, second: PlanVersion) -> tuple[LineDifference, ...]:
    """Every line of either version, in the second's order, then those it dropped."""
    before = {line.code: line for line in first.lines}
    after = {line.code: line for line in second.lines}
    codes = list(after) + [code for code in before if code not in after]
    currency = second.total.currency
    return tuple(LineDifference(before.get(code), after.get(code), currency) for code in codes)


def campaign_changes(first: Standing, second: Standing) -> tuple[FieldChange, ...]:
    """What changed in what the versions had to fit: the budget, its basis, the dates."""
    return _different(_standing(first), _standing(second))


def _standing(standing: Standing) -> dict[str, str | None]:
    return {"budget": str(standing.budget), "basis": standing.basis.value, "dates": str(standing.flight)}


def _facts(line: PlanLine) -> dict[str, str | None]:
    placement = line.placement
    return {
        "channel": line.channel.label,
        "vehicle": placement.vehicle,
        "format": placement.format,
        "market": placement.market,
        "audience": placement.audience,
        "name": placement.name,
        "notes": placement.notes,
        "pricing_model": line.pricing.model.value,
        "rate": _rate(line.pricing),
        "fees": _fees(line.fees),
        "exchange": f"{line.foreign.amount} at {line.foreign.rate.rate}" if line.foreign else None,
        "dates": _dates(line.flight),
        "flighting": line.flighting.shape.value if line.flighting else None,
        "locked": "locked" if line.locked else None,
    }


def _different(before: dict[str, str | None], after: dict[str, str | None]) -> tuple[FieldChange, ...]:
    return tuple(FieldChange(name, before[name], after[name]) for name in after if before[name] != after[name])


def _rate(pricing: Pricing) -> str | None:
    return None if pricing.rate is None else f"{pricing.rate.normalize():f} {pricing.currency} per {pricing.unit}"


def _fees(fees: FeeSchedule) -> str | None:
    return ", ".join(f"{fee.name} {fee.value.normalize():f} ({fee.basis.value})" for fee in fees) or None


def _dates(flight: Flight | None) -> str | None:
    return str(flight) if flight else None


def _by_start(weeks: Sequence[FlightWeek]) -> dict[date, int]:
    return {week.starts: week.budget_minor for week in weeks}


def _proportional(before: PlanLine, after: PlanLine) -> bool:
    if [week.starts for week in before.weeks] != [week.starts for week in after.weeks]:
        return False
    if not before.budget.minor or not after.budget.minor:
        return True
    factor = Fraction(after.budget.minor, before.budget.minor)
    return all(
        abs(now.budget_minor - then.budget_minor * factor) <= _ROUNDING + factor
        for then, now in zip(before.weeks, after.weeks, strict=True)
    )
