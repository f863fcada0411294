"""What a run knows about who it runs for: plain data, given by the caller of the graph and never by a model."""

from pydantic import BaseModel, ConfigDict, Field

from agents.prompts import prompt_digest
from domain.ids import CampaignId, FileId, SessionId, TenantId, TurnId, UserId
from domain.tenants import Permission
from services.actor import Actor, Origin


class RunContext(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    tenant_id: TenantId
    user_id: UserId
    permissions: frozenset[Permission]
    grants: dict[CampaignId, frozenset[Permission]] = Field(default_factory=dict)  # beside those, in one campaign
    timezone: str = "UTC"
    locale: str = "en-US"
    session_id: SessionId | None = None
    model: str | None = None
    files: tuple[FileId, ...] = ()  # that came with the person's message
    turn_id: TurnId | None = None  # None outside the turn runtime: nothing is journaled then (Studio)

    def actor(self, agent: str, tool_call_id: str | None = None) -> Actor:
        """The person, acting through an agent. With a tool call, its effect happens once per turn and call."""
        effect_key = f"{self.turn_id}:{tool_call_id}" if self.turn_id and tool_call_id else None
        origin = Origin(
            effect_key=effect_key,
            agent=agent,
            turn_id=self.turn_id,
            session_id=self.session_id,
            model=self.model,
            prompt=prompt_digest(agent),
        )
        return Actor(self.tenant_id, self.user_id, self.permissions, origin, self.grants)
