"""`command.resume`: the verdict on an approval, in the words of LangChain's human-in-the-loop or of our own API."""

from contextlib import aclosing
from typing import Any

import anyio
from pydantic import ValidationError

from domain.approvals import Verdict
from domain.errors import NotFound, Unavailable, Unsupported
from domain.ids import ApprovalId, TurnId
from server.api.langgraph.conversation import Conversation
from server.api.langgraph.threads import Thread
from server.api.langgraph.views import is_run
from services.approvals import Decide
from services.events import Position, SessionEvent
from services.session_views import TurnView

Json = dict[str, Any]
_TOLD_WITHIN = 30.0  # seconds: the verdict waits for a turn that is under way

_DECISIONS = {"approve": Verdict.APPROVED, "accept": Verdict.APPROVED, "reject": Verdict.DENIED}


async def resume(thread: Thread, command: Json) -> TurnView:
    """Decides, and finds the turn that the verdict is told in. Raises what deciding raises, and Unsupported."""
    if unknown := sorted(set(command) - {"resume"}):
        raise Unsupported(
            f"A command can resume, not {unknown[0]}.", code="unsupported_command", field=f"command.{unknown[0]}"
        )
    conversation = await thread.conversation()
    approval_id, decision = _named(command.get("resume"), conversation, thread)
    await thread.application.approvals.decide(thread.actor, approval_id, decision)
    turn_id = await _told_in(thread, conversation, approval_id)
    return await thread.application.queries.turn(thread.actor, turn_id)


def _named(resume: object, conversation: Conversation, thread: Thread) -> tuple[ApprovalId, Decide]:
    waiting = [one["id"] for one in conversation.pending(thread.application.clock.now())]
    if isinstance(resume, dict) and len(resume) == 1 and (named := is_run(next(iter(resume)))):
        if str(named) not in {*waiting, *conversation.told_in}:
            raise NotFound("There is no such approval.", code="approval_not_found")
        return ApprovalId(named), decision_of(next(iter(resume.values())))
    if len(waiting) != 1:
        count = "Several approvals wait: say which" if waiting else "No approval waits"
        raise Unsupported(f"{count}.", code="which_interrupt", field="command.resume")
    named = is_run(waiting[0])
    assert named, "approvals have ids"
    return ApprovalId(named), decision_of(resume)


def decision_of(answer: object) -> Decide:
    """Of "approved", {"verdict": …, "reason": …} or {"decisions": [{"type": "approve" | "reject", "message": …}]}."""
    if isinstance(answer, dict) and isinstance(decisions := answer.get("decisions"), list) and len(decisions) == 1:
        answer = decisions[0]
    if isinstance(answer, dict) and "type" in answer:
        verdict = _DECISIONS.get(str(answer["type"]))
        answer = {"verdict": verdict, "reason": answer.get("message")}
    if isinstance(answer, str):
        answer = {"verdict": answer}
    try:
        return Decide.model_validate(answer)
    except ValidationError as error:
        raise Unsupported(
            "An approval is approved, denied, or approved under conditions.",
            code="unsupported_verdict",
            field="command.resume",
        ) from error


async def _told_in(thread: Thread, conversation: Conversation, approval_id: ApprovalId) -> TurnId:
    """Raises Unavailable `verdict_under_way` if a turn goes on for long: the verdict holds, and is told after it."""
    start = Position(seq=conversation.seq)
    with anyio.move_on_after(_TOLD_WITHIN):
        follow = thread.application.watching.follow(thread.actor.tenant_id, thread.session.id, start)
        async with aclosing(follow) as entries:
            async for seen in entries:
                if seen and isinstance(seen.entry, SessionEvent):
                    conversation.take(seen.entry)
                    if told := conversation.told_in.get(str(approval_id)):
                        return TurnId(told)
    raise Unavailable("The verdict holds; it is told once the present turn has ended.", code="verdict_under_way")
