"""Workflows under way must survive a new version of the code: it has to decide again as the old one did."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from server.temporal.kinds import WORKFLOWS
from server.temporal.workers import BUILD
from tests.server.temporal.record_histories import HISTORIES
from tests.server.temporal.reordered_workflow import ReorderedWorkflow

STORED = sorted(HISTORIES.glob("*.json"))


PLANNING = {"cancelled", "completed", "refused"}


def replayer(*workflows: type) -> Replayer:
    return Replayer(workflows=workflows, data_converter=pydantic_data_converter, build_id=BUILD)


def history(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.stem, path.read_text())


def test_every_ending_is_stored() -> None:
    others = {"export", "sweep", "sweep_refused", "year", "year_refused"}
    assert {path.stem for path in STORED} == PLANNING | others


@pytest.mark.parametrize("path", STORED, ids=lambda path: path.stem)
async def test_a_stored_history_is_replayed(path: Path) -> None:
    await replayer(*WORKFLOWS).replay_workflow(history(path))


@pytest.mark.parametrize("path", [one for one in STORED if one.stem in PLANNING], ids=lambda path: path.stem)
async def test_another_order_of_steps_would_be_noticed(path: Path) -> None:
    with pytest.raises(NondeterminismError):
        await replayer(ReorderedWorkflow).replay_workflow(history(path))
