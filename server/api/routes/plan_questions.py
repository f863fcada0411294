"""Questions about a plan. Each is answered from the plan as it is and changes nothing."""

from typing import Annotated

from fastapi import APIRouter, Body, Query

from domain.ids import CampaignId, PlanId
from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import PlanPath
from services.actor import Actor
from services.application import Application
from services.plan_questions import AskCheapest, AskMore
from services.question_views import CheapestView, MoreView, ReturnsView
from services.reach_views import AskReach, ReachView

router = APIRouter(prefix="/plans/{plan_id}", tags=["plan questions"])

_MORE = {
    "percent": {"summary": "What would 10 % more buy?", "value": {"percent": "10"}},
    "less": {
        "summary": "Where would 20,000 less be missed least?",
        "value": {"amount": {"amount": "-20000.00", "currency": "USD"}},
    },
}
_CHEAPEST = {
    "leads": {
        "summary": "The cheapest budget for 2,000 leads, a fifth of it on search at least",
        "value": {"outcome": "2000", "minimums": [{"channel": "search", "percent": "20"}]},
    }
}
Asked = Annotated[AskReach, Query()]


@router.post("/questions/more")
async def what_would_more_buy(
    actor: Acting,
    application: TheApplication,
    plan_id: PlanPath,
    command: Annotated[AskMore, Body(openapi_examples=_MORE)],
) -> MoreView:
    """More money beside what every line has, spent where it does most."""
    return await application.plan_questions.more(actor, await _campaign_of(application, actor, plan_id), command)


@router.post("/questions/cheapest-budget")
async def find_cheapest_budget(
    actor: Acting,
    application: TheApplication,
    plan_id: PlanPath,
    command: Annotated[AskCheapest, Body(openapi_examples=_CHEAPEST)],
) -> CheapestView:
    """The smallest budget for an outcome; it may be above the campaign's."""
    return await application.plan_questions.cheapest(actor, await _campaign_of(application, actor, plan_id), command)


@router.get("/questions/returns")
async def rank_lines(actor: Acting, application: TheApplication, plan_id: PlanPath) -> ReturnsView:
    """Which line is worth more money."""
    return await application.plan_questions.returns(actor, await _campaign_of(application, actor, plan_id))


@router.get("/reach")
async def get_reach(actor: Acting, application: TheApplication, plan_id: PlanPath, asked: Asked) -> ReachView:
    """Reach 1+ to 10+, frequency and GRP, per line and across lines; nobody is counted twice."""
    return await application.plan_questions.reach(actor, await _campaign_of(application, actor, plan_id), asked)


async def _campaign_of(application: Application, actor: Actor, plan_id: PlanId) -> CampaignId:
    return (await application.queries.plan_by_id(actor, plan_id)).campaign_id
