"""What the SDKs send, read or refused."""

from typing import Any

import pytest

from domain.approvals import Verdict
from domain.errors import InvalidInput, Unsupported
from server.api.cursor import Cursor
from server.api.langgraph.payloads import RunWanted, checkpoint_named, last_words, modes_of, refuse_options
from server.api.langgraph.verdicts import decision_of
from services.events import Position

HISTORY = [{"type": "human", "content": "first"}, {"type": "ai", "content": "ok"}, {"role": "user", "content": "last"}]


@pytest.mark.parametrize(
    ("input", "words"),
    [
        ({"messages": HISTORY}, "last"),
        ({"messages": [*HISTORY, {"type": "tool", "content": "x", "tool_call_id": "c"}]}, "last"),
        ({"messages": "hello"}, "hello"),
        (
            {"messages": {"role": "human", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}},
            "a\nb",
        ),
        ({"messages": [["user", "pair"]]}, "pair"),
        ({"messages": ["user", "pair"]}, "pair"),
        ({"messages": ["one", "two"]}, "two"),
        ({"messages": "hello", "context": None}, "hello"),
    ],
    ids=["history", "tool_last", "text", "blocks", "pairs", "pair", "texts", "empty_other"],
)
def test_the_last_words_of_the_person_count(input: Any, words: str) -> None:
    assert last_words(input) == words


@pytest.mark.parametrize(
    ("input", "code"),
    [
        (None, "message_required"),
        ({}, "message_required"),
        ({"messages": [{"type": "ai", "content": "x"}]}, "message_required"),
        ({"messages": [{"type": "human", "content": [{"type": "image_url"}]}]}, "unsupported_content"),
        ({"messages": [{"type": "human"}]}, "unsupported_content"),
        ({"messages": "hi", "files": ["x"]}, "unsupported_input"),
    ],
    ids=["nothing", "empty", "nobody", "image", "no_content", "other_keys"],
)
def test_an_input_that_says_nothing_is_refused(input: Any, code: str) -> None:
    with pytest.raises(Unsupported) as refused:
        last_words(input)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "option",
    [
        {"metadata": {"a": 1}},
        {"config": {"configurable": {"model": "x"}}},
        {"context": {"model": "x"}},
        {"interrupt_before": ["planning"]},
        {"interrupt_after": "*"},
        {"webhook": "https://example.com"},
        {"feedback_keys": ["k"]},
        {"langsmith_tracer": {"project_name": "p"}},
    ],
    ids=lambda option: next(iter(option)),
)
def test_options_are_refused_by_name(option: dict[str, Any]) -> None:
    with pytest.raises(Unsupported) as refused:
        refuse_options(RunWanted.model_validate({"assistant_id": "x", **option}))
    assert (refused.value.code, refused.value.field) == ("unsupported_option", next(iter(option)))


def test_options_that_say_nothing_pass() -> None:
    refuse_options(RunWanted(assistant_id="x", config={"configurable": {}}, metadata={}, interrupt_before=[]))


def test_modes_are_those_we_have() -> None:
    assert modes_of("values") == {"values"}
    assert modes_of([""]) == modes_of(None) == {"values", "messages-tuple", "updates", "custom"}
    with pytest.raises(Unsupported):
        modes_of(["values", "debug"])


@pytest.mark.parametrize(
    ("answer", "verdict", "reason"),
    [
        ("approved", Verdict.APPROVED, None),
        ({"verdict": "denied", "reason": "No."}, Verdict.DENIED, "No."),
        ({"decisions": [{"type": "approve"}]}, Verdict.APPROVED, None),
        ({"decisions": [{"type": "reject", "message": "No."}]}, Verdict.DENIED, "No."),
    ],
    ids=["word", "ours", "approve", "reject"],
)
def test_verdicts_in_both_tongues(answer: Any, verdict: Verdict, reason: str | None) -> None:
    decision = decision_of(answer)
    assert (decision.verdict, decision.reason) == (verdict, reason)


@pytest.mark.parametrize(
    "answer",
    [None, True, "yes", {"decisions": [{"type": "edit"}]}, {"decisions": [{"type": "approve"}] * 2}, {}],
    ids=["nothing", "true", "yes", "edit", "two", "empty"],
)
def test_any_other_answer_is_no_verdict(answer: Any) -> None:
    with pytest.raises(Unsupported) as refused:
        decision_of(answer)
    assert refused.value.code == "unsupported_verdict"


def test_a_checkpoint_is_named_in_three_ways() -> None:
    assert checkpoint_named("c1") == checkpoint_named({"checkpoint_id": "c1", "checkpoint_ns": ""}) == "c1"
    assert checkpoint_named({"configurable": {"checkpoint_id": "c1"}}) == "c1"
    assert checkpoint_named({"checkpoint_id": None}) is None
    with pytest.raises(Unsupported):
        checkpoint_named({"checkpoint_ns": "planning:1"})


@pytest.mark.parametrize("text", ["7.0", "7.12", "7.12.2", "7.12+3", "0.0+1"])
def test_a_cursor_comes_back_as_it_was(text: str) -> None:
    assert str(Cursor.parse(text)) == text


def test_a_cursor_of_nothing_is_the_start() -> None:
    assert Cursor.parse(None) is Cursor.parse("") is None
    assert Cursor.parse("7+2") == Cursor(Position(seq=7), 2)


@pytest.mark.parametrize("text", ["x", "7+", "+1", "7.1.1.1", "..", "7+9999999"])
def test_any_other_text_is_no_cursor(text: str) -> None:
    with pytest.raises(InvalidInput):
        Cursor.parse(text)
