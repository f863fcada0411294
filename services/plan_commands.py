"""What can be asked of a media plan: the commands, and how their words become the domain's."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from domain.channels import Channel, PricingModel
from domain.exchange import ExchangeRate, ForeignCost
from domain.fees import Fee, FeeBasis, FeeKind
from domain.planning.flighting.weeks import Flighting, FlightPattern
from domain.plans.flighting import FlightWish
from domain.plans.line_terms import LineTerms
from domain.plans.lines import Placement
from domain.plans.revision import LineChange
from services.amounts import Amount
from services.commands import Command
from services.plan_constraints import Code, Goals, LineLimits, OfLine, Text
from services.plan_flights import FlightChange


class DraftPlan(LineLimits):
    channels: list[Channel] = Field(min_length=1, max_length=21)
    flighting: Flighting = Flighting.EVEN


class Edit(StrEnum):
    SET = "set"
    INCREASE = "increase"
    DECREASE = "decrease"
    ADD = "add"
    REMOVE = "remove"
    AMEND = "amend"  # the details alone
    MOVE = "move"  # to another line


class FeeTerms(Command):
    kind: FeeKind
    basis: FeeBasis
    value: Decimal = Field(description="Percent, or major units of the plan's currency, as the basis says.")
    label: Text | None = None

    def fee(self) -> Fee:
        return Fee(self.kind, self.basis, self.value, self.label)


class Exchange(Command):
    """What the line costs in another currency, and the rate that makes it the plan's."""

    amount: Amount
    rate: Decimal = Field(gt=0, description="Units of the plan's currency for one of the line's.")
    source: Text
    on: date

    def foreign(self, plan_currency: str) -> ForeignCost:
        money = self.amount.money()
        return ForeignCost(money, ExchangeRate(money.currency, plan_currency, self.rate, self.source, self.on))


class LineDetails(Command):
    """What a line is, beside its budget. What is left out stays as it is."""

    vehicle: Text | None = Field(default=None, description="Vehicle or partner: YouTube, Meta.")
    format: Text | None = None
    market: Text | None = None
    audience: Text | None = None
    name: Text | None = None
    notes: str | None = Field(default=None, max_length=2000)
    pricing_model: PricingModel | None = None
    rate: Decimal | None = Field(default=None, description="Major units for one unit of the pricing model.")
    rate_currency: str | None = Field(default=None, max_length=3, description="Left out: the plan's currency.")
    fees: list[FeeTerms] | None = Field(default=None, max_length=50, description="All of them; replaces those it had.")
    exchange: Exchange | None = None
    start: date | None = None
    end: date | None = None
    flighting: Flighting | None = None
    locked: bool | None = None
    time_unit: Text | None = Field(default=None, description="Of what is bought by time: hour, day, spot.")

    def terms(self, plan_currency: str) -> LineTerms:
        said = {name: getattr(self, name) for name in _PLACEMENT if getattr(self, name) is not None}
        return LineTerms(
            said,
            self.pricing_model,
            self.rate,
            self.rate_currency,
            None if self.fees is None else tuple(fee.fee() for fee in self.fees),
            self.exchange.foreign(plan_currency) if self.exchange else None,
            self.start,
            self.end,
            FlightPattern(self.flighting) if self.flighting else None,
            self.locked,
            self.time_unit,
        )


_PLACEMENT = tuple(field.name for field in fields(Placement))


class LineEdit(OfLine):
    action: Edit
    amount: Amount | None = None
    percent: Decimal | None = Field(default=None, gt=0, le=1000, description="Of the line, instead of an amount.")
    details: LineDetails | None = None
    to_channel: Channel | None = Field(default=None, description="Where a move goes to.")
    to_line: Code | None = Field(default=None, description="By its code, where the channel has several lines.")

    def change(self, plan_currency: str) -> LineChange:
        amount = self.amount.money() if self.amount else None
        terms = self.details.terms(plan_currency) if self.details else None
        return LineChange(
            self.channel, self.action.value, amount, self.percent, self.line, terms, self.to_channel, self.to_line
        )


class RevisePlan(Command):
    changes: list[LineEdit] = Field(default_factory=list, max_length=500)
    flighting: Flighting | None = Field(default=None, description="Another shape for all lines.")
    flights: list[FlightChange] = Field(default_factory=list, max_length=100, description="Other changes of the weeks.")

    @property
    def wishes(self) -> list[FlightWish]:
        return wishes_of(self.flighting, self.flights)


def wishes_of(flighting: Flighting | None, flights: Sequence[FlightChange]) -> list[FlightWish]:
    shapes = [FlightWish(shape=flighting)] if flighting else []
    return [*shapes, *(change.wish() for change in flights)]


class OptimizePlan(Goals):
    budget: Amount | None = Field(default=None, description="Left out: the campaign's budget.")


class WhatIf(Goals):
    flighting: Flighting | None = None
    flights: list[FlightChange] = Field(default_factory=list, max_length=100, description="Other weeks.")
    budget: Amount | None = None
    budget_percent: Decimal | None = Field(
        default=None, gt=-100, le=1000, description="Change of the budget, instead of a budget."
    )

    @property
    def wishes(self) -> list[FlightWish]:
        return wishes_of(self.flighting, self.flights)

    @property
    def of_weeks_alone(self) -> bool:
        """Then the lines keep their amounts."""
        weeks = {"flighting", "flights"}
        return bool(self.wishes) and self.model_dump(exclude=weeks) == WhatIf().model_dump(exclude=weeks)
