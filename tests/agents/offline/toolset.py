"""A small in-memory toolset with three agents and handoffs, and the loop that a graph would run."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agents.language.requests.table import BY_TOOL, TOOLS
from agents.offline.model import OfflineChatModel

AGENTS = ("workspace", "planning", "insights")
MOST_CALLS = 40

Result = str | Callable[[dict[str, Any]], str]

RESULTS: dict[str, Result] = {
    "create_campaign": lambda args: (
        f"Created “{args['name']}”: {args['objective']}, {args['budget']['amount']} {args['budget']['currency']}, "
        f"{args['start']} to {args['end']}, draft."
    ),
    "draft_plan": (
        "Drafted version 1 of the plan for “N”: Search 150,000.00 USD (60 %); Social 100,000.00 USD (40 %). "
        "Total 250,000.00 USD, even flighting over 9 weeks. "
        "Expected: 1,000,000 impressions, 9,000 clicks, 300 conversions."
    ),
    "plan_summary": "“N”, plan version 1 (drafted): 250,000.00 USD of 250,000.00 USD for conversions.",
    "list_campaigns": "2 campaigns: 1. “N” (draft, 1.00 USD); 2. “M” (live, 2.00 USD).",
}


def schema(name: str) -> dict[str, Any]:
    return {"name": name, "description": name, "parameters": {"type": "object", "properties": {}}}


@dataclass
class Conversation:
    """Plays messages until the model has answered; `calls` are the tool calls without handoffs, of the last message."""

    results: dict[str, Result] = field(default_factory=lambda: dict(RESULTS))
    agent: str = "workspace"
    active: dict[str, str] | None = None
    messages: list[BaseMessage] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    model_calls: int = 0
    unbound: frozenset[str] = frozenset()

    def say(self, text: str) -> str:
        self.messages.append(HumanMessage(text, id=f"m{len(self.messages)}"))
        self.calls, self.model_calls = [], 0
        while self.model_calls < MOST_CALLS:
            self.model_calls += 1
            answer = OfflineChatModel().bind_tools(self.tools()).invoke([self.prompt(), *self.messages])
            self.messages.append(answer)
            if not answer.tool_calls:
                return answer.text
            [call] = answer.tool_calls
            self.messages.append(self.run(call["name"], call["args"], str(call["id"])))
        raise AssertionError("the model went on and on")

    def tools(self) -> list[dict[str, Any]]:
        own = [tool for tool in TOOLS if BY_TOOL[tool].owner == self.agent]
        handoffs = [f"transfer_to_{agent}" for agent in AGENTS if agent != self.agent]
        return [schema(name) for name in (*own, *handoffs) if name not in self.unbound]

    def prompt(self) -> SystemMessage:
        context = {
            "agent": self.agent,
            "today": "2026-11-23",
            "locale": "en-US",
            "timezone": "UTC",
            "default_currency": "USD",
            "week_start": "monday",
            "fiscal_year_start": 1,
            "active_campaign": self.active,
            "channels_of_plan": [],
            "tenant_name": "Acme",
            "user_name": "Ada",
        }
        return SystemMessage(f"You plan.\n<context>{json.dumps(context)}</context>")

    def run(self, tool: str, args: dict[str, Any], call_id: str) -> ToolMessage:
        if tool.startswith("transfer_to_"):
            self.agent = tool.removeprefix("transfer_to_")
            return ToolMessage(f"The {self.agent} agent takes over.", name=tool, tool_call_id=call_id)
        self.calls.append((tool, args))
        result = self.results.get(tool, f"{tool}: done.")
        text = result if isinstance(result, str) else result(args)
        refused = text.startswith("Refused")
        if tool == "create_campaign" and not refused:
            self.active = {"id": "c", "name": args["name"], "currency": args["budget"]["currency"]}
        return ToolMessage(text, name=tool, tool_call_id=call_id, status="error" if refused else "success")
