"""One agent's step of a turn: it is told its surroundings, its model answers, and the tools it asks for come next."""

from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.messages.utils import message_chunk_to_message
from langgraph.runtime import Runtime
from langgraph.types import Command, Send

from agents.briefing import Bound, Briefing
from agents.context import RunContext
from agents.events import TextPiece
from agents.journaling import Heard, Journaling, Journals
from agents.state import ConversationState
from domain.sessions import AgentName


def tools_of(agent: AgentName) -> str:
    """The name of its tools' node."""
    return f"{agent}_tools"


class Answering:
    def __init__(self, agent: AgentName, briefing: Briefing, journaling: Journaling, journals: Journals) -> None:
        self._agent = agent
        self._briefing = briefing
        self._journaling = journaling
        self._journals = journals

    async def __call__(self, state: ConversationState, *, runtime: Runtime[RunContext]) -> Command[str]:
        context = runtime.context

        async def ask() -> AIMessage:
            messages = await self._briefing.messages(state, context)
            heard = self._journals.listener(context)
            answer = await _written(self._agent, self._briefing.model(context), messages, heard)
            answer.name = self._agent.value
            return answer

        answer = await self._journaling.model_call(context, ask)
        wanted = [Send(tools_of(self._agent), [call]) for call in answer.tool_calls]
        return Command(update={"messages": [answer]}, goto=wanted)


async def _written(agent: str, model: Bound, messages: list[AnyMessage], heard: Heard | None) -> AIMessage:
    """The model's answer; its text is heard while it is written."""
    chunks: list[AIMessageChunk] = []
    async for chunk in model.astream(messages):
        if not isinstance(chunk, AIMessageChunk):
            return chunk  # of a model that does not stream
        chunks.append(chunk)
        if heard and (text := str(chunk.text)):
            await heard(TextPiece(agent, chunk.id or "", text))
    whole = message_chunk_to_message(add_ai_message_chunks(*chunks))
    assert isinstance(whole, AIMessage), "chunks of one make one"
    return whole
