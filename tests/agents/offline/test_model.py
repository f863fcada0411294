"""The offline model as a LangChain chat model: streaming, ids, usage, determinism, and input nobody expected."""

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from pydantic import BaseModel

from agents.insights.tools import insights_tools
from agents.language.requests.table import BY_TOOL, ROWS, TOOLS
from agents.offline.model import OfflineChatModel
from agents.planning.tools import planning_tools
from agents.workspace.tools import workspace_tools
from services.application import Application
from tests.agents.offline.toolset import Conversation, schema

PROMPT = SystemMessage(
    'You plan.\n<context>{"today": "2026-11-23", "locale": "en-US", "default_currency": "USD", '
    '"active_campaign": {"id": "c", "name": "N", "currency": "USD"}}</context>'
)
ALL = [schema(name) for name in TOOLS]


def model() -> Any:
    return OfflineChatModel().bind_tools(ALL)


def messages(said: str) -> list[BaseMessage]:
    return [PROMPT, HumanMessage(said, id="turn-1:0")]


def joined(chunks: list[AIMessageChunk]) -> AIMessageChunk:
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    return whole


def essence(message: AIMessage) -> tuple[object, ...]:
    return message.text, message.tool_calls, message.usage_metadata, message.response_metadata


@pytest.mark.parametrize("said", [row.example for row in ROWS] + ["hello", "nonsense xyz"])
async def test_streaming_gives_what_generating_gives(said: str) -> None:
    asked = messages(said)
    whole = essence(model().invoke(asked))
    assert essence(joined(list(model().stream(asked)))) == whole
    assert essence(joined([chunk async for chunk in model().astream(asked)])) == whole
    assert essence(await model().ainvoke(asked)) == whole


def test_words_stream_one_by_one() -> None:
    chunks = [chunk.text for chunk in model().stream(messages("hello"))]
    assert len([chunk for chunk in chunks if chunk]) > 5


def test_arguments_stream_in_pieces() -> None:
    chunks = list(model().stream(messages("draft a plan on search, social and CTV")))
    pieces = [piece for chunk in chunks for piece in chunk.tool_call_chunks]
    assert pieces[0]["name"] == "draft_plan"
    assert len(pieces) > 2
    assert json.loads("".join(piece["args"] or "" for piece in pieces)) == {"channels": ["search", "social", "ctv"]}


def test_call_ids_are_the_same_again_and_different_elsewhere() -> None:
    asked = messages("show the plan, then the forecast")
    first = model().invoke(asked)
    again = model().invoke(asked)
    [call] = first.tool_calls
    assert again.tool_calls == first.tool_calls
    assert str(call["id"]).startswith("call_")
    second = model().invoke([*asked, first, ToolMessage("Plan.", tool_call_id=str(call["id"]))])
    other = model().invoke([PROMPT, HumanMessage("show the plan", id="turn-2:0")])
    assert len({call["id"], second.tool_calls[0]["id"], other.tool_calls[0]["id"]}) == 3


def test_usage_and_names() -> None:
    answer = model().invoke(messages("hello"))
    assert answer.usage_metadata["total_tokens"] == sum(
        answer.usage_metadata[key] for key in ("input_tokens", "output_tokens")
    )
    assert answer.usage_metadata["output_tokens"] > 5
    assert answer.response_metadata["model_name"] == OfflineChatModel().model_name == "offline rules"
    assert OfflineChatModel()._llm_type == "offline-rules"
    assert isinstance(OfflineChatModel(), BaseChatModel)


def test_tools_of_every_kind_can_be_bound() -> None:
    @tool
    def list_members() -> str:
        """Who belongs to this workspace."""
        return ""

    answer = OfflineChatModel().bind_tools([list_members], tool_choice="auto").invoke(messages("who is on the team?"))
    assert [call["name"] for call in answer.tool_calls] == ["list_members"]


def test_without_tools_context_or_message_it_still_answers() -> None:
    assert "not available here" in OfflineChatModel().invoke(messages("show the plan")).text
    assert OfflineChatModel().invoke([HumanMessage("show the plan")]).text == "Which campaign do you mean?"
    assert OfflineChatModel().invoke([PROMPT]).text
    assert OfflineChatModel().invoke([SystemMessage("<context>{not json}</context>"), HumanMessage("hi")]).text


def test_a_message_of_content_blocks_is_read() -> None:
    asked = [PROMPT, HumanMessage([{"type": "text", "text": "show the plan"}])]
    assert model().invoke(asked).tool_calls[0]["name"] == "show_plan"


WORDS = """
create campaign "Spring" for Northwind $250k 1.2m -5 0 1e308 March to April Q3 next month 03/04 conversions then draft a
plan on search social CTV and , . ; ? keep fixed at least 50k optimise the rest what if only 10% 5000% more less
front-load move 20k from drop compare v1 v0 v2 run workflow cancel it because client left pause archive the old one
rename this chat set our timezone Europe/Berlin budget by month how many clicks will we get no make it I meant May the
second yes why called don't not 🎉 مرحبا XYZ " ' open show my campaigns invite sam@example.com as viewer admin let Priya
may approve deny reject if condition everything withdraw request R-7F3A2C remove the workspace yesterday who can audit
delegation launch Noor planner of role limit propose spend without until Germany submit what changed last week waiting
"""
SENTENCES = st.lists(st.sampled_from(WORDS.split()), max_size=25).map(" ".join)
ANYTHING = st.one_of(SENTENCES, st.text(max_size=300))

NOBODY = cast(Application, None)  # the tools are never called here
SCHEMAS = {
    offered.tool.name: offered.tool.args_schema
    for tools in (workspace_tools, planning_tools, insights_tools)
    for offered in tools(NOBODY)
}


def test_it_covers_exactly_the_tools_there_are() -> None:
    assert set(SCHEMAS) == set(TOOLS) == set(BY_TOOL) - {"constraint"}


@given(st.lists(ANYTHING, min_size=1, max_size=4))
def test_nothing_crashes_and_every_call_has_its_tools_shape(said: list[str]) -> None:
    talk = Conversation()
    for text in said:
        assert talk.say(text)
        for name, args in talk.calls:
            schema_of = SCHEMAS[name]
            assert isinstance(schema_of, type)
            assert issubclass(schema_of, BaseModel)
            schema_of.model_validate(json.loads(json.dumps(args)))
