"""MediaPlan: a campaign's plan as a chain of unchanging versions, exactly one of them current."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from domain.campaigns import BudgetBasis, Campaign
from domain.changes import Change
from domain.channels import Channel
from domain.errors import InvalidInput, StaleVersion
from domain.flights import Flight
from domain.ids import CampaignId, PlanId, PlanVersionId, TenantId, UserId, new_id
from domain.money import Money
from domain.plan_lines import PlanLine
from domain.planning.flighting import FlightPattern

MOST_LINES = 500


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
    budget: Money  # the campaign's, when this was saved; so are the two below
    basis: BudgetBasis
    flight: Flight
    created_by: UserId
    created_at: datetime
    lines: list[PlanLine] = field(default_factory=list)

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

    def drift_from(self, campaign: Campaign) -> "Drift":
        return drift_between(
            Standing(self.budget, self.basis, self.flight),
            Standing(campaign.budget, campaign.budget_basis, campaign.flight),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What a plan has to fit."""

    budget: Money
    basis: BudgetBasis
    flight: Flight


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


@dataclass(eq=False)
class MediaPlan:
    tenant_id: TenantId
    id: PlanId
    campaign_id: CampaignId
    currency: str
    current: PlanVersion
    latest_number: int
    created_at: datetime
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def start(cls, campaign: Campaign, draft: Draft, *, by: UserId, now: datetime) -> tuple[Self, Change]:
        campaign.must_accept_plans()
        plan_id = PlanId(new_id())
        first = _version(campaign, draft, plan_id, 1, None, VersionKind.VERSION, by, now)
        plan = cls(campaign.tenant_id, plan_id, campaign.id, campaign.budget.currency, first, 1, now)
        return plan, plan._saved(first)

    def save(self, campaign: Campaign, draft: Draft, *, by: UserId, now: datetime) -> Change:
        """A new current version."""
        campaign.must_accept_plans()
        self.current = self._next(campaign, draft, VersionKind.VERSION, by, now)
        return self._saved(self.current)

    def save_based_on(
        self, base: int | None, campaign: Campaign, draft: Draft, *, by: UserId, now: datetime
    ) -> tuple[PlanVersion, Change]:
        """A new current version if `base` is still current; else the result is kept as a scenario."""
        if base == self.current.number:
            change = self.save(campaign, draft, by=by, now=now)
            return self.current, change
        scenario = self._next(campaign, draft, VersionKind.SCENARIO, by, now)
        return scenario, self._saved(scenario)

    def must_be_at_version(self, expected: int) -> None:
        if expected != self.version:
            raise StaleVersion(
                f"The plan has changed since; it is at version {self.version}, not {expected}.",
                current=self.version,
            )

    def _next(self, campaign: Campaign, draft: Draft, kind: VersionKind, by: UserId, now: datetime) -> PlanVersion:
        number = self.latest_number + 1
        made = _version(campaign, draft, self.id, number, self.current.number, kind, by, now)
        self.latest_number = number
        self.version += 1
        return made

    def _saved(self, version: PlanVersion) -> Change:
        facts = {
            "number": version.number,
            "kind": version.kind,
            "total": str(version.total),
            "reason": version.reason,
        }
        return Change(f"plan.{version.kind}_saved", self.id, self.version, after=facts)


def _version(
    campaign: Campaign,
    draft: Draft,
    plan_id: PlanId,
    number: int,
    parent: int | None,
    kind: VersionKind,
    by: UserId,
    now: datetime,
) -> PlanVersion:
    total = _checked_total(draft.lines, campaign)
    return PlanVersion(
        campaign.tenant_id,
        PlanVersionId(new_id()),
        plan_id,
        number,
        parent,
        kind,
        draft.flighting,
        draft.reason,
        draft.explanation,
        total,
        campaign.budget,
        campaign.budget_basis,
        campaign.flight,
        by,
        now,
        list(draft.lines),
    )


def _checked_total(lines: Sequence[PlanLine], campaign: Campaign) -> Money:
    if not lines:
        raise InvalidInput("A plan needs at least one line.", code="no_lines", field="lines")
    if len(lines) > MOST_LINES:
        raise InvalidInput(f"A plan may have {MOST_LINES} lines at most.", code="too_many_lines", field="lines")
    _refuse_doubles(lines)
    total = Money.sum((line.budget for line in lines), campaign.budget.currency)
    if total > campaign.budget:
        raise InvalidInput(
            f"The lines add up to {total}, which is {total - campaign.budget} over the campaign's budget.",
            code="over_budget",
            field="lines",
        )
    return total


def _refuse_doubles(lines: Sequence[PlanLine]) -> None:
    seen: set[str] = set()
    for line in lines:
        if line.code in seen:
            raise InvalidInput(f"{line.label} is in the plan twice.", code="duplicate_line", field="lines")
        seen.add(line.code)


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


def compare(first: PlanVersion, second: PlanVersion) -> tuple[LineDifference, ...]:
    """Every line of either version, in the second's order, then those it dropped."""
    before = {line.code: line for line in first.lines}
    after = {line.code: line for line in second.lines}
    codes = list(after) + [code for code in before if code not in after]
    currency = second.total.currency
    return tuple(LineDifference(before.get(code), after.get(code), currency) for code in codes)
