"""The graph's state: a bounded window of messages, and ids. Facts live in the database, never here alone."""

from collections.abc import Sequence
from typing import Annotated, NotRequired

from langchain.agents import AgentState
from langchain_core.messages import AnyMessage, HumanMessage
from langgraph.graph.message import add_messages

WINDOW = 60  # messages


def bounded(window: Sequence[AnyMessage], news: Sequence[AnyMessage]) -> list[AnyMessage]:
    """Merges by message id, then drops the oldest whole turns beyond the window; the last turn always stays whole."""
    merged: list[AnyMessage] = add_messages(list(window), list(news))  # type: ignore[assignment, arg-type]  # typed wider than it is
    if len(merged) <= WINDOW:
        return merged
    starts = [i for i, message in enumerate(merged) if isinstance(message, HumanMessage)]
    keep_from = next((start for start in starts if len(merged) - start <= WINDOW), starts[-1] if starts else 0)
    return merged[keep_from:]


class ConversationState(AgentState[None]):
    messages: Annotated[list[AnyMessage], bounded]
    active_agent: NotRequired[str | None]
    active_campaign_id: NotRequired[str | None]
