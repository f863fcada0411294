"""Technical needs of the services, as Protocols. `server` has the drivers, `tests` the in-memory twins."""

from collections.abc import AsyncGenerator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from domain.ids import SessionId, TenantId, TurnId, UserId
from domain.sessions import AgentSession, TurnStatus
from services.budgets import NOTHING, Usage
from services.events import NewEvent, Position, SessionEvent, Snapshot, TextDelta


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, in UTC."""
        ...


class PasswordHasher(Protocol):
    """Slow on purpose; implementations keep it off the event loop."""

    async def hash(self, password: str) -> str: ...
    async def matches(self, password: str, hashed: str) -> bool: ...


class Turn(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: TurnId
    session_id: SessionId
    user_id: UserId
    message: str
    idempotency_key: str
    body_digest: str
    accepted_seq: int  # of its user_message event: turns of a session run in this order
    status: TurnStatus
    created_at: datetime
    attempt: int = 0  # also the fencing token: every claim raises it
    cancel_asked: bool = False  # while it runs: whoever runs it is to end it
    ended_seq: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run one turn, until somebody else takes it over."""

    turn: Turn
    owner: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What the holder of a lease hears when it is extended."""

    cancel_asked: bool


class TurnLedger(Protocol):
    """The turns of one tenant. Part of a unit of work. A turn is added after its first message is in the transcript."""

    async def add(self, turn: Turn) -> None: ...
    async def accept(
        self, turn: Turn, said: "Recorded", events: Sequence[NewEvent], owner: str | None, seconds: float
    ) -> Lease | Turn:
        """Adds a turn with its message, and a note in the outbox that the session is to be looked after so much later.

        With an owner, who has locked the session, it is claimed for them, if no other turn waits there. Of the `events`
        the second is logged only then; the first has the turn's `accepted_seq`.
        """
        ...

    async def get(self, turn_id: TurnId) -> Turn: ...
    async def by_key(self, session_id: SessionId, key: str) -> Turn | None:
        """Locks the key until the transaction ends: the same message a second time waits for the first."""
        ...

    async def heard_up_to(self, session_id: SessionId, before: int) -> int:
        """`accepted_seq` of the latest turn that has run and was accepted below `before`; 0 if there is none."""
        ...

    async def waiting(self, session_id: SessionId) -> bool:
        """Is a turn of this session running or queued?"""
        ...

    async def claim_next(self, session_id: SessionId, owner: str, seconds: float) -> Lease | None:
        """The session's oldest turn that has not ended, unless another owner's lease on it is still good."""
        ...

    async def extend(self, lease: Lease, seconds: float) -> Kept | None:
        """None: somebody else has it."""
        ...

    async def release(self, lease: Lease) -> None:
        """Ends a lease before its time: the turn may be claimed now. Nothing if it is not ours any more."""
        ...

    async def hold(self, lease: Lease) -> AgentSession:
        """Locks the turn and then its session until the transaction ends; gives the session.

        Conflict `lease_lost` if the lease is not ours any more.
        """
        ...

    async def finish(
        self,
        lease: Lease,
        session: AgentSession,
        status: TurnStatus,
        ended: NewEvent,
        error: str | None,
        usage: Usage = NOTHING,
    ) -> tuple[int, bool]:
        """Logs the event and ends the turn there, with what the session from `hold` has become, and with what the graph
        has saved under this lease. Conflict `lease_lost` as from `hold`.

        The event's number, and whether another turn waits in the session; if none does, its wakeup goes.
        """
        ...

    async def cancel_queued(self, turn_id: TurnId, ended_seq: int) -> bool: ...
    async def ask_cancel(self, turn_id: TurnId) -> bool:
        """Leaves a note for whoever runs it, or takes it over. False if it is not running."""
        ...

    async def unfinished(self, session_id: SessionId) -> list[Turn]:
        """Those that wait or run, in order. Locks them until the transaction ends; who else asks waits for it."""
        ...

    async def forget_key(self, turn_id: TurnId) -> None:
        """Another turn of the session may be accepted under its key."""
        ...


class Recorded(BaseModel):
    """One row of the transcript, which is the journal too. `content` is a chat message as plain JSON."""

    model_config = ConfigDict(frozen=True)

    id: str  # "{turn}:{ordinal}", "job:{job}" or "approval:{approval}"
    session_id: SessionId
    turn_id: TurnId | None
    ordinal: int
    role: str  # user | assistant | tool | router
    agent: str | None
    call: int | None = None  # n-th model call of this agent in the turn
    tool_call_id: str | None = None
    content: dict[str, object]
    seq: int = 0  # of the first event written with it; set by the transcript
    created_at: datetime


class Transcript(Protocol):
    """Messages and events of one tenant's sessions. Part of a unit of work."""

    async def record(
        self, message: Recorded, events: Sequence[NewEvent], lease: Lease | None = None
    ) -> list[SessionEvent]:
        """Writes the message with its events (at least one); the events get the session's next numbers.

        With a lease, Conflict `lease_lost` if it is not ours any more; it stays ours until the transaction ends.
        """
        ...

    async def log(self, *events: NewEvent) -> list[SessionEvent]: ...
    async def of_turn(self, turn_id: TurnId) -> list[Recorded]: ...
    async def outside_turns(self, session_id: SessionId, after: int) -> list[Recorded]:
        """What jobs and verdicts posted with a seq above `after`."""
        ...


class WakeupKind(StrEnum):
    TURN = "turn"  # id: the session's; a turn waits or its process may have died
    JOB_START = "job_start"
    JOB_CANCEL = "job_cancel"
    JOB_CHECK = "job_check"  # is the workflow of a job that has not ended still there?
    APPROVAL = "approval"  # an approved request waits to be carried out
    AUDIT_SEAL = "audit_seal"  # id: an audit row's, not in the chain yet
    INVITATION_MAIL = "invitation_mail"
    APPROVAL_ASKED_MAIL = "approval_asked_mail"
    APPROVAL_DECIDED_MAIL = "approval_decided_mail"
    PASSWORD_RESET_MAIL = "password_reset_mail"  # of no tenant: the nil id stands in its place


@dataclass(frozen=True, slots=True)
class Wakeup:
    tenant_id: TenantId
    kind: WakeupKind
    id: UUID
    due_at: datetime  # as the claim left it


class Wakeups(Protocol):
    """The outbox across tenants: which tenant has something due. Rows are written by units of work (`wake`)."""

    async def claim(self, kind: WakeupKind, *, limit: int, retry_after: float) -> list[Wakeup]:
        """Due wakeups, each put off by `retry_after` seconds so that nobody else takes it meanwhile."""
        ...

    async def done(self, wakeup: Wakeup) -> None:
        """Removes it, unless somebody has asked again since the claim (its due_at is another one now)."""
        ...

    async def put_off(self, wakeup: Wakeup, seconds: float) -> None:
        """It comes again then, unless somebody has asked again since the claim."""
        ...


class LiveFeed(Protocol):
    """Passes entries to whoever watches a session now, in any process. It may lose entries; the database doesn't."""

    async def publish(self, entries: Sequence[SessionEvent | TextDelta]) -> None:
        """Entries of one session. Never raises for a feed that is away."""
        ...

    def follow(
        self, tenant_id: TenantId, session_id: SessionId, *, near: bool = False
    ) -> AsyncGenerator[Sequence[SessionEvent | TextDelta], None]:
        """Text deltas that may still be under way, with the start of a turn that was begun here; then all from now on.

        The first batch, possibly empty, comes as soon as nothing can be missed; an empty one at least once a second,
        whether or not the feed can be reached. With `near`, where a turn was begun by this process, what others say may
        be missed until the first empty batch; where none was, that is the first one.
        """
        ...


class SignalKind(StrEnum):
    CANCEL = "cancel"  # id: a turn's; whoever runs it ends it
    WAITING = "waiting"  # id: a session's; a turn waits there that nobody runs


@dataclass(frozen=True, slots=True)
class Signal:
    kind: SignalKind
    tenant_id: TenantId
    id: UUID


class Signals(Protocol):
    """Tells every process something at once. It may lose what it was told; what matters is in the database too."""

    async def announce(self, *signals: Signal) -> None:
        """Never raises for a carrier that is away: this process hears it all the same."""
        ...

    def heard(self) -> AsyncGenerator[Sequence[Signal], None]:
        """Everything from now on. The first batch, possibly empty, comes as soon as nothing can be missed."""
        ...


class EventReader(Protocol):
    async def events_after(
        self, tenant_id: TenantId, session_id: SessionId, position: Position, limit: int
    ) -> list[SessionEvent]: ...

    async def under_way(self, tenant_id: TenantId, session_id: SessionId, seq: int) -> list[SessionEvent]:
        """Up to that event, in order, those of turns that had not ended by it. None where there is no such event."""
        ...

    async def recorded(self, tenant_id: TenantId, session_id: SessionId, message_ids: Collection[str]) -> set[str]:
        """Those of the messages that nothing will be added to: they are in the transcript, or their turn has ended."""
        ...

    async def snapshot(self, tenant_id: TenantId, session_id: SessionId) -> Snapshot | None:
        """None: there is no such session any more."""
        ...
