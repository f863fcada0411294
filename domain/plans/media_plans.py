"""MediaPlan: a campaign's plan as a chain of unchanging versions, exactly one of them current, and named scenarios."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from domain.campaigns import Campaign
from domain.changes import Change
from domain.errors import Conflict, Duplicate, InvalidInput, NotFound, StaleVersion
from domain.ids import CampaignId, PlanId, PlanVersionId, TenantId, UserId, new_id
from domain.money import Money
from domain.plans.lines import PlanLine
from domain.plans.versions import Draft as Draft
from domain.plans.versions import Drift as Drift
from domain.plans.versions import PlanVersion as PlanVersion
from domain.plans.versions import Standing as Standing
from domain.plans.versions import VersionKind as VersionKind
from domain.plans.versions import drift_between as drift_between
from domain.text import clean_line

MOST_LINES = 500
MOST_SCENARIOS = 50
WORKFLOW_RESULT = "Workflow result"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A version kept beside the chain under a name. Dropping it takes the name away; versions never go."""

    number: int
    name: str


@dataclass(eq=False)
class MediaPlan:
    tenant_id: TenantId
    id: PlanId
    campaign_id: CampaignId
    currency: str
    current: PlanVersion
    latest_number: int
    created_at: datetime
    scenarios: tuple[Scenario, ...] = ()
    approved_number: int | None = None  # the latest version that was approved
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
        name = self.free_scenario_name(WORKFLOW_RESULT)
        return self.keep_scenario(name, campaign, draft, Standing.of(campaign), by=by, now=now)

    def keep_scenario(
        self, name: str, campaign: Campaign, draft: Draft, made_for: Standing, *, by: UserId, now: datetime
    ) -> tuple[PlanVersion, Change]:
        """Beside the chain, for a budget that may be another one than the campaign's.

        Raises Duplicate `duplicate_scenario_name`, Conflict `too_many_scenarios`.
        """
        name = clean_line(name, field="name", longest=100)
        if self._called(name):
            raise Duplicate(f"There is a scenario {name} already.", code="duplicate_scenario_name", field="name")
        if len(self.scenarios) >= MOST_SCENARIOS:
            raise Conflict(f"A plan keeps {MOST_SCENARIOS} scenarios; delete one first.", code="too_many_scenarios")
        campaign.must_accept_plans()
        kept = self._next(campaign, draft, VersionKind.SCENARIO, by, now, made_for)
        self.scenarios = (*self.scenarios, Scenario(kept.number, name))
        return kept, self._saved(kept, name)

    def scenario(self, said: str) -> Scenario:
        """By its name, whatever its case, or its version's number. Raises NotFound `scenario_not_found`."""
        number = int(said) if said.isdecimal() and len(said) < 10 else None
        found = self._called(said) or next((one for one in self.scenarios if one.number == number), None)
        if found is None:
            names = ", ".join(one.name for one in self.scenarios)
            known = f"It has {names}." if names else "It has none yet."
            raise NotFound(f"The plan has no scenario {said}. {known}", code="scenario_not_found", field="scenario")
        return found

    def drop_scenario(self, scenario: Scenario) -> Change:
        self.scenarios = tuple(one for one in self.scenarios if one != scenario)
        self.version += 1
        facts: dict[str, object] = {"number": scenario.number, "name": scenario.name}
        return Change("plan.scenario_deleted", self.id, self.version, before=facts)

    def free_scenario_name(self, name: str) -> str:
        """The name itself, or with the next number that is free: "Workflow result 2"."""
        number = 1
        while self._called(free := name if number == 1 else f"{name} {number}"):
            number += 1
        return free

    @property
    def is_approved(self) -> bool:
        """Whether the current version was. What the campaign has become since is the campaign's to say."""
        return self.approved_number == self.current.number

    def approve(self) -> Change:
        before: dict[str, object] = {"approved_number": self.approved_number}
        self.approved_number = self.current.number
        self.version += 1
        return Change("plan.approved", self.id, self.version, before, {"approved_number": self.approved_number})

    def must_be_at_version(self, expected: int) -> None:
        if expected != self.version:
            raise StaleVersion(
                f"The plan has changed since; it is at version {self.version}, not {expected}.",
                current=self.version,
            )

    def _called(self, name: str) -> Scenario | None:
        return next((one for one in self.scenarios if one.name.casefold() == name.strip().casefold()), None)

    def _next(
        self,
        campaign: Campaign,
        draft: Draft,
        kind: VersionKind,
        by: UserId,
        now: datetime,
        made_for: Standing | None = None,
    ) -> PlanVersion:
        number = self.latest_number + 1
        kept = draft if draft.extension is not None else replace(draft, extension=self.current.extension)
        made = _version(campaign, kept, self.id, number, self.current.number, kind, by, now, made_for)
        self.latest_number = number
        self.version += 1
        return made

    def _saved(self, version: PlanVersion, name: str | None = None) -> Change:
        facts: dict[str, object] = {
            "number": version.number,
            "kind": version.kind,
            "total": str(version.total),
            "reason": version.reason,
            **({"name": name} if name else {}),
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
    made_for: Standing | None = None,
) -> PlanVersion:
    fits = made_for or Standing.of(campaign)
    total = _checked_total(draft.lines, fits.budget)
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
        fits.budget,
        fits.basis,
        fits.flight,
        by,
        now,
        list(draft.lines),
        dict(draft.extension or {}),
    )


def _checked_total(lines: Sequence[PlanLine], budget: Money) -> Money:
    if not lines:
        raise InvalidInput("A plan needs at least one line.", code="no_lines", field="lines")
    if len(lines) > MOST_LINES:
        raise InvalidInput(f"A plan may have {MOST_LINES} lines at most.", code="too_many_lines", field="lines")
    _refuse_doubles(lines)
    total = Money.sum((line.budget for line in lines), budget.currency)
    if total > budget:
        raise InvalidInput(
            f"The lines add up to {total}, which is {total - budget} over the budget of {budget}.",
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
