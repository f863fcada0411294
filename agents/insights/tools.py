"""The insights agent's tools, over what exists: plans, their forecasts, and budgets across campaigns."""

from pydantic import Field

from agents.blocks import bar_chart, table
from agents.insights.answers import forecast_block, forecast_text, overview_text, summary_text
from agents.tools import Call, Effect, OfCampaign, Offered, Said, campaign_meant, offer
from domain.tenants import Permission
from services.application import Application
from services.commands import Command
from services.queries import BudgetGrouping

AGENT = "insights"


class Forecast(OfCampaign):
    version: int | None = Field(default=None, ge=1, description="Left out: the current version.")


class Overview(Command):
    group_by: BudgetGrouping = BudgetGrouping.CAMPAIGN


class InsightsTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def plan_summary(self, call: Call[OfCampaign]) -> Said:
        """Summarise a campaign's current plan: budget, split, timing, expected delivery, and a chart of the split."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        plan = await self._app.queries.plan(call.actor, campaign)
        rows: list[dict[str, object]] = [
            {"channel": line.label, "budget": float(line.budget.amount)} for line in plan.lines
        ]
        return Said(summary_text(plan), bar_chart("Budget by channel", "channel", "budget", rows), campaign)

    async def forecast(self, call: Call[Forecast]) -> Said:
        """Impressions, clicks and conversions expected of a plan, line by line."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        plan = await self._app.queries.plan(call.actor, campaign, call.arguments.version)
        return Said(forecast_text(plan), forecast_block(plan), campaign)

    async def budget_overview(self, call: Call[Overview]) -> Said:
        """Budgets and planned money by campaign, channel, month or status."""
        by = call.arguments.group_by
        rows = await self._app.queries.budget_overview(call.actor, by)
        shown = table(
            f"Budget by {by}",
            [
                ("group", by.capitalize(), "left"),
                ("campaigns", "Campaigns", "right"),
                ("budget", "Budget", "right"),
                ("planned", "Planned", "right"),
            ],
            [
                {
                    "group": row.group,
                    "campaigns": str(row.campaigns),
                    "budget": str(row.budget) if row.budget else "–",
                    "planned": str(row.planned),
                }
                for row in rows
            ],
        )
        return Said(overview_text(by, rows), shown)


def insights_tools(application: Application) -> list[Offered]:
    do = InsightsTools(application)
    return [
        offer(AGENT, do.plan_summary, OfCampaign, Permission.PLAN_READ, Effect.READ),
        offer(AGENT, do.forecast, Forecast, Permission.PLAN_READ, Effect.READ),
        offer(AGENT, do.budget_overview, Overview, Permission.CAMPAIGN_READ, Effect.READ),
    ]
