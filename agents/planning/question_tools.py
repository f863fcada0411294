"""The planning agent's questions: what more would buy, what a goal costs, which line is worth it, who is reached."""

from agents.planning.question_answers import (
    cheapest_text,
    more_block,
    more_text,
    reach_block,
    reach_text,
    returns_block,
    returns_text,
)
from agents.tools import Call, Effect, OfCampaign, Offered, Said, campaign_meant, offer
from domain.tenants import Permission
from services.application import Application
from services.plan_questions import AskCheapest, AskMore
from services.reach_views import AskReach


class More(OfCampaign, AskMore):
    pass


class Cheapest(OfCampaign, AskCheapest):
    pass


class Reach(OfCampaign, AskReach):
    pass


class QuestionTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def what_would_more_buy(self, call: Call[More]) -> Said:
        """What more money would bring beside what every line has, and where it would go; less where negative. Changes
        nothing."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        view = await self._app.plan_questions.more(call.actor, campaign, AskMore.within(asked))
        return Said(more_text(view), more_block(view), campaign)

    async def cheapest_budget(self, call: Call[Cheapest]) -> Said:
        """The cheapest budget that brings an outcome (conversions, clicks, people reached, as the objective counts),
        within limits. Changes nothing."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        view = await self._app.plan_questions.cheapest(call.actor, campaign, AskCheapest.within(asked))
        return Said(cheapest_text(view), about=campaign)

    async def rank_lines(self, call: Call[OfCampaign]) -> Said:
        """Which line is worth more money: what the next 1,000 bring on each. Changes nothing."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        view = await self._app.plan_questions.returns(call.actor, campaign)
        return Said(returns_text(view), returns_block(view), campaign)

    async def show_reach(self, call: Call[Reach]) -> Said:
        """Reach 1+ to 10+, average frequency and GRP of the plan, per line and across lines without counting anybody
        twice; the best frequency; what a frequency cap does."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        view = await self._app.plan_questions.reach(call.actor, campaign, AskReach.within(asked))
        return Said(reach_text(view), reach_block(view), campaign)


def question_tools(agent: str, application: Application) -> list[Offered]:
    do = QuestionTools(application)
    return [
        offer(agent, do.what_would_more_buy, More, Permission.PLAN_READ, Effect.READ),
        offer(agent, do.cheapest_budget, Cheapest, Permission.PLAN_READ, Effect.READ),
        offer(agent, do.rank_lines, OfCampaign, Permission.PLAN_READ, Effect.READ),
        offer(agent, do.show_reach, Reach, Permission.PLAN_READ, Effect.READ),
    ]
