"""The graph's state: a bounded window of messages, and ids. Facts live in the database, never here alone."""

from collections.abc import Sequence
from typing import Annotated, NotRequired, TypedDict

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.graph.message import add_messages

# What a turn may find at its beginning, and what of it is kept once it is more than that: the distance between the two
# is how many turns pass before something has to be summarised again.
WINDOW, WINDOW_CHARACTERS = 40, 32_000
KEPT, KEPT_CHARACTERS = 20, 16_000


def leaving(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The oldest whole turns of a window that has become too large; the last turn always stays."""
    sizes = [_size(message) for message in messages]
    if len(messages) <= WINDOW and sum(sizes) <= WINDOW_CHARACTERS:
        return []
    starts = [place for place, message in enumerate(messages) if isinstance(message, HumanMessage)]
    small = (start for start in starts if len(messages) - start <= KEPT and sum(sizes[start:]) <= KEPT_CHARACTERS)
    keep_from = next(small, starts[-1] if starts else 0)
    return list(messages[:keep_from])


def _size(message: AnyMessage) -> int:
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    return len(message.text) + sum(len(str(call["args"])) for call in calls)


def latest(_: str | None, news: str | None) -> str | None:
    """Several tools of one step may each make something the active one: the last of them has."""
    return news


class ConversationState(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]
    summary: NotRequired[str | None]  # of what has left the window; memory, never facts
    active_agent: NotRequired[str | None]
    active_campaign_id: NotRequired[Annotated[str | None, latest]]
