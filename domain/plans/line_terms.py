"""What is said about a line, beside its budget: everything optional, and what is not said stays as it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from domain.channels import PricingModel
from domain.exchange import ForeignCost
from domain.fees import FeeSchedule
from domain.flights import Flight
from domain.planning.flighting.weeks import FlightPattern
from domain.plans.brief import LineEconomics, PlanningBrief
from domain.plans.lines import LineSpec
from domain.pricing import Pricing


@dataclass(frozen=True, slots=True)
class LineTerms:
    """`placement` holds the fields of a Placement that are said; an empty text takes one away."""

    placement: Mapping[str, str] = field(default_factory=dict)
    pricing_model: PricingModel | None = None
    rate: Decimal | None = None
    rate_currency: str | None = None  # None: the plan's
    fees: FeeSchedule | None = None  # all of them
    foreign: ForeignCost | None = None
    start: date | None = None
    end: date | None = None
    flighting: FlightPattern | None = None
    locked: bool | None = None
    time_unit: str | None = None  # of what is bought by time: "day", "spot"

    def applied_to(self, spec: LineSpec, brief: PlanningBrief) -> LineSpec:
        return replace(
            spec,
            placement=replace(spec.placement, **{name: text or None for name, text in self.placement.items()}),
            pricing=self._pricing(spec, brief),
            fees=spec.fees if self.fees is None else self.fees,
            foreign=self.foreign or spec.foreign,
            flight=self._flight(spec, brief),
            flighting=self.flighting or spec.flighting,
            locked=spec.locked if self.locked is None else self.locked,
        )

    def _pricing(self, spec: LineSpec, brief: PlanningBrief) -> Pricing | None:
        """A new rate is one of the model the line has; a new model has no rate until one is agreed."""
        if self.pricing_model is None:
            return self._repriced(spec, brief)
        known = spec.pricing.time_unit if spec.pricing and spec.pricing.model is self.pricing_model else None
        return Pricing(self.pricing_model, self.rate, self.rate_currency or brief.currency, self.time_unit or known)

    def _repriced(self, spec: LineSpec, brief: PlanningBrief) -> Pricing | None:
        if self.rate is None and self.time_unit is None:
            return spec.pricing
        before = LineEconomics(brief, spec).pricing
        unit = self.time_unit or before.time_unit
        if self.rate is None:
            return replace(before, time_unit=unit)
        return Pricing(before.model, self.rate, self.rate_currency or brief.currency, unit)

    def _flight(self, spec: LineSpec, brief: PlanningBrief) -> Flight | None:
        if self.start is None and self.end is None:
            return spec.flight
        before = spec.flight or brief.campaign.flight
        return Flight(self.start or before.start, self.end or before.end)
