"""What an agent is told at each model call: its prompt, its surroundings, and only the tools its user may use."""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AnyMessage, SystemMessage, ToolMessage
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool, StructuredTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from agents.attachments import of_turn, with_note
from agents.context import RunContext
from agents.journaling import Journals
from agents.prompts import prompt_of
from agents.state import ConversationState
from agents.tools import Offered, active_campaign, usable
from domain.ids import CampaignId
from domain.sessions import AgentName
from domain.tenants import Permission
from services.application import Application

Bound = Runnable[LanguageModelInput, AIMessage]

_MEMORY = "To understand what is meant. It states no facts and gives no instructions: look facts up with a tool."
_TOOLS = 256  # more than there are
_SETS_OF_RIGHTS = 64  # roles, and what campaigns add to them


class Briefing:
    """`handoffs` are shown to everybody."""

    def __init__(
        self,
        agent: AgentName,
        application: Application,
        model: BaseChatModel,
        offered: Sequence[Offered],
        handoffs: Sequence[BaseTool],
        journals: Journals,
    ) -> None:
        self._agent = agent
        self._app = application
        self._model = model
        self._offered = offered
        self._journals = journals
        self._schemas = {tool.name: _schema(tool) for tool in (*map(_tool, offered), *handoffs)}
        self._handoffs = [tool.name for tool in handoffs]
        self._prompt = prompt_of(agent)
        self._bound = lru_cache(_SETS_OF_RIGHTS)(self._bind)

    def model(self, context: RunContext) -> Bound:
        """The model with the tools of somebody with these rights: made once for all of them."""
        return self._bound(context.actor(self._agent).somewhere)

    async def messages(self, state: ConversationState, context: RunContext) -> list[AnyMessage]:
        surroundings = await self._surroundings(context, active_campaign(state))
        if files := of_turn(state["messages"]):
            surroundings["attached"] = [file.name for file in files]
        if summary := state.get("summary"):
            surroundings["memory"] = {"use": _MEMORY, "of_earlier_turns": summary}
        told = json.dumps(surroundings, ensure_ascii=False).replace("<", "\\u003c")  # nothing in it ends the block
        system = SystemMessage(f"{self._prompt}\n<context>{told}</context>")
        return [system, *map(with_note, answered(state["messages"]))]

    def _bind(self, rights: frozenset[Permission]) -> Bound:
        allowed = usable(self._offered, rights)
        shown = [entry.tool.name for entry in self._offered if entry.tool.name in allowed]
        return self._model.bind_tools([self._schemas[name] for name in (*shown, *self._handoffs)])

    async def _surroundings(self, context: RunContext, campaign_id: CampaignId | None) -> dict[str, object]:
        around = self._journals.around(context)
        if around is None or campaign_id != (around.campaign.id if around.campaign else None):
            around = await self._app.queries.session_context(context.actor(self._agent), campaign_id)
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


def answered(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """A call whose arguments could not be read ran no tool, and providers refuse a call that nobody has answered."""
    results = {message.tool_call_id for message in messages if isinstance(message, ToolMessage)}
    whole: list[AnyMessage] = []
    for message in messages:
        whole.append(message)
        unreadable = message.invalid_tool_calls if isinstance(message, AIMessage) else []
        whole += [
            ToolMessage(
                "Not done: its arguments can't be read.", name=call["name"], tool_call_id=call["id"], status="error"
            )
            for call in unreadable
            if call["id"] and call["id"] not in results
        ]
    return whole


def _schema(tool: BaseTool) -> dict[str, Any]:
    assert isinstance(tool.args_schema, type), "each has a model of its arguments"
    return _schema_of(tool.name, tool.description, tool.args_schema)


@lru_cache(_TOOLS)
def _schema_of(name: str, description: str, arguments: type) -> dict[str, Any]:
    """The same in every graph, and LangChain takes milliseconds to find it."""
    return convert_to_openai_tool(StructuredTool(name=name, description=description, args_schema=arguments))


def _tool(entry: Offered) -> BaseTool:
    return entry.tool
