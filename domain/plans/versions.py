"""A version of a media plan: its lines, and what they were made for. It never changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from domain.campaigns import BudgetBasis, Campaign
from domain.channels import Channel
from domain.errors import InvalidInput
from domain.flights import Flight
from domain.ids import PlanId, PlanVersionId, TenantId, UserId
from domain.money import Money
from domain.planning.flighting.weeks import FlightPattern
from domain.plans.lines import PlanLine


class VersionKind(StrEnum):
    VERSION = "version"
    SCENARIO = "scenario"  # kept beside the chain, never current by itself


@dataclass(frozen=True, slots=True)
class Draft:
    """The content of a version before it is one."""

    lines: tuple[PlanLine, ...]
    flighting: FlightPattern  # of lines that have none of their own
    reason: str  # "drafted", "optimised: CTV kept"
    explanation: str = ""  # what binds, what is left unspent and why
    extension: Mapping[str, object] | None = None  # None: as the version before it


@dataclass(eq=False)
class PlanVersion:
    tenant_id: TenantId
    id: PlanVersionId
    plan_id: PlanId
    number: int
    parent_number: int | None
    kind: VersionKind
    flighting: FlightPattern
    reason: str
    explanation: str
    total: Money
    budget: Money  # the campaign's, when this was saved, or a scenario's own; so are the two below
    basis: BudgetBasis
    flight: Flight
    created_by: UserId
    created_at: datetime
    lines: list[PlanLine] = field(default_factory=list)
    # What an imported document says of the whole plan that has no place of its own here; it survives the round trip.
    extension: Mapping[str, object] = field(default_factory=dict)

    def line(self, code: str) -> PlanLine:
        """Raises InvalidInput `line_not_in_plan`."""
        for line in self.lines:
            if line.code == code:
                return line
        raise InvalidInput(
            f"The plan has no line {code}; it has {', '.join(line.code for line in self.lines)}.",
            code="line_not_in_plan",
            field="line",
        )

    def line_of(self, channel: Channel) -> PlanLine:
        """The channel's only line. Raises InvalidInput `channel_not_in_plan`, `ambiguous_line` if it has several."""
        lines = [line for line in self.lines if line.channel is channel]
        if not lines:
            raise InvalidInput(f"{channel.label} is not in the plan.", code="channel_not_in_plan", field="channel")
        if len(lines) > 1:
            names = ", ".join(f"{line.code} ({line.label})" for line in lines)
            raise InvalidInput(
                f"{channel.label} has several lines: {names}. Which one?", code="ambiguous_line", field="line"
            )
        return lines[0]

    @property
    def standing(self) -> "Standing":
        return Standing(self.budget, self.basis, self.flight)

    def drift_from(self, campaign: Campaign) -> "Drift":
        return drift_between(self.standing, Standing.of(campaign))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a plan has to fit."""

    budget: Money
    basis: BudgetBasis
    flight: Flight

    @classmethod
    def of(cls, campaign: Campaign) -> Self:
        return cls(campaign.budget, campaign.budget_basis, campaign.flight)


@dataclass(frozen=True, slots=True)
class Drift:
    """How far the campaign has moved since a version was saved. The version itself never moves along."""

    budget: Money | None  # what the campaign has more, or less; None where it is in another currency now
    start_days: int  # later, or earlier where negative
    end_days: int
    basis_changed: bool

    @property
    def out_of_sync(self) -> bool:
        moved = self.basis_changed or self.start_days or self.end_days
        return self.budget is None or bool(self.budget.minor or moved)


def drift_between(saved: Standing, now: Standing) -> Drift:
    same_currency = now.budget.currency == saved.budget.currency
    return Drift(
        now.budget - saved.budget if same_currency else None,
        (now.flight.start - saved.flight.start).days,
        (now.flight.end - saved.flight.end).days,
        now.basis is not saved.basis,
    )
