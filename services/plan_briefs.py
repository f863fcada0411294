"""The brief a plan is made from, gathered in the transaction that uses it."""

from domain.advertisers import AdvertiserTerms
from domain.campaigns import Campaign
from domain.planning.curves.own_figures import benchmarks_on
from domain.plans.brief import PlanningBrief
from services.unit_of_work import UnitOfWork


async def planning_brief(work: UnitOfWork, campaign: Campaign) -> PlanningBrief:
    """A campaign that belongs to no advertiser is planned on the usual terms."""
    settings = (await work.members.profile()).settings
    own = await work.benchmarks.in_currency(campaign.budget.currency)
    belongs = campaign.advertiser_id
    advertiser = await work.advertisers.get(belongs) if belongs else None
    return PlanningBrief(
        campaign,
        benchmarks_on((override.own for override in own), campaign.flight.start),
        advertiser.terms if advertiser else AdvertiserTerms(),
        settings.week_start.number,
        tuple(await work.curves.speaking_for(campaign)),
        advertiser.name if advertiser else None,
    )
