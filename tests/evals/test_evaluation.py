"""A few cases end to end on the suite's own parts: they pass with the offline model and fail with none at work."""

from collections.abc import AsyncIterator

import pytest

from agents.models import chat_models
from evals.cases import chosen, load_cases
from evals.report import Report
from evals.run import BASELINE, evaluate
from evals.world import World, open_world
from server.settings import Settings

CASES = (
    "create-in-one-sentence",
    "ambiguous-name",
    "create-as-a-viewer",
    "optimize-with-a-kept-line",
    "forecast-a",
    "verdict-comes-back",
    "two-members-of-one-name",
    "nothing-is-sent-after-foreign-text",
)


@pytest.fixture(scope="module")
async def world(app_url: str, redis_url: str) -> AsyncIterator[World]:
    async with open_world(Settings(database_url=app_url, redis_url=redis_url)) as world:
        yield world


async def test_cases_measure_what_is_done(world: World) -> None:
    cases = chosen(load_cases(), CASES)
    report = Report(await evaluate(world, chat_models("offline"), cases), await evaluate(world, BASELINE, cases))
    assert report.good, "\n".join(report.lines())
    assert report.baseline_passed == 0
    assert report.model_calls_per_tool_turn == 2.0
