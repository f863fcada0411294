"""Says a case's lines in a session of the real product, one after the other, and notes what came back."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from agents.offline.window import TRANSFER
from agents.runner import TurnRunner
from domain.ids import SessionId, TurnId
from domain.sessions import TurnStatus
from services.actor import Actor
from services.application import Application
from services.events import EventType, Position, SessionEvent
from services.ports import Recorded
from services.turns import PostTurn

_REFUSED = re.compile(r"Refused \((\w+)")


@dataclass(frozen=True)
class Talk:
    """One turn: what was done and said in it. `tools` are the calls in order, without handoffs."""

    status: TurnStatus
    answer: str
    tools: Sequence[str]
    refused: Sequence[str]  # codes
    model_calls: int
    tool_calls: int  # handoffs included
    seconds: float


async def talk(
    application: Application, runner: TurnRunner, actor: Actor, session_id: SessionId, lines: Sequence[str]
) -> list[Talk]:
    return [await _turn(application, runner, actor, session_id, line) for line in lines]


async def _turn(application: Application, runner: TurnRunner, actor: Actor, session_id: SessionId, line: str) -> Talk:
    started = time.monotonic()
    turn = await application.turns.accept(actor, session_id, PostTurn(message=line))
    runner.poke(actor.tenant_id, session_id)
    status = await _ended(application, actor, session_id, turn.id, turn.accepted_seq)
    seconds = time.monotonic() - started
    async with application.begin(actor) as work:
        rows = await work.transcript.of_turn(turn.id)
    return _noted(status, rows, seconds)


async def _ended(
    application: Application, actor: Actor, session_id: SessionId, turn_id: TurnId, accepted_seq: int
) -> TurnStatus:
    events = application.watching.follow(actor.tenant_id, session_id, Position(seq=accepted_seq))
    async for seen in events:
        entry = seen.entry if seen else None
        if isinstance(entry, SessionEvent) and entry.type is EventType.TURN_ENDED and entry.turn_id == turn_id:
            return TurnStatus(str(entry.data["status"]))
    raise AssertionError("a session is followed without end")


def _noted(status: TurnStatus, rows: Sequence[Recorded], seconds: float) -> Talk:
    called = [_data(row) for row in rows if row.role == "tool"]
    answers = [str(_data(row)["content"]) for row in rows if row.role == "assistant"]
    refusals = [_REFUSED.search(str(result["content"])) for result in called if result.get("status") == "error"]
    return Talk(
        status=status,
        answer="\n".join(filter(None, answers)),
        tools=[name for result in called if not (name := str(result["name"])).startswith(TRANSFER)],
        refused=[found[1] if found else "error" for found in refusals],
        model_calls=sum(row.call is not None for row in rows),
        tool_calls=len(called),
        seconds=seconds,
    )


def _data(row: Recorded) -> dict[str, object]:
    data = row.content["data"]
    assert isinstance(data, dict), "a recorded message is a chat message as JSON"
    return data
