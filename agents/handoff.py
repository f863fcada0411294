"""Handing the conversation over to another agent: after a tool the agent goes on that is active then."""

from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.types import Command

from agents.context import RunContext
from agents.tools import Nothing, StrictTool
from domain.errors import InvalidInput
from domain.sessions import AgentName


def transfer_to(agent: AgentName) -> BaseTool:
    """Refused beside other calls of the same message: the next agent would inherit a call that nobody answers."""
    name = f"transfer_to_{agent}"

    async def run(runtime: ToolRuntime[RunContext, Any]) -> Command[Any]:
        messages = runtime.state["messages"]
        asking = next(message for message in reversed(messages) if isinstance(message, AIMessage))
        if len(asking.tool_calls) > 1:
            raise InvalidInput("Hand over alone, not beside other tool calls.", code="handoff_not_alone")
        done = ToolMessage(f"The {agent} agent takes over.", name=name, tool_call_id=runtime.tool_call_id or "")
        return Command(update={"messages": [done], "active_agent": agent.value})

    return StrictTool.from_function(
        coroutine=run,
        name=name,
        description=f"Hand over to the {agent} agent.",
        args_schema=Nothing,
        infer_schema=False,
    )
