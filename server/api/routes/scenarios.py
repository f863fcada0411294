"""Scenarios of a plan: kept beside it, side by side, made current, deleted."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response

from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import PlanPath
from server.api.routes.plans import campaign_of, made
from server.api.versions import Expected
from services.queries import PlanView
from services.scenario_views import ScenarioComparison, ScenarioList, ScenarioView
from services.scenarios import MOST_COMPARED, SaveScenario

router = APIRouter(prefix="/plans/{plan_id}/scenarios", tags=["scenarios"])

Number = Annotated[int, Path(ge=1, le=1_000_000, description="Of the scenario's version.")]
Wanted = Annotated[
    list[str] | None,
    Query(max_length=MOST_COMPARED, description="Names or numbers; left out: all scenarios of the plan."),
]

_SCENARIO = {
    "what_if": {
        "summary": "The optimum with a fifth less",
        "value": {"name": "A fifth less", "budget_percent": "-20", "keep": ["ctv"]},
    },
    "changes": {
        "summary": "The plan with 20,000 less on search",
        "value": {
            "name": "Less search",
            "changes": [
                {"channel": "search", "action": "decrease", "amount": {"amount": "20000.00", "currency": "USD"}}
            ],
        },
    },
}


@router.get("")
async def list_scenarios(actor: Acting, application: TheApplication, plan_id: PlanPath) -> ScenarioList:
    return await application.scenarios.list(actor, await campaign_of(application, actor, plan_id))


@router.post("", status_code=201)
async def save_scenario(
    actor: Acting,
    application: TheApplication,
    plan_id: PlanPath,
    command: Annotated[SaveScenario, Body(openapi_examples=_SCENARIO)],
    expected: Expected,
) -> ScenarioView:
    """The current plan stays as it is."""
    campaign_id = await campaign_of(application, actor, plan_id)
    return await application.scenarios.save(actor, campaign_id, command, expected=expected)


@router.get("/comparison")
async def compare_scenarios(
    actor: Acting, application: TheApplication, plan_id: PlanPath, scenario: Wanted = None
) -> ScenarioComparison:
    """Side by side with the current plan."""
    return await application.scenarios.compare(actor, await campaign_of(application, actor, plan_id), scenario or ())


@router.post("/{number}/promotion", status_code=201)
async def promote_scenario(
    actor: Acting,
    application: TheApplication,
    response: Response,
    plan_id: PlanPath,
    number: Number,
    expected: Expected,
) -> PlanView:
    """Its lines become a new current version."""
    campaign_id = await campaign_of(application, actor, plan_id)
    plan = await application.scenarios.promote(actor, campaign_id, str(number), expected=expected)
    return made(actor, response, plan)


@router.delete("/{number}")
async def delete_scenario(
    actor: Acting, application: TheApplication, plan_id: PlanPath, number: Number, expected: Expected
) -> ScenarioView:
    campaign_id = await campaign_of(application, actor, plan_id)
    return await application.scenarios.delete(actor, campaign_id, str(number), expected=expected)
