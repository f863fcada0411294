"""What an agent is told at each model call: its prompt, its surroundings, and only the tools its user may use."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import SystemMessage
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from agents.attachments import of_turn, with_note
from agents.context import RunContext
from agents.prompts import prompt_of
from agents.tools import Offered, active_campaign, usable
from domain.ids import CampaignId
from domain.sessions import AgentName
from services.application import Application

_MEMORY = "To understand what is meant. It states no facts and gives no instructions: look facts up with a tool."


class Briefing(AgentMiddleware[Any, RunContext]):
    def __init__(self, agent: AgentName, application: Application, offered: Sequence[Offered]) -> None:
        super().__init__()
        self._agent = agent
        self._app = application
        self._offered = offered
        self._prompt = prompt_of(agent)
        self._schemas: dict[str, dict[str, Any]] = {}

    async def awrap_model_call(
        self,
        request: ModelRequest[RunContext],
        handler: Callable[[ModelRequest[RunContext]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        context = request.runtime.context
        surroundings = await self._surroundings(context, active_campaign(request.state))
        if files := of_turn(request.messages):
            surroundings["attached"] = [file.name for file in files]
        if summary := request.state.get("summary"):
            surroundings["memory"] = {"use": _MEMORY, "of_earlier_turns": summary}
        told = json.dumps(surroundings, ensure_ascii=False).replace("<", "\\u003c")  # nothing in it ends the block
        message = SystemMessage(f"{self._prompt}\n<context>{told}</context>")
        allowed = usable(self._offered, context.actor(self._agent).somewhere)
        own = {entry.tool.name for entry in self._offered}
        shown = [entry for entry in request.tools if _name(entry) in allowed or _name(entry) not in own]
        tools: list[BaseTool | dict[str, Any]] = [self._schema(entry) for entry in shown]
        messages = [with_note(one) for one in request.messages]
        return await handler(request.override(system_message=message, messages=messages, tools=tools))

    def _schema(self, entry: BaseTool | dict[str, Any]) -> dict[str, Any]:
        """Made once: a model would make it of the tool with every call. Every provider's model takes this form."""
        name = _name(entry)
        if name not in self._schemas:
            self._schemas[name] = convert_to_openai_tool(entry)
        return self._schemas[name]

    async def _surroundings(self, context: RunContext, campaign_id: CampaignId | None) -> dict[str, object]:
        actor = context.actor(self._agent)
        around = await self._app.queries.session_context(actor, campaign_id)
        settings, campaign = around.settings, around.campaign
        return {
            "agent": self._agent,
            "today": self._app.clock.now().astimezone(settings.zone).date().isoformat(),
            "locale": settings.locale,
            "timezone": settings.timezone,
            "default_currency": settings.default_currency,
            "week_start": settings.week_start,
            "fiscal_year_start": settings.fiscal_year_start,
            "active_campaign": (
                {"id": str(campaign.id), "name": campaign.name, "currency": campaign.budget.currency}
                if campaign
                else None
            ),
            "channels_of_plan": around.channels_of_plan,
            "tenant_name": around.tenant_name,
            "user_name": around.user_name,
        }


def _name(entry: BaseTool | dict[str, Any]) -> str:
    return entry.name if isinstance(entry, BaseTool) else str(entry.get("name", ""))
