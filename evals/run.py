"""`python -m evals.run`: every case with the model of the settings, and once more with one that does nothing."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from agents.models import ChatModels, chat_models
from agents.runner import TurnRunner
from domain.errors import DomainError
from evals.baseline import PoliteChatModel
from evals.cases import Case, chosen, load_cases
from evals.conversation import talk
from evals.facts import read_facts
from evals.report import Outcome, Report
from evals.scoring import failures
from evals.world import World, open_world
from server.settings import Settings

BASELINE = ChatModels(PoliteChatModel(), None, "baseline")


async def evaluate(world: World, models: ChatModels, cases: Sequence[Case]) -> list[Outcome]:
    """One after the other: every case has its own day, and says its lines alone."""
    async with world.speaking(models) as runner:
        return [await _outcome(world, runner, case) for case in cases]


async def _outcome(world: World, runner: TurnRunner, case: Case) -> Outcome:
    world.calendar.today = datetime.now(UTC).date() if case.today == "now" else case.today
    place = await world.found(case.given)
    tenant_id, session_id = place.actor.tenant_id, place.session_id
    before = await read_facts(world.engine, tenant_id, session_id)
    said = await talk(world.application, runner, place, case.turns)
    after = await read_facts(world.engine, tenant_id, session_id)
    return Outcome(case, said, failures(before, after, said, case.expect))


async def run(settings: Settings, cases: Sequence[Case]) -> Report:
    models = chat_models(settings.model, base_url=settings.model_base_url)
    async with open_world(settings) as world:
        return Report(await evaluate(world, models, cases), await evaluate(world, BASELINE, cases))


def main() -> int:
    """The exit status: 0 if every case passes and the baseline passes at most a quarter."""
    parser = argparse.ArgumentParser(description="Runs the eval cases on a database of their own.")
    parser.add_argument("words", nargs="*", help="only cases with one of these words in their name")
    try:
        cases = chosen(load_cases(), parser.parse_args().words)
        report = asyncio.run(run(Settings(), cases))
    except DomainError as error:
        print(error.message, file=sys.stderr)
        return 1
    for line in report.lines():
        print(line)
    return 0 if report.good and cases else 1


if __name__ == "__main__":
    sys.exit(main())
