"""Scenarios: variations of a plan under names, kept beside it, compared side by side, and made current if wanted."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from domain.errors import Conflict, InvalidInput
from domain.ids import CampaignId
from domain.plans.brief import PlanningBrief
from domain.plans.carrying import as_it_was, same_lines
from domain.plans.media_plans import Draft, MediaPlan, PlanVersion, Scenario, Standing
from domain.plans.revision import revised_draft
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.plan_commands import LineEdit, WhatIf
from services.plan_saving import planned, save_version
from services.plans import best_within, other_budget
from services.ports import Clock
from services.queries import PlanView
from services.scenario_views import (
    ScenarioComparison,
    ScenarioList,
    ScenarioView,
    scenario_comparison,
    scenario_view,
)
from services.unit_of_work import Begin, UnitOfWork

MOST_COMPARED = 20
ScenarioName = Annotated[str, Field(min_length=1, max_length=100)]


class SaveScenario(WhatIf):
    """The optimum under these conditions, or the current plan with these changes; with neither, the plan as it is."""

    name: ScenarioName
    changes: list[LineEdit] = Field(default_factory=list, max_length=500)


class Scenarios:
    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    async def save(
        self, actor: Actor, campaign_id: CampaignId, command: SaveScenario, *, expected: int | None = None
    ) -> ScenarioView:
        """Raises Duplicate `duplicate_scenario_name`, Conflict `too_many_scenarios`, and what a what-if refuses."""
        authorize(actor, Permission.PLAN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(ScenarioView):
                return done
            brief, plan = await planned(work, campaign_id, expected)
            draft, made_for = _drafted(brief, plan, command)
            now = self._clock.now()
            version, saved = plan.keep_scenario(
                command.name, brief.campaign, draft, made_for, by=actor.user_id, now=now
            )
            work.plans.keep(version)
            view = scenario_view(brief, plan.scenario(command.name), version)
            return await work.commit(view, saved)

    async def list(self, actor: Actor, campaign_id: CampaignId) -> ScenarioList:
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            brief, plan = await planned(work, campaign_id)
            found = await _versions(work, plan, plan.scenarios)
            return ScenarioList(items=[scenario_view(brief, one, version) for one, version in found])

    async def compare(self, actor: Actor, campaign_id: CampaignId, names: Sequence[str]) -> ScenarioComparison:
        """Side by side with the current plan; without names: all of them. Raises Conflict `no_scenarios`."""
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            brief, plan = await planned(work, campaign_id)
            wanted = tuple(dict.fromkeys(plan.scenario(name) for name in names)) or plan.scenarios
            if not wanted:
                raise Conflict("The plan has no scenarios yet; save one first.", code="no_scenarios")
            if len(wanted) > MOST_COMPARED:
                raise InvalidInput(
                    f"At most {MOST_COMPARED} scenarios are compared at once; name some of the {len(wanted)}.",
                    code="too_many_scenarios",
                    field="scenarios",
                )
            return scenario_comparison(brief, plan.current, await _versions(work, plan, wanted))

    async def promote(
        self, actor: Actor, campaign_id: CampaignId, name: str, *, expected: int | None = None
    ) -> PlanView:
        """Its lines as the new current version, checked against the campaign of today."""
        authorize(actor, Permission.PLAN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(PlanView):
                return done
            brief, plan = await planned(work, campaign_id, expected)
            scenario = plan.scenario(name)
            version = await work.plans.version(plan, scenario.number)
            draft = as_it_was(brief.campaign, version, f"promoted scenario {scenario.name}")
            draft = replace(draft, explanation=version.explanation)
            return await save_version(work, actor, brief, plan, draft, self._clock.now())

    async def delete(
        self, actor: Actor, campaign_id: CampaignId, name: str, *, expected: int | None = None
    ) -> ScenarioView:
        """Takes the name away. What was promoted from it stays."""
        authorize(actor, Permission.PLAN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(ScenarioView):
                return done
            brief, plan = await planned(work, campaign_id, expected)
            scenario = plan.scenario(name)
            version = await work.plans.version(plan, scenario.number)
            dropped = plan.drop_scenario(scenario)
            return await work.commit(scenario_view(brief, scenario, version), dropped)


def _drafted(brief: PlanningBrief, plan: MediaPlan, command: SaveScenario) -> tuple[Draft, Standing]:
    conditions = WhatIf.within(command)
    tried = conditions != WhatIf()
    if tried and command.changes:
        raise InvalidInput(
            "A scenario is an optimum under conditions or a plan with changes, not both.",
            code="conditions_and_changes",
            field="changes",
        )
    if not tried and not command.changes:
        return same_lines(plan.current, "saved from the plan"), plan.current.standing
    standing = Standing.of(brief.campaign)
    if command.changes:
        changes = [edit.change(brief.currency) for edit in command.changes]
        return revised_draft(brief, plan.current, changes), standing
    budget = other_budget(brief.campaign.budget, conditions)
    return best_within(brief, plan, conditions, budget, "what if").draft, replace(standing, budget=budget)


async def _versions(
    work: UnitOfWork, plan: MediaPlan, scenarios: tuple[Scenario, ...]
) -> list[tuple[Scenario, PlanVersion]]:
    found = {version.number: version for version in await work.plans.versions(plan, [one.number for one in scenarios])}
    return [(one, found[one.number]) for one in scenarios]
