"""Turns: a message is accepted once, run by one process at a time, and ended once.

Accepting writes the turn, its message and a wakeup in one transaction, so a turn whose process dies is found again.
"""

import hashlib
from datetime import datetime, timedelta

from pydantic import BaseModel, Field

from domain.errors import Busy, Conflict, InvalidInput
from domain.ids import SessionId, TurnId, new_id
from domain.sessions import OnBusy, TurnStatus
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.commands import Command
from services.events import EventType, NewEvent
from services.ports import Clock, Lease, Recorded, Turn, WakeupKind
from services.queries import TurnView
from services.sessions import own_session
from services.unit_of_work import Begin


class PostTurn(Command):
    message: str = Field(min_length=1)
    on_busy: OnBusy = OnBusy.ENQUEUE


class Ending(BaseModel):
    """How a turn ended and what it leaves active in its session."""

    status: TurnStatus
    error_code: str | None = None
    error_message: str | None = None
    state: dict[str, object] = Field(default_factory=dict)


class Turns:
    def __init__(self, begin: Begin, clock: Clock, *, lease_seconds: float, message_limit: int) -> None:
        self._begin = begin
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._message_limit = message_limit

    async def accept(
        self, actor: Actor, session_id: SessionId, command: PostTurn, *, key: str | None = None
    ) -> TurnView:
        """The same key with the same body is the same turn; with another body InvalidInput `key_reused`."""
        authorize(actor, Permission.SESSION_USE)
        text = self._readable(command.message)
        digest = hashlib.sha256(text.encode()).hexdigest()
        turn_id = TurnId(new_id())
        async with self._begin(actor) as work:
            session = await own_session(work, actor, session_id)
            if key and (earlier := await work.turns.by_key(session_id, key)):
                return _view(_same_body(earlier, digest))
            if command.on_busy is OnBusy.REJECT and await work.turns.waiting(session_id):
                raise Busy("This conversation is still answering another message.")
            now = self._clock.now()
            (said,) = await work.transcript.record(*_said(session_id, turn_id, text, now))
            turn = Turn(
                id=turn_id,
                session_id=session_id,
                user_id=actor.user_id,
                message=text,
                idempotency_key=key or str(turn_id),
                body_digest=digest,
                accepted_seq=said.seq,
                status=TurnStatus.QUEUED,
                created_at=now,
            )
            await work.turns.add(turn)
            session.name_after(text)
            await work.wake(WakeupKind.TURN, session_id, now + timedelta(seconds=self._lease_seconds))
            return await work.commit(_view(turn))

    async def claim(self, actor: Actor, session_id: SessionId, owner: str) -> Lease | None:
        """The session's next turn, if one waits and nobody runs it. Writes `turn_started`."""
        async with self._begin(actor) as work:
            lease = await work.turns.claim_next(session_id, owner, self._lease_seconds)
            if lease is None:
                return None
            started = NewEvent(
                session_id=session_id,
                turn_id=lease.turn.id,
                type=EventType.TURN_STARTED,
                data={"attempt": lease.turn.attempt},
            )
            await work.transcript.log(started)
            await work.commit(_view(lease.turn))
            return lease

    async def extend(self, actor: Actor, lease: Lease) -> bool:
        async with self._begin(actor) as work:
            kept = await work.turns.extend(lease, self._lease_seconds)
            await work.commit(_view(lease.turn))
            return kept

    async def finish(self, actor: Actor, lease: Lease, ending: Ending) -> TurnView:
        """Writes `turn_ended`, the last event of the turn, and what is active now, in one transaction."""
        async with self._begin(actor) as work:
            await work.turns.hold(lease)
            turn = lease.turn
            session = await work.sessions.get(turn.session_id)
            session.remember(ending.state, self._clock.now())
            (ended,) = await work.transcript.log(_ended(turn, ending))
            await work.turns.finish(lease, ending.status, ended.seq, ending.error_code)
            changed = {"status": ending.status, "error": ending.error_code}
            return await work.commit(_view(turn.model_copy(update=changed)))

    async def cancel(self, actor: Actor, turn_id: TurnId) -> TurnView:
        """Ends a turn that has not started. A running one is stopped by the process that runs it."""
        authorize(actor, Permission.SESSION_USE)
        async with self._begin(actor) as work:
            turn = await work.turns.get(turn_id)
            await own_session(work, actor, turn.session_id)
            if turn.status is not TurnStatus.QUEUED:
                raise Conflict(f"The turn is {turn.status}.", code=f"turn_{turn.status}")
            # The turn before its session, as whoever claims it locks them; it ends where it was accepted.
            if not await work.turns.cancel_queued(turn_id, turn.accepted_seq):
                raise Conflict("The turn has been started meanwhile.", code="turn_running")
            await work.transcript.log(_ended(turn, Ending(status=TurnStatus.CANCELLED)))
            return await work.commit(_view(turn.model_copy(update={"status": TurnStatus.CANCELLED})))

    def _readable(self, message: str) -> str:
        text = message.replace("\x00", "").strip()
        if not text:
            raise InvalidInput("The message is empty.", code="empty", field="message")
        if len(text) > self._message_limit:
            raise InvalidInput(
                f"A message may have {self._message_limit:,} characters; this one has {len(text):,}.",
                code="message_too_long",
                field="message",
            )
        return text


def _said(session_id: SessionId, turn_id: TurnId, text: str, now: datetime) -> tuple[Recorded, list[NewEvent]]:
    message = Recorded(
        id=f"{turn_id}:0",
        session_id=session_id,
        turn_id=turn_id,
        ordinal=0,
        role="user",
        agent=None,
        content={"type": "human", "data": {"content": text}},
        created_at=now,
    )
    event = NewEvent(
        session_id=session_id,
        turn_id=turn_id,
        type=EventType.USER_MESSAGE,
        data={"message_id": message.id, "text": text},
    )
    return message, [event]


def _same_body(turn: Turn, digest: str) -> Turn:
    if turn.body_digest != digest:
        raise InvalidInput(
            "This Idempotency-Key was used for another message.", code="key_reused", field="Idempotency-Key"
        )
    return turn


def _ended(turn: Turn, ending: Ending) -> NewEvent:
    error = {"code": ending.error_code, "message": ending.error_message} if ending.error_code else None
    return NewEvent(
        session_id=turn.session_id,
        turn_id=turn.id,
        type=EventType.TURN_ENDED,
        data={"status": ending.status, "error": error},
    )


def _view(turn: Turn) -> TurnView:
    return TurnView.model_validate(turn, from_attributes=True)
