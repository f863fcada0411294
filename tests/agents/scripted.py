"""Chat models for tests: one that plays a script, and one that counts what another is asked."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field, PrivateAttr

Step = AIMessage | Exception


class ScriptedModel(BaseChatModel):
    """Answers with the steps in turn, raising those that are exceptions. A gate holds a call back until it is set."""

    steps: list[Any]
    gates: dict[int, Any] = Field(default_factory=dict)
    _asked: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _offered: list[set[str]] = PrivateAttr(default_factory=list)

    @property
    def asked(self) -> list[list[BaseMessage]]:
        return self._asked

    @property
    def offered(self) -> list[set[str]]:
        """Names of the tools that each call could use."""
        return self._offered

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(
        self, tools: Sequence[Any], *, tool_choice: str | None = None, **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._next(messages, kwargs))])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        number = len(self._asked)
        answer = self._next(messages, kwargs)
        if gate := self.gates.get(number):
            await gate.wait()
        for word in re.findall(r"\S+\s*", str(answer.content)):
            await asyncio.sleep(0)
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        yield ChatGenerationChunk(
            message=AIMessageChunk(
                content="",
                tool_call_chunks=[
                    tool_call_chunk(name=call["name"], args=json.dumps(call["args"]), id=call["id"], index=index)
                    for index, call in enumerate(answer.tool_calls)
                ],
            )
        )

    def _next(self, messages: list[BaseMessage], kwargs: dict[str, Any]) -> AIMessage:
        step: Step = self.steps[min(len(self._asked), len(self.steps) - 1)]
        self._asked.append(messages)
        self._offered.append({tool["function"]["name"] for tool in kwargs.get("tools", [])})
        if isinstance(step, Exception):
            raise step
        return step


def calls(tool: str, /, *, call_id: str = "call_1", **args: Any) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": tool, "args": args, "id": call_id}])
