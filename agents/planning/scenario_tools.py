"""The planning agent's tools for scenarios: save, list, compare, promote, delete."""

from pydantic import Field

from agents.blocks import PlanBlock
from agents.planning.answers import saved_text
from agents.planning.scenario_answers import comparison_block, comparison_text, scenario_text, scenarios_text
from agents.tools import Call, Effect, OfCampaign, Offered, Said, campaign_meant, offer
from domain.tenants import Permission
from services.application import Application
from services.scenarios import MOST_COMPARED, SaveScenario, ScenarioName

AGENT = "planning"


class Save(OfCampaign, SaveScenario):
    pass


class CompareThem(OfCampaign):
    scenarios: list[ScenarioName] = Field(
        default_factory=list, max_length=MOST_COMPARED, description="Names; left out: all scenarios of the plan."
    )


class OneScenario(OfCampaign):
    scenario: ScenarioName = Field(description="Its name.")


class ScenarioTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def save_scenario(self, call: Call[Save]) -> Said:
        """Keep a variation of the plan under a name: a what-if, changed lines, or the plan as it is."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        view = await self._app.scenarios.save(call.actor, campaign, SaveScenario.within(call.arguments))
        return Said(scenario_text("Saved", view) + " The plan itself is unchanged.", about=campaign)

    async def list_scenarios(self, call: Call[OfCampaign]) -> Said:
        """The scenarios that are kept beside a plan."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        return Said(scenarios_text(await self._app.scenarios.list(call.actor, campaign)), about=campaign)

    async def compare_scenarios(self, call: Call[CompareThem]) -> Said:
        """Scenarios side by side with the current plan: spend, outcome, reach, cost per conversion, every line."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        view = await self._app.scenarios.compare(call.actor, campaign, call.arguments.scenarios)
        return Said(comparison_text(view), comparison_block(view), campaign)

    async def promote_scenario(self, call: Call[OneScenario]) -> Said:
        """Make a scenario the plan: its lines become the new current version."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        plan = await self._app.scenarios.promote(call.actor, campaign, call.arguments.scenario)
        return Said(saved_text(plan), PlanBlock(plan=plan), campaign)

    async def delete_scenario(self, call: Call[OneScenario]) -> Said:
        """Delete a scenario. The plan and its versions stay."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        view = await self._app.scenarios.delete(call.actor, campaign, call.arguments.scenario)
        return Said(scenario_text("Deleted", view), about=campaign)


def scenario_tools(application: Application) -> list[Offered]:
    do = ScenarioTools(application)
    return [
        offer(AGENT, do.save_scenario, Save, Permission.PLAN_WRITE, Effect.DRAFT),
        offer(AGENT, do.list_scenarios, OfCampaign, Permission.PLAN_READ, Effect.READ),
        offer(AGENT, do.compare_scenarios, CompareThem, Permission.PLAN_READ, Effect.READ),
        offer(AGENT, do.promote_scenario, OneScenario, Permission.PLAN_WRITE, Effect.DRAFT),
        offer(AGENT, do.delete_scenario, OneScenario, Permission.PLAN_WRITE, Effect.DRAFT),
    ]
