"""A chat model that never says the same thing twice: a turn that is run again and asks it anew can't look unbroken.

It makes every campaign that the message names, one after the other or two at a time, and says all the marks that it can
see, so that words from another tenant's conversation come out.
"""

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any
from uuid import uuid4

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

MARK = re.compile(r"mark-[0-9a-f]{12}")

_NAME = re.compile(r'"([^"]+)"')
_WORDS = ("budget", "reach", "flight", "lines", "social", "search", "weeks", "spend", "plan", "goal", "views", "clicks")
_SECONDS_A_TOKEN = 0.008  # long enough for a kill to hit the middle of a text
_TOKENS = (8, 30)


def request_for(names: Sequence[str], mark: str) -> str:
    """The words of a person who wants these campaigns."""
    listed = ", ".join(f'"{name}"' for name in names)
    return f"Please create the campaigns {listed}. We call this {mark}." if names else f"Show my campaigns of {mark}."


class CapriciousChatModel(BaseChatModel):
    @property
    def _llm_type(self) -> str:
        return "capricious"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for word in _words(messages):
            await asyncio.sleep(_SECONDS_A_TOKEN)
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        calls = _calls(messages) if kwargs.get("tools") else []
        chunks = [
            tool_call_chunk(name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=index)
            for index, call in enumerate(calls)
        ]
        yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=chunks, chunk_position="last"))

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        calls = _calls(messages) if kwargs.get("tools") else []
        message = AIMessage("".join(_words(messages)), tool_calls=calls)
        return ChatResult(generations=[ChatGeneration(message=message)])


def _words(messages: Sequence[BaseMessage]) -> Iterator[str]:
    marks = sorted({mark for message in messages for mark in MARK.findall(str(message.text))})
    said = [random.choice(_WORDS) for _ in range(random.randint(*_TOKENS))]
    for word in [*said, *marks]:
        yield f"{word} "
    yield f"{uuid4().hex[:8]}."


def _calls(messages: Sequence[BaseMessage]) -> list[Any]:
    """For the next one or two campaigns that the person has named and no call has been made for."""
    asked = max((place for place, message in enumerate(messages) if isinstance(message, HumanMessage)), default=0)
    called = {
        call["args"].get("name")
        for message in messages[asked:]
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    }
    names = [name for name in _NAME.findall(str(messages[asked].text)) if name not in called]
    return [_call(name) for name in names[: random.choice((1, 1, 2))]]


def _call(name: str) -> dict[str, Any]:
    arguments = {
        "name": name,
        "objective": "leads",
        "budget": {"amount": "50000.00", "currency": "USD"},
        "start": "2027-04-01",
        "end": "2027-05-31",
    }
    return {"name": "create_campaign", "args": arguments, "id": f"call_{uuid4().hex}", "type": "tool_call"}
