"""What happened while things broke: what clients were promised and saw, and what the database holds afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """One AG-UI event as a client got it. `id` is empty where a reader can't come back to."""

    id: str
    type: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """A client's merged log, over all of its connections: of a session, or of one turn, after the event `after`."""

    name: str
    session_id: str
    events: Sequence[Received]
    turn_id: str | None = None
    after: int = 0


@dataclass(frozen=True, slots=True)
class Promise:
    """A message was accepted under a key, as this turn. `campaigns` are the names that it asks for."""

    session_id: str
    key: str
    turn_id: str
    campaigns: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: str
    tenant_id: str
    last_seq: int


@dataclass(frozen=True, slots=True)
class TurnRow:
    id: str
    session_id: str
    accepted_seq: int
    status: str


@dataclass(frozen=True, slots=True)
class EventRow:
    session_id: str
    seq: int
    type: str
    turn_id: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MessageRow:
    session_id: str
    id: str
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class CampaignRow:
    id: str
    tenant_id: str
    name: str


@dataclass(frozen=True, slots=True)
class EffectRow:
    """`key` is "turn:tool call"."""

    tenant_id: str
    key: str
    action: str


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Of something that was allowed and done."""

    tenant_id: str
    turn_id: str | None
    action: str
    object_id: str


@dataclass(frozen=True, slots=True)
class History:
    """`marks` are the words that only one tenant's people say, by tenant. `intrusions` are requests that were let in
    where they had no business.
    """

    marks: Mapping[str, str]
    readers: Sequence[Reader] = ()
    promises: Sequence[Promise] = ()
    intrusions: Sequence[str] = ()
    sessions: Sequence[SessionRow] = ()
    turns: Sequence[TurnRow] = ()
    events: Sequence[EventRow] = ()
    messages: Sequence[MessageRow] = ()
    campaigns: Sequence[CampaignRow] = ()
    effects: Sequence[EffectRow] = ()
    audit: Sequence[AuditRow] = ()
