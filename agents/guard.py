"""Before a tool runs: may this person use it, and does the turn still act on the person's own words?

Text that came from outside may carry instructions. Once a tool has returned such text, nothing that commits, spends,
sends or deletes runs until the person has said something new; reading and drafting go on.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

from langchain_core.messages import AnyMessage, HumanMessage, ToolMessage
from langgraph.prebuilt.tool_node import ToolCallRequest
from langgraph.types import Command

from agents.context import RunContext
from agents.effects import HARMLESS
from agents.tools import UNTRUSTED, Offered, usable
from domain.errors import Forbidden


class Guard:
    def __init__(self, offered: Sequence[Offered]) -> None:
        self._offered = {entry.tool.name: entry for entry in offered}

    async def awrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]],
    ) -> ToolMessage | Command[Any]:
        entry = self._offered.get(request.tool_call["name"])
        if entry is not None:  # handoffs are no tools of an agent's own
            self._check(entry, request)
        return await handler(request)

    def _check(self, entry: Offered, request: ToolCallRequest) -> None:
        context = cast(RunContext, request.runtime.context)
        if entry.tool.name not in usable([entry], context.actor("guard").somewhere):
            raise Forbidden(
                f"This needs the right {entry.permission}.", code="not_permitted", permission=entry.permission
            )
        if entry.effect not in HARMLESS and has_read_untrusted(request.state["messages"]):
            raise Forbidden(
                "After reading text from outside, this is done only when you ask for it again.", code="untrusted_text"
            )


def has_read_untrusted(messages: Sequence[AnyMessage]) -> bool:
    """Since the person's last words."""
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            return False
        if isinstance(message, ToolMessage) and message.additional_kwargs.get(UNTRUSTED):
            return True
    return False
