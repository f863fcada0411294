"""The verdict comes back into the conversation it was asked for in, as a turn of its own."""

from domain.approvals import Approval, ApprovalStatus
from domain.errors import NotFound
from domain.ids import SessionId, TenantId, TurnId, new_id
from domain.sessions import TurnStatus
from services.access_views import ApprovalView
from services.actor import system_actor
from services.approval_views import event_of, read
from services.events import EventType, NewEvent
from services.ports import Clock, Recorded, Turn
from services.session_views import TurnView
from services.unit_of_work import Begin, UnitOfWork

AGENT = "workspace"  # in whose name it is told
_TOLD = {ApprovalStatus.EXECUTED, ApprovalStatus.FAILED, ApprovalStatus.DENIED, ApprovalStatus.CONDITIONS}


class ApprovalPosts:
    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    async def post(self, tenant_id: TenantId, approval: Approval) -> bool:
        """False while it can't be told yet, as a turn is under way; told once, however often it is asked for.

        The next turn has it in its window: the row is outside of turns, as a job's result is, and nobody ran this one.
        """
        if approval.session_id is None or approval.status not in _TOLD:
            return True
        try:
            return await self._told(tenant_id, approval, approval.session_id)
        except NotFound:  # the conversation was deleted
            return True

    async def _told(self, tenant_id: TenantId, approval: Approval, session_id: SessionId) -> bool:
        async with self._begin(system_actor(tenant_id)) as work:
            key = f"approval {approval.id}"  # with a space, which no client's key has
            if await work.turns.by_key(session_id, key):
                return True
            view = await read(work, approval, self._clock.now())
            turn_id, text = TurnId(new_id()), verdict_text(view)
            started = _event(session_id, turn_id, EventType.TURN_STARTED, {"attempt": 1})
            (first,) = await work.transcript.log(started)
            if await work.turns.waiting(session_id):  # exact: whoever starts a turn needs the conversation's row too
                return False
            last = await self._say(work, session_id, turn_id, view, text)
            turn = Turn(
                id=turn_id,
                session_id=session_id,
                user_id=approval.requested_by,
                message=text,
                idempotency_key=key,
                body_digest=approval.digest,
                accepted_seq=first.seq,
                status=TurnStatus.COMPLETED,
                created_at=self._clock.now(),
                ended_seq=last,
            )
            await work.turns.add(turn)
            await work.commit(TurnView.model_validate(turn))
            return True

    async def _say(
        self, work: UnitOfWork, session_id: SessionId, turn_id: TurnId, view: ApprovalView, text: str
    ) -> int:
        """The number of the last event."""
        block: dict[str, object] = {"kind": "approval", "approval": view.model_dump(mode="json")}
        message = Recorded(
            id=f"approval:{view.id}",
            session_id=session_id,
            turn_id=None,
            ordinal=0,
            role="assistant",
            agent=AGENT,
            content={"type": "ai", "data": {"content": text}, "block": block},
            created_at=self._clock.now(),
        )
        said = {"message_id": message.id, "text": text, "streamed": False, "block": block}
        events = [
            event_of(view, session_id, turn_id, AGENT),
            _event(session_id, turn_id, EventType.MESSAGE, said),
            _event(session_id, turn_id, EventType.TURN_ENDED, {"status": TurnStatus.COMPLETED, "error": None}),
        ]
        return (await work.transcript.record(message, events))[-1].seq


def verdict_text(view: ApprovalView) -> str:
    decider, reason = view.decider or "Nobody", f" Reason: {view.reason}" if view.reason else ""
    match view.status:
        case ApprovalStatus.EXECUTED:
            return f"{decider} approved it, and it is done: {view.title}.{reason}"
        case ApprovalStatus.FAILED:
            return f"{decider} approved it, but it could not be done: {view.title}. {view.outcome}{reason}"
        case ApprovalStatus.CONDITIONS:
            wanted = "; ".join(f"{one.field} has to be {one.required} ({one.reason})" for one in view.conditions)
            return f"{decider} would approve it otherwise: {view.title}. The conditions: {wanted}.{reason}"
        case _:
            return f"{decider} denied it: {view.title}.{reason}"


def _event(session_id: SessionId, turn_id: TurnId, type: EventType, data: dict[str, object]) -> NewEvent:
    agent = AGENT if type is EventType.MESSAGE else None
    return NewEvent(session_id=session_id, turn_id=turn_id, agent=agent, type=type, data=data)
