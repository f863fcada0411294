"""Turns: a message is accepted once, run by one process at a time, and ended once.

Accepting writes the turn, its message and a wakeup in one transaction, so a turn whose process dies is found again.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel, Field

from domain.errors import Busy, Conflict, InvalidInput, KeyReused
from domain.ids import FileId, SessionId, TurnId, new_id
from domain.sessions import OnBusy, TurnStatus
from domain.tenants import Permission
from services.access_views import ApprovalView
from services.actor import Actor, authorize
from services.approval_views import read, waiting_for
from services.attachments import MOST, attach, noted
from services.budgets import NOTHING, Usage
from services.commands import Command
from services.events import EventType, NewEvent
from services.ports import Clock, Kept, Lease, Recorded, Signal, SignalKind, Signals, Turn, WakeupKind
from services.session_views import TurnView
from services.sessions import own_session
from services.unit_of_work import Begin, UnitOfWork

KEYS_LIVE = timedelta(hours=24)


class PostTurn(Command):
    message: str = Field(min_length=1)
    on_busy: OnBusy = OnBusy.ENQUEUE
    files: list[FileId] = Field(default_factory=list, max_length=MOST, description="What comes with the message.")


class Ending(BaseModel):
    """How a turn ended and what it leaves active in its session."""

    status: TurnStatus
    error_code: str | None = None
    error_message: str | None = None
    state: dict[str, object] = Field(default_factory=dict)
    usage: Usage = NOTHING


@dataclass(frozen=True, slots=True)
class Begun:
    """A turn that was accepted; with its lease, where it was claimed, and with what was said."""

    turn: TurnView
    lease: Lease | None = None
    said: Recorded | None = None


class Ended(BaseModel):
    turn: TurnView
    another_waits: bool  # in the same conversation


class HandedOver(BaseModel):
    session_id: SessionId


class Turns:
    def __init__(
        self, begin: Begin, clock: Clock, signals: Signals, *, lease_seconds: float, message_limit: int
    ) -> None:
        self._begin = begin
        self._clock = clock
        self._signals = signals
        self._lease_seconds = lease_seconds
        self._message_limit = message_limit

    async def accept(
        self, actor: Actor, session_id: SessionId, command: PostTurn, *, key: str | None = None
    ) -> TurnView:
        """The same key with the same body is the same turn for a day; with another body KeyReused.

        Raises NotFound `file_not_found` for a file that the actor may not read.
        """
        return (await self.begin(actor, session_id, command, key=key)).turn

    async def begin(
        self,
        actor: Actor,
        session_id: SessionId,
        command: PostTurn,
        *,
        key: str | None = None,
        owner: str | None = None,
    ) -> Begun:
        """As `accept`; and where nothing else waits in the conversation the turn is claimed for the owner at once."""
        authorize(actor, Permission.SESSION_USE)
        text = self._readable(command.message)
        digest = _digest(text, command.files)
        turn_id, now = TurnId(new_id()), self._clock.now()
        async with self._begin(actor) as work:
            # Who interrupts locks the turns before the session, as whoever runs them does.
            claims = owner is not None and command.on_busy is not OnBusy.INTERRUPT
            session = await own_session(work, actor, session_id, locked=claims)
            if key and (earlier := await _accepted_before(work, session_id, key, now)):
                return Begun(_view(_same_body(earlier, digest)))
            files = noted(await attach(work, actor, command.files, now))
            stopped = await self._make_way(work, session_id, command.on_busy)
            message, event = _said(session_id, turn_id, text, files, now)
            session.name_after(text)
            turn, events = _queued(message, actor, text, key, digest), [event, _started(session_id, turn_id)]
            whose = owner if claims else None
            accepted = await work.turns.accept(turn, message, events, whose, self._lease_seconds)
            lease, turn = (accepted, accepted.turn) if isinstance(accepted, Lease) else (None, accepted)
            view = await work.commit(_view(turn))
        await self._signals.announce(*(Signal(SignalKind.CANCEL, actor.tenant_id, one) for one in stopped))
        return Begun(view, lease, message.model_copy(update={"seq": turn.accepted_seq}))

    async def claim(self, actor: Actor, session_id: SessionId, owner: str) -> Lease | None:
        """The session's next turn, if one waits and nobody runs it. Writes `turn_started`."""
        async with self._begin(actor) as work:
            lease = await work.turns.claim_next(session_id, owner, self._lease_seconds)
            if lease is None:
                return None
            await work.transcript.log(_started(session_id, lease.turn.id, lease.turn.attempt))
            await work.commit(_view(lease.turn))
            return lease

    async def extend(self, actor: Actor, lease: Lease) -> Kept | None:
        async with self._begin(actor) as work:
            kept = await work.turns.extend(lease, self._lease_seconds)
            await work.commit(_view(lease.turn))
            return kept

    async def release(self, actor: Actor, lease: Lease) -> None:
        """Whoever claims the session's next turn may have it now."""
        async with self._begin(actor) as work:
            await work.turns.release(lease)
            await work.commit(_view(lease.turn))

    async def hand_over(self, actor: Actor, session_id: SessionId) -> None:
        """Whatever waits in the session is for another process: they are told, and find it if they don't hear."""
        async with self._begin(actor) as work:
            await work.wake(WakeupKind.TURN, session_id, self._clock.now())
            await work.commit(HandedOver(session_id=session_id))
        await self._signals.announce(Signal(SignalKind.WAITING, actor.tenant_id, session_id))

    async def finish(self, actor: Actor, lease: Lease, ending: Ending) -> Ended:
        """Writes `turn_ended`, the last event of the turn, and what is active now, in one transaction.

        A completed turn that asked for an approval waits for it instead; its session does not.
        """
        async with self._begin(actor) as work:
            session = await work.turns.hold(lease)
            turn, now = lease.turn, self._clock.now()
            session.remember(ending.state, now)
            asks = ending.status is TurnStatus.COMPLETED and ending.usage.tool_calls > 0
            asked = await work.approvals.asked_in(turn.id) if asks else []
            awaited = [await read(work, approval, now) for approval in asked]
            status = TurnStatus.AWAITING_APPROVAL if awaited else ending.status
            ended = _ended(turn, ending, status, awaited)
            seq, waits = await work.turns.finish(lease, session, status, ended, ending.error_code, ending.usage)
            changed = {"status": status, "error": ending.error_code, "ended_seq": seq}
            view = _view(turn.model_copy(update=changed))
            return await work.commit(Ended(turn=view, another_waits=waits))

    async def cancel(self, actor: Actor, turn_id: TurnId) -> TurnView:
        """Ends a turn that has not started. A running one is ended by whoever runs it, as soon as they hear of it.

        Raises Conflict `turn_completed`, `turn_failed` … for one that has ended.
        """
        authorize(actor, Permission.SESSION_USE)
        async with self._begin(actor) as work:
            turn = await work.turns.get(turn_id)
            await own_session(work, actor, turn.session_id)
            if await _cancel_queued(work, turn):
                return await work.commit(_view(turn.model_copy(update={"status": TurnStatus.CANCELLED})))
            if not await work.turns.ask_cancel(turn_id):
                status = (await work.turns.get(turn_id)).status
                raise Conflict(f"The turn is {status}.", code=f"turn_{status}")
            view = await work.commit(_view(turn.model_copy(update={"status": TurnStatus.RUNNING})))
        await self._signals.announce(Signal(SignalKind.CANCEL, actor.tenant_id, turn_id))
        return view

    async def _make_way(self, work: UnitOfWork, session_id: SessionId, on_busy: OnBusy) -> list[TurnId]:
        """What was asked before a message that interrupts ends; the running turns that are to be told."""
        if on_busy is OnBusy.REJECT and await work.turns.waiting(session_id):
            raise Busy("This conversation is still answering another message.")
        if on_busy is not OnBusy.INTERRUPT:
            return []
        before = await work.turns.unfinished(session_id)
        return [
            turn.id for turn in before if not await _cancel_queued(work, turn) and await work.turns.ask_cancel(turn.id)
        ]

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


async def _cancel_queued(work: UnitOfWork, turn: Turn) -> bool:
    """The turn before its session, as whoever claims it locks them; it ends where it was accepted."""
    if not await work.turns.cancel_queued(turn.id, turn.accepted_seq):
        return False
    ended = _ended(turn, Ending(status=TurnStatus.CANCELLED), TurnStatus.CANCELLED)
    await work.transcript.log(ended.model_copy(update={"data": {**ended.data, "started": False}}))
    return True


async def _accepted_before(work: UnitOfWork, session_id: SessionId, key: str, now: datetime) -> Turn | None:
    """A key of yesterday means nothing any more."""
    earlier = await work.turns.by_key(session_id, key)
    if earlier and earlier.created_at <= now - KEYS_LIVE:
        await work.turns.forget_key(earlier.id)
        return None
    return earlier


def _digest(text: str, files: Sequence[FileId]) -> str:
    named = [text, *map(str, files)]
    return hashlib.sha256("\x00".join(named).encode()).hexdigest()  # no message has that character


def _said(
    session_id: SessionId, turn_id: TurnId, text: str, files: Mapping[str, object], now: datetime
) -> tuple[Recorded, NewEvent]:
    kept = {"additional_kwargs": dict(files)} if files else {}
    message = Recorded(
        id=f"{turn_id}:0",
        session_id=session_id,
        turn_id=turn_id,
        ordinal=0,
        role="user",
        agent=None,
        content={"type": "human", "data": {"content": text, **kept}},
        created_at=now,
    )
    event = NewEvent(
        session_id=session_id,
        turn_id=turn_id,
        type=EventType.USER_MESSAGE,
        data={"message_id": message.id, "text": text, **files},
    )
    return message, event


def _queued(said: Recorded, actor: Actor, text: str, key: str | None, digest: str) -> Turn:
    assert said.turn_id, "the message of a turn"
    return Turn(
        id=said.turn_id,
        session_id=said.session_id,
        user_id=actor.user_id,
        message=text,
        idempotency_key=key or str(said.turn_id),
        body_digest=digest,
        accepted_seq=0,  # until it is accepted
        status=TurnStatus.QUEUED,
        created_at=said.created_at,
    )


def _started(session_id: SessionId, turn_id: TurnId, attempt: int = 1) -> NewEvent:
    data: dict[str, object] = {"attempt": attempt}
    return NewEvent(session_id=session_id, turn_id=turn_id, type=EventType.TURN_STARTED, data=data)


def _same_body(turn: Turn, digest: str) -> Turn:
    if turn.body_digest != digest:
        raise KeyReused("This Idempotency-Key was used for another message.", field="Idempotency-Key")
    return turn


def _ended(turn: Turn, ending: Ending, status: TurnStatus, waits: Sequence[ApprovalView] = ()) -> NewEvent:
    error = {"code": ending.error_code, "message": ending.error_message} if ending.error_code else None
    data: dict[str, object] = {"status": status, "error": error}
    if waits:
        data["approvals"] = [waiting_for(view) for view in waits]
    return NewEvent(
        session_id=turn.session_id,
        turn_id=turn.id,
        type=EventType.TURN_ENDED,
        data=data,
    )


def _view(turn: Turn) -> TurnView:
    return TurnView.model_validate(turn, from_attributes=True)
