"""MediaPlan: a campaign's plan as a chain of unchanging versions, exactly one of them current."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from domain.campaigns import Campaign, Flight
from domain.changes import Change
from domain.channels import Channel, PricingModel
from domain.errors import InvalidInput, StaleVersion
from domain.ids import CampaignId, LineId, PlanId, PlanVersionId, TenantId, UserId, new_id
from domain.money import Money
from domain.planning.flighting import Flighting

MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class FlightWeek:
    starts: date
    budget_minor: int


@dataclass(frozen=True, slots=True)
class ExpectedDelivery:
    """What a line is expected to deliver over its flight; conversions are an expectation, to a hundredth."""

    impressions: int = 0
    clicks: int = 0
    conversions_hundredths: int = 0

    @property
    def conversions(self) -> float:
        return self.conversions_hundredths / 100

    def __add__(self, other: "ExpectedDelivery") -> "ExpectedDelivery":
        return ExpectedDelivery(
            self.impressions + other.impressions,
            self.clicks + other.clicks,
            self.conversions_hundredths + other.conversions_hundredths,
        )


@dataclass(eq=False)
class PlanLine:
    """Budget of one channel, week by week. Belongs to one version and never changes."""

    tenant_id: TenantId
    id: LineId
    position: int
    channel: Channel
    pricing_model: PricingModel
    budget: Money
    weeks: tuple[FlightWeek, ...]
    delivery: ExpectedDelivery
    source: str  # where rates and curve come from
    locked: bool = False

    def __post_init__(self) -> None:
        if self.budget.minor < 0:
            raise InvalidInput(
                f"{self.channel.label} can't cost less than nothing.", code="negative_line", field="budget"
            )
        if sum(week.budget_minor for week in self.weeks) != self.budget.minor:
            raise InvalidInput(
                f"The weeks of {self.channel.label} don't add up to {self.budget}.",
                code="weeks_do_not_add_up",
                field="weeks",
            )


class VersionKind(StrEnum):
    VERSION = "version"
    SCENARIO = "scenario"  # kept beside the chain, never current by itself


@dataclass(frozen=True, slots=True)
class Draft:
    """The content of a version before it is one."""

    lines: tuple[PlanLine, ...]
    flighting: Flighting
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
    flighting: Flighting
    reason: str
    explanation: str
    total: Money
    flight: Flight
    created_by: UserId
    created_at: datetime
    lines: list[PlanLine] = field(default_factory=list)

    def line_of(self, channel: Channel) -> PlanLine | None:
        return next((line for line in self.lines if line.channel is channel), None)

    def drift_from(self, campaign: Campaign) -> "Drift":
        return Drift(campaign.budget - self.total, self.flight != campaign.flight)


@dataclass(frozen=True, slots=True)
class Drift:
    """How far the campaign has moved since a version was saved."""

    budget: Money  # what the campaign has more (or less) than the plan
    flight_changed: bool

    @property
    def out_of_sync(self) -> bool:
        return self.flight_changed or self.budget.minor < 0


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
    _refuse_doubles(line.channel for line in lines)
    total = Money.sum((line.budget for line in lines), campaign.budget.currency)
    if total > campaign.budget:
        raise InvalidInput(
            f"The lines add up to {total}, which is {total - campaign.budget} over the campaign's budget.",
            code="over_budget",
            field="lines",
        )
    return total


def _refuse_doubles(channels: Iterable[Channel]) -> None:
    seen: set[Channel] = set()
    for channel in channels:
        if channel in seen:
            raise InvalidInput(f"{channel.label} is in the plan twice.", code="duplicate_line", field="lines")
        seen.add(channel)


@dataclass(frozen=True, slots=True)
class LineDifference:
    channel: Channel
    before: Money
    after: Money

    @property
    def change(self) -> Money:
        return self.after - self.before


def compare(first: PlanVersion, second: PlanVersion) -> tuple[LineDifference, ...]:
    """Every channel of either version, in the second's order, then those it dropped."""
    nothing = Money.zero(second.total.currency)
    before = {line.channel: line.budget for line in first.lines}
    after = {line.channel: line.budget for line in second.lines}
    channels = list(after) + [channel for channel in before if channel not in after]
    return tuple(
        LineDifference(channel, before.get(channel, nothing), after.get(channel, nothing)) for channel in channels
    )
