"""One turn of the compiled graph, as a stream of typed events."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph.state import CompiledStateGraph

from agents.context import RunContext
from agents.events import Finished, TextPiece, TurnEvent

MOST_STEPS = 25

CompiledGraph = CompiledStateGraph[Any, RunContext, Any, Any]


def thread(session_id: UUID) -> RunnableConfig:
    return {"configurable": {"thread_id": str(session_id)}, "recursion_limit": MOST_STEPS}


async def run_turn(
    graph: CompiledGraph, news: Sequence[BaseMessage], context: RunContext, session_id: UUID
) -> AsyncIterator[TurnEvent]:
    """`news` are the messages since the last finished turn, the person's last. The checkpoint is written at the end."""
    state: Mapping[str, Any] = {}
    stream = graph.astream(
        {"messages": list(news)},
        thread(session_id),
        context=context,
        stream_mode=["messages", "values"],
        subgraphs=True,
        durability="exit",
    )
    async for namespace, mode, chunk in cast("AsyncIterator[tuple[tuple[str, ...], str, Any]]", stream):
        if mode == "values":
            state = chunk if not namespace else state
        elif piece := _text_piece(namespace, chunk):
            yield piece
    yield Finished({key: state.get(key) for key in ("active_agent", "active_campaign_id")})


def _text_piece(namespace: tuple[str, ...], chunk: tuple[BaseMessage, dict[str, Any]]) -> TextPiece | None:
    message, _ = chunk
    if not (namespace and isinstance(message, AIMessageChunk)):
        return None
    text = str(message.text)
    return TextPiece(namespace[0].partition(":")[0], message.id or "", text) if text else None
