"""AgentSession: one conversation of one person; and the states of its turns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from domain.changes import Change
from domain.errors import InvalidInput
from domain.ids import CampaignId, SessionId, TenantId, UserId, new_id
from domain.text import clean_line

NEW_TITLE = "New conversation"


class AgentName(StrEnum):
    WORKSPACE = "workspace"
    PLANNING = "planning"
    INSIGHTS = "insights"


class SessionType(StrEnum):
    CHAT = "chat"
    EVAL = "eval"


class OnBusy(StrEnum):
    """What to do with a message while another is being answered."""

    ENQUEUE = "enqueue"
    REJECT = "reject"
    INTERRUPT = "interrupt"  # what was asked before ends, and this is answered next


class TurnStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    AWAITING_APPROVAL = "awaiting_approval"  # ended; the verdict comes back as a turn of its own

    @property
    def ended(self) -> bool:
        return self not in (TurnStatus.QUEUED, TurnStatus.RUNNING)


@dataclass(eq=False)
class AgentSession:
    tenant_id: TenantId
    id: SessionId
    user_id: UserId
    created_at: datetime
    updated_at: datetime
    title: str = NEW_TITLE
    type: SessionType = SessionType.CHAT
    active_agent: AgentName | None = None
    active_campaign_id: CampaignId | None = None
    external_id: str | None = None  # what its client calls it; unique per tenant and person
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def open(
        cls,
        tenant_id: TenantId,
        user_id: UserId,
        now: datetime,
        *,
        title: str | None = None,
        type: SessionType = SessionType.CHAT,
        external_id: str | None = None,
    ) -> tuple[Self, Change]:
        named = clean_line(title, field="title", longest=120) if title else NEW_TITLE
        session = cls(tenant_id, SessionId(new_id()), user_id, now, now, named, type, external_id=external_id)
        return session, Change("session.opened", session.id, session.version, after={"title": named})

    def rename(self, title: str, now: datetime) -> Change:
        before = self.title
        self.title = clean_line(title, field="title", longest=120)
        self._touch(now)
        return Change("session.renamed", self.id, self.version, {"title": before}, {"title": self.title})

    def removed(self) -> Change:
        return Change("session.deleted", self.id, self.version, {"title": self.title})

    def name_after(self, message: str) -> None:
        """An unnamed conversation takes its first words as its title."""
        words = " ".join("".join(c if c.isprintable() else " " for c in message[:400]).split())
        if self.title == NEW_TITLE and words:
            self.title = words if len(words) <= 60 else words[:59].rsplit(" ", 1)[0] + "…"

    def remember(self, state: Mapping[str, object], now: datetime) -> None:
        """Take over what the finished turn left active. Refuses a key that a session doesn't have."""
        unknown = sorted(set(state) - {"active_agent", "active_campaign_id"})
        if unknown:
            raise InvalidInput(f"A session has no {', '.join(unknown)}.", code="unknown_state_key", field=unknown[0])
        if agent := state.get("active_agent"):
            self.active_agent = AgentName(str(agent))
        if campaign := state.get("active_campaign_id"):
            self.active_campaign_id = CampaignId(UUID(str(campaign)))
        self._touch(now)

    def _touch(self, now: datetime) -> None:
        self.updated_at = now
        self.version += 1
