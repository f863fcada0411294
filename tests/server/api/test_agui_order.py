"""Whatever happens in a conversation, clients take a run's stream: by the models, and by the npm client's own check."""

import json
import shutil
import subprocess
from contextlib import aclosing
from pathlib import Path

from ag_ui.core import EventType as Official

from domain.ids import TurnId
from server.api.agui import AguiEncoder, RunName
from server.api.agui_events import Event
from server.api.agui_input import RunInput
from services.events import Gap, Position
from services.watching import Watching
from tests.server.api.agui_log import official
from tests.server.api.agui_worlds import SESSION, TENANT, World

SEEDS = 300
CHECK = Path(__file__).parents[2] / "clients" / "agui_order.mjs"
# What a client can't do without; a block never changes, so there is no delta of one.
SENT = {
    *("RUN_STARTED", "RUN_FINISHED", "RUN_ERROR", "STEP_STARTED", "STEP_FINISHED", "CUSTOM"),
    *("TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END"),
    *("TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_END", "TOOL_CALL_RESULT"),
    *("ACTIVITY_SNAPSHOT", "STATE_SNAPSHOT", "MESSAGES_SNAPSHOT"),
}


async def run_of(seed: int) -> list[Event]:
    """As one reader gets it, who comes when its turn is accepted."""
    world = World(seed)
    turn = world.random.choice(world.turns)
    encoder = AguiEncoder(SESSION, run=RunName(turn, "the run", "the thread"))
    events = [encoder.begin(turn)]
    watched = Watching(world, world).follow(TENANT, SESSION, Position(seq=world.accepted[turn]))  # type: ignore[arg-type]
    async with aclosing(watched) as entries:
        async for seen in entries:
            if seen is None or not _of_run(seen.entry, turn):
                continue
            events += [event for _, event in encoder.encode(seen)]
            if events[-1]["type"] in ("RUN_FINISHED", "RUN_ERROR"):
                return events
            if isinstance(seen.entry, Gap) and turn not in seen.entry.snapshot.unfinished:
                return events  # the stream says from the turn's row how it ended
    raise AssertionError("the turn ends")


def _of_run(entry: object, turn: TurnId) -> bool:
    return isinstance(entry, Gap) or getattr(entry, "turn_id", None) in (None, turn)


def checked(streams: list[list[Event]]) -> list[str | None]:
    """What the stock client has to say against each."""
    node = shutil.which("node")
    assert node, "the stock clients run on node"
    given = "".join(json.dumps(stream) + "\n" for stream in streams)
    ran = subprocess.run([node, CHECK], input=given, capture_output=True, text=True, timeout=120)
    verdicts = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(verdicts) == len(streams), ran.stderr
    return verdicts


async def test_every_stream_is_one_that_clients_take() -> None:
    streams = [await run_of(seed) for seed in range(SEEDS)]
    for event in (event for stream in streams for event in stream):
        model = official.validate_python(event)
        known = {field.alias or name for name, field in type(model).model_fields.items()}
        assert set(event) <= known, event
    assert {event["type"] for stream in streams for event in stream} == SENT
    assert {seed: verdict for seed, verdict in enumerate(checked(streams)) if verdict} == {}


async def test_the_check_can_fail() -> None:
    (verdict,) = checked([(await run_of(1))[1:]])
    assert "First event must be" in str(verdict)


def test_what_the_protocol_lets_a_client_leave_out_may_be_left_out() -> None:
    run = RunInput.model_validate({"threadId": "t", "runId": "r", "messages": []})
    assert (run.said, run.seen, run.resume) == (None, None, None)
    assert {Official(one) for one in SENT} <= set(Official)
