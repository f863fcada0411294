"""The planning agent's tools for long work: budgets side by side, a plan by periods."""

from agents.tools import Call, Effect, OfCampaign, Offered, Said, campaign_meant, offer
from domain.tenants import Permission
from services.application import Application
from services.sweep_job import SweepBudgets
from services.year_job import PlanYear

AGENT = "planning"


class Sweep(OfCampaign, SweepBudgets):
    pass


class Year(OfCampaign, PlanYear):
    pass


class JobTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def sweep_budgets(self, call: Call[Sweep]) -> Said:
        """Compare several budgets in the background, each with its best plan: outcome, cost, marginal return."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        command = SweepBudgets.within(call.arguments)
        await self._app.sweep_job.start(call.actor, campaign, command, session_id=call.session_id)
        budgets = ", ".join(str(budget) for budget in command.budgets())
        return Said(f"Comparing {budgets} in the background; the table will be posted here.", about=campaign)

    async def plan_year(self, call: Call[Year]) -> Said:
        """Find the best plan by months or weeks over the campaign's flight, with seasons; kept as a scenario."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        command = PlanYear.within(call.arguments)
        await self._app.year_job.start(call.actor, campaign, command, session_id=call.session_id)
        text = (
            f"Planning by {command.by.value} in the background; the result will be kept as a scenario and posted here."
        )
        return Said(text, about=campaign)


def job_tools(application: Application) -> list[Offered]:
    do = JobTools(application)
    return [
        offer(AGENT, do.sweep_budgets, Sweep, Permission.JOB_RUN, Effect.DRAFT),
        offer(AGENT, do.plan_year, Year, Permission.PLAN_WRITE, Effect.DRAFT),
    ]
