"""The session's event log: what happened, in order, for whoever watches now or later.

Durable events have a `seq` without gaps. A text delta is the part of a message that has not been recorded yet; it is
lost without harm, since the durable `message` event carries the whole text.
"""

import re
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from domain.ids import SessionId, TenantId, TurnId
from services.session_views import MessageView, SessionView


class EventType(StrEnum):
    USER_MESSAGE = "user_message"  # {message_id, text, files?}
    TURN_STARTED = "turn_started"  # {attempt}
    ROUTED = "routed"  # {agent}: a model was asked who should answer
    SUMMARISED = "summarised"  # {messages}: that many of the oldest left the window for a summary
    AGENT_STARTED = "agent_started"  # {}
    MESSAGE = "message"  # {message_id, text, streamed, attempt?, block?}
    TOOL_CALL = "tool_call"  # {id, name, arguments, message_id}
    TOOL_RESULT = "tool_result"  # {id, name, text, refused, block}
    APPROVAL = "approval"  # {approval_id, status, title, amount, currency, requested_by, expires_at, outcome}
    JOB = "job"  # {job_id, kind, status, step, percent}
    # {status, error: {code, message} | null, approvals?: [{approval_id, title, expires_at}], started?: false}
    TURN_ENDED = "turn_ended"


class NewEvent(BaseModel):
    model_config = ConfigDict(frozen=True)

    session_id: SessionId
    type: EventType
    data: dict[str, object] = Field(default_factory=dict)
    turn_id: TurnId | None = None
    agent: str | None = None


class SessionEvent(NewEvent):
    tenant_id: TenantId
    seq: int
    ts: datetime


class TextDelta(BaseModel):
    """`text` continues the message at `offset` characters. `attempt` rises when a turn is run again after a crash.

    `after` is the last event of its turn that was recorded before: who lacks that one can't place the text yet.
    """

    model_config = ConfigDict(frozen=True)

    tenant_id: TenantId
    session_id: SessionId
    turn_id: TurnId
    agent: str
    message_id: str
    attempt: int
    offset: int
    text: str
    after: int = 0


class Snapshot(BaseModel):
    """A session as it was when `seq` was the last number of its log."""

    model_config = ConfigDict(frozen=True)

    seq: int
    session: SessionView
    messages: list[MessageView]  # the latest, the oldest of them first
    earlier: bool  # there are messages before these
    unfinished: list[TurnId]  # turns that wait or run


class Gap(BaseModel):
    """In place of events that are not in the log: it was trimmed, or set back, or the reader's position is none.

    The reader forgets what it has and goes on from the snapshot.
    """

    model_config = ConfigDict(frozen=True)

    after: int  # the reader's seq
    snapshot: Snapshot


class Position(BaseModel):
    """How far a reader is: the last durable event, and the characters it has of the message being written.

    `attempt` says which run of the turn wrote them: a later one may say something else.
    """

    model_config = ConfigDict(frozen=True)

    seq: int = 0
    offset: int = 0
    attempt: int = 1

    def __str__(self) -> str:
        place = f"{self.seq}.{self.offset}"
        return f"{place}.{self.attempt}" if self.offset and self.attempt != 1 else place

    @classmethod
    def parse(cls, text: str) -> "Position":
        """Of "seq", "seq.offset" or "seq.offset.attempt"."""
        parsed = _POSITION.fullmatch(text)
        if parsed is None:
            raise ValueError(text)
        seq, offset, attempt = parsed.groups()
        return cls(seq=int(seq), offset=int(offset or 0), attempt=int(attempt or 1))


_POSITION = re.compile(r"([0-9]{1,40})(?:\.([0-9]{0,40}))?(?:\.([0-9]{1,40}))?")
