"""Conversations, their turns and what was said in them, as read models."""

from datetime import datetime

from pydantic import Field

from domain.ids import CampaignId, SessionId, TurnId
from domain.sessions import AgentName, SessionType, TurnStatus
from services.file_views import Attached
from services.read_models import ReadModel


class SessionView(ReadModel):
    id: SessionId
    title: str
    type: SessionType
    active_agent: AgentName | None
    active_campaign_id: CampaignId | None
    external_id: str | None = Field(default=None, description="What the client that opened it calls it.")
    created_at: datetime
    updated_at: datetime
    version: int


class MessageView(ReadModel):
    id: str
    turn_id: TurnId | None
    role: str
    agent: str | None
    text: str
    blocks: list[dict[str, object]] = Field(default_factory=list)
    files: list[Attached] = Field(default_factory=list, description="What came with it, as it was then.")
    created_at: datetime


class CallView(ReadModel):
    """A tool call that an assistant's message asks for."""

    id: str
    name: str
    arguments: dict[str, object]


class RecordView(ReadModel):
    """One row of the transcript: what was said, called and answered, as it was recorded."""

    id: str
    turn_id: TurnId | None
    role: str  # user | assistant | tool
    agent: str | None
    text: str
    calls: list[CallView] = Field(default_factory=list)
    tool: str | None = None  # whose result it is
    call_id: str | None = None
    refused: bool = False
    blocks: list[dict[str, object]] = Field(default_factory=list)
    created_at: datetime


class TurnView(ReadModel):
    id: TurnId
    session_id: SessionId
    status: TurnStatus
    error: str | None
    accepted_seq: int
    ended_seq: int | None = None
    created_at: datetime
