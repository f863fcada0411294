"""One turn of the compiled graph."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph

from agents.context import RunContext

MOST_STEPS = 50  # a model call is one, the tools that it asks for together are another

_KEPT = ["active_agent", "active_campaign_id"]

CompiledGraph = CompiledStateGraph[Any, RunContext, Any, Any]


def thread(session_id: UUID) -> RunnableConfig:
    return {"configurable": {"thread_id": str(session_id)}, "recursion_limit": MOST_STEPS}


async def run_turn(
    graph: CompiledGraph, news: Sequence[BaseMessage], context: RunContext, session_id: UUID
) -> Mapping[str, object]:
    """What is active at its end. `news` are the messages since the last finished turn, the person's last.

    The checkpoint is written at the end; text is heard while it is written (`Journals.open`).
    """
    state: dict[str, object] | None = await graph.ainvoke(
        {"messages": list(news)}, thread(session_id), context=context, output_keys=_KEPT, durability="exit"
    )
    return {key: (state or {}).get(key) for key in _KEPT}
