"""The chat model of both servers: the same 44 tokens for everybody, at the pace that the message asks for."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

ANSWER = (
    "Two campaigns run now. Northwind Spring has spent 61% of its budget with half of its flight left, "
    "which is ahead of plan; Harbour Summer is on schedule. I would move some money from social to search next week, "
    "and look again on Friday."
)
TOKENS = re.findall(r"\s?\S+", ANSWER)

_PACE = re.compile(r"at (\d+) ms a token")


def question(number: int, ms_a_token: int = 0) -> str:
    """A plain request for the workspace agent, so that no model has to be asked who answers it."""
    return f"Show me my campaigns, please. (Question {number}, at {ms_a_token} ms a token.)"


class PacedChatModel(BaseChatModel):
    @property
    def _llm_type(self) -> str:
        return "paced"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Never calls one, but does with them what a provider's model does: that is part of a turn's work."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        seconds = _pace(messages) / 1000
        for chunk in _chunks():
            if seconds:
                await asyncio.sleep(seconds)
            yield chunk

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(ANSWER, usage_metadata=_USAGE))])


_USAGE = UsageMetadata(input_tokens=400, output_tokens=len(TOKENS), total_tokens=400 + len(TOKENS))


def _chunks() -> Iterator[ChatGenerationChunk]:
    for token in TOKENS[:-1]:
        yield ChatGenerationChunk(message=AIMessageChunk(content=token))
    yield ChatGenerationChunk(
        message=AIMessageChunk(
            content=TOKENS[-1],
            usage_metadata=_USAGE,
            response_metadata={"model_name": "paced", "finish_reason": "stop"},
            chunk_position="last",
        )
    )


def _pace(messages: Sequence[BaseMessage]) -> int:
    found = _PACE.search(str(messages[-1].text))
    return int(found[1]) if found else 0
