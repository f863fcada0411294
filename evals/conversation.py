"""Says a case's lines in a session of the real product, one after the other, and notes what came back."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.offline.window import TRANSFER
from agents.runner import TurnRunner
from domain.approvals import ApprovalStatus
from domain.ids import SessionId, TurnId, UserId
from domain.sessions import TurnStatus
from evals.cases import Verdict
from services.access_views import ApprovalFilter
from services.actor import Actor
from services.application import Application
from services.approvals import Decide, WantedCondition
from services.events import EventType, Position, SessionEvent
from services.ports import Recorded
from services.read_models import PageRequest
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


@dataclass(frozen=True)
class Place:
    """A person in a new tenant, their conversation, and everybody who is there, by name."""

    actor: Actor
    session_id: SessionId
    people: Mapping[str, UserId]


async def talk(
    application: Application, runner: TurnRunner, place: Place, lines: Sequence[str | Verdict]
) -> list[Talk]:
    return [
        await _decided(application, place, line)
        if isinstance(line, Verdict)
        else await _turn(application, runner, place.actor, place.session_id, line)
        for line in lines
    ]


async def _decided(application: Application, place: Place, verdict: Verdict) -> Talk:
    """What the conversation is told of it; nothing where nothing waits."""
    started = time.monotonic()
    decider = await application.sign_in.enter(place.people[verdict.by], place.actor.tenant_id)
    wanted = ApprovalFilter(status=ApprovalStatus.PENDING)
    waiting = (await application.queries.approvals(decider, wanted, PageRequest(limit=1))).items
    for approval in waiting:
        conditions = [
            WantedCondition(field=field, required=required, reason="as agreed")
            for field, required in verdict.conditions.items()
        ]
        command = Decide(verdict=verdict.decides, reason=verdict.reason, conditions=conditions)
        await application.approvals.decide(decider, approval.id, command)
    async with application.begin(place.actor) as work:
        posted = await work.transcript.outside_turns(place.session_id, 0)
    told = str(_data(posted[-1])["content"]) if posted and waiting else ""
    return Talk(TurnStatus.COMPLETED, told, [], [], 0, 0, time.monotonic() - started)


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
