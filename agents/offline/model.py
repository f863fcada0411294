"""The offline model as an ordinary LangChain chat model: it binds tools, streams, and needs no key and no network."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import tool_call, tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from agents.offline.decision import Call, decide
from agents.offline.window import window

NAME = "offline rules"
_PIECES = re.compile(r"\S+\s*|\s+")
_CHARACTERS_PER_TOKEN = 4


class OfflineChatModel(BaseChatModel):
    """Rules instead of a language model. The same messages and tools always give the same answer and call ids."""

    model_name: str = NAME

    @property
    def _llm_type(self) -> str:
        return "offline-rules"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name}

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """`tool_choice` is accepted and has no meaning: the rules know when a tool is needed."""
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        said, call = _decided(messages, kwargs)
        message = AIMessage(
            content=said,
            tool_calls=[tool_call(name=call.tool, args=call.args, id=call.id)] if call else [],
            usage_metadata=_usage(messages, said, call),
            response_metadata={"model_name": self.model_name, "finish_reason": "tool_calls" if call else "stop"},
        )
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in self._chunks(messages, kwargs):
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in self._chunks(messages, kwargs):
            if run_manager:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._generate(messages, stop, None, **kwargs)

    def _chunks(self, messages: list[BaseMessage], kwargs: dict[str, Any]) -> Iterator[ChatGenerationChunk]:
        """Word by word, or one tool call in pieces; the last chunk carries usage and the finish reason."""
        said, call = _decided(messages, kwargs)
        for piece in _PIECES.findall(said):
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        if call:
            yield _call_piece(call.tool, "", call.id)
            for piece in _PIECES.findall(json.dumps(call.args, ensure_ascii=False)):
                yield _call_piece(None, piece, None)
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                usage_metadata=_usage(messages, said, call),
                response_metadata={"model_name": self.model_name, "finish_reason": "tool_calls" if call else "stop"},
                chunk_position="last",
            )
        )


def _decided(messages: list[BaseMessage], kwargs: dict[str, Any]) -> tuple[str, Call | None]:
    names = frozenset(tool["function"]["name"] for tool in kwargs.get("tools") or ())
    decision = decide(window(messages), names)
    return ("", decision) if isinstance(decision, Call) else (decision, None)


def _call_piece(name: str | None, args: str, call_id: str | None) -> ChatGenerationChunk:
    chunk = tool_call_chunk(name=name, args=args, id=call_id, index=0)
    return ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=[chunk]))


def _usage(messages: Sequence[BaseMessage], said: str, call: Call | None) -> UsageMetadata:
    """Counts of the size a tokenizer would give: a quarter of the characters."""
    read = 1 + sum(len(message.text) for message in messages) // _CHARACTERS_PER_TOKEN
    written = 1 + (len(said) + (len(json.dumps(call.args)) + len(call.tool) if call else 0)) // _CHARACTERS_PER_TOKEN
    return UsageMetadata(input_tokens=read, output_tokens=written, total_tokens=read + written)
