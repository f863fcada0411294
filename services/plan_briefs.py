"""The brief a plan is made from, gathered in the transaction that uses it."""

from domain.campaigns import Campaign
from domain.plan_brief import PlanningBrief
from services.unit_of_work import UnitOfWork


async def planning_brief(work: UnitOfWork, campaign: Campaign) -> PlanningBrief:
    settings = (await work.members.profile()).settings
    return PlanningBrief(campaign, first_weekday=settings.week_start.number)
