"""The log as LangGraph's events: pure, so any log can be told."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid5

from domain.ids import TurnId, new_id
from domain.sessions import TurnStatus
from server.api.langgraph.conversation import Conversation
from server.api.langgraph.encoding import Event, RunEncoder
from server.api.langgraph.payloads import MODES
from services.events import EventType, SessionEvent
from services.watching import Seen
from tests.server.api.agui_log import TURN, logged, piece, whole

OTHER = TurnId(new_id())
NOW = datetime(2026, 3, 1, tzinfo=UTC)
CALL: dict[str, Any] = {"id": "c1", "name": "list_members", "arguments": {"page": 1}, "message_id": "m1"}
RESULT: dict[str, Any] = {
    "id": "c1",
    "name": "list_members",
    "text": "Ada",
    "refused": False,
    "block": {"kind": "table"},
}
ASKED: dict[str, Any] = {
    "approval_id": "a1",
    "status": "pending",
    "title": "Launch “Spring”",
    "amount": None,
    "currency": None,
    "requested_by": "Bob",
    "expires_at": "2026-03-08T00:00:00+00:00",
    "outcome": None,
}


def asked(seq: int, turn: TurnId = TURN) -> Seen:
    return logged(seq, EventType.USER_MESSAGE, turn, message_id=f"{turn}:0", text="Who?")


def ended(seq: int, status: str = "completed", turn: TurnId = TURN, error: object = None) -> Seen:
    return logged(seq, EventType.TURN_ENDED, turn, status=status, error=error)


def folded(*log: Seen) -> Conversation:
    return Conversation.of([seen.entry for seen in log if isinstance(seen.entry, SessionEvent)])


def told(*log: Seen, modes: frozenset[str] = frozenset(MODES), now: datetime = NOW) -> list[Event]:
    encoder = RunEncoder("mine", TURN, modes, Conversation(), None, lambda: now)
    return [event for seen in log for event in encoder.encode(seen.entry)]


def named(events: list[Event]) -> list[str]:
    return [name for name, _ in events]


def test_a_call_comes_as_a_chunk_and_stands_in_the_state_with_its_result() -> None:
    log = [
        asked(1),
        logged(2, EventType.TOOL_CALL, agent="workspace", **CALL),
        logged(3, EventType.TOOL_RESULT, agent="workspace", **RESULT),
    ]
    events = told(*log)
    assert named(events) == ["messages", "updates", "messages", "updates", "custom", "values"]
    chunk, about = events[0][1]
    assert chunk["tool_call_chunks"] == [
        {"id": "c1", "name": "list_members", "args": '{"page":1}', "index": 0, "type": "tool_call_chunk"}
    ]
    assert about["langgraph_node"] == "workspace"
    question, call, result = events[-1][1]["messages"]
    assert (question["type"], call["type"], result["type"]) == ("human", "ai", "tool")
    assert call["tool_calls"] == [{"id": "c1", "name": "list_members", "args": {"page": 1}, "type": "tool_call"}]
    assert (result["tool_call_id"], result["status"]) == ("c1", "success")


def test_text_comes_once_whether_in_pieces_or_whole() -> None:
    events = told(asked(1), piece(1, 0, "Ada "), whole(2, "Ada and Ben", delivered=4), ended(3))
    texts = [data[0]["content"] for name, data in events if name == "messages"]
    assert texts == ["Ada ", "and Ben"]
    assert events[-2][1]["messages"][-1]["content"] == "Ada and Ben"


def test_a_message_that_is_begun_anew_is_taken_back_first() -> None:
    events = told(asked(1), whole(2, "Other words", restarted=True, attempt=2))
    messages = [data[0] for name, data in events if name == "messages"]
    assert [(one["type"], one["content"]) for one in messages] == [("remove", ""), ("AIMessageChunk", "Other words")]
    assert len({one["id"] for one in messages}) == 1


def test_only_the_modes_that_are_wanted() -> None:
    log = [asked(1), logged(2, EventType.TOOL_RESULT, agent="workspace", **RESULT), whole(3, "Done."), ended(4)]
    assert set(named(told(*log, modes=frozenset({"values"})))) == {"values", "end"}
    assert set(named(told(*log, modes=frozenset({"messages-tuple"})))) == {"messages", "end"}
    assert set(named(told(*log, modes=frozenset({"updates"})))) == {"updates", "end"}
    assert set(named(told(*log, modes=frozenset({"custom"})))) == {"custom", "end"}


def test_another_run_is_noted_and_not_told() -> None:
    log = [asked(1, OTHER), asked(2), ended(3, turn=OTHER)]
    assert told(*log) == []
    (last,) = [data for name, data in told(*log, ended(4)) if name == "values"]
    assert [one["id"] for one in last["messages"]] == [f"{OTHER}:0", f"{TURN}:0"]


def test_a_failure_is_an_error_before_the_end() -> None:
    events = told(asked(1), ended(2, "failed", error={"code": "turn_timeout", "message": "It took too long."}))
    assert named(events) == ["values", "error", "end"]
    assert events[1][1] == {"error": "turn_timeout", "message": "It took too long."}


def test_what_waits_for_approval_is_an_interrupt_until_it_expires() -> None:
    log = [asked(1), logged(2, EventType.APPROVAL, agent="workspace", **ASKED), ended(3, "awaiting_approval")]
    events = told(*log)
    assert named(events) == ["custom", "updates", "values", "end"]
    (waits,) = events[2][1]["__interrupt__"]
    assert events[1][1] == {"__interrupt__": [waits]}
    assert (waits["id"], waits["value"]["approval"]["title"]) == ("a1", "Launch “Spring”")
    assert waits["value"]["review_configs"][0]["allowed_decisions"] == ["approve", "reject"]
    late = told(*log, now=datetime(2026, 3, 9, tzinfo=UTC))
    assert "__interrupt__" not in late[2][1]


def test_a_verdict_ends_the_interrupt_and_says_in_which_run() -> None:
    verdict = logged(5, EventType.APPROVAL, OTHER, "workspace", **{**ASKED, "status": "denied"})
    conversation = folded(asked(1), logged(2, EventType.APPROVAL, **ASKED), ended(3, "awaiting_approval"), verdict)
    assert conversation.pending(NOW) == []
    assert conversation.told_in == {"a1": OTHER}


def test_a_run_has_two_checkpoints_with_what_was_said_by_then() -> None:
    conversation = folded(asked(1), whole(2, "Ada"), ended(3), asked(4, OTHER))
    assert [(one.id, one.source, one.messages) for one in conversation.checkpoints] == [
        (uuid5(TURN, "input"), "input", 1),
        (TURN, "loop", 2),
        (uuid5(OTHER, "input"), "input", 3),
    ]
    assert conversation.busy
    assert [run.status for run in conversation.runs.values()] == [TurnStatus.COMPLETED, TurnStatus.QUEUED]


def test_a_cancelled_run_leaves_no_call_open_and_touches_no_others() -> None:
    log = [asked(1), asked(2, OTHER), logged(3, EventType.TOOL_CALL, agent="workspace", **CALL)]
    still_open = folded(*log, ended(4, "cancelled", OTHER))
    assert "c1:result" not in still_open.messages
    closed = folded(*log, ended(4, "cancelled"))
    assert closed.messages["c1:result"]["status"] == "error"


def test_an_event_that_comes_twice_counts_once() -> None:
    call = logged(2, EventType.TOOL_CALL, agent="workspace", **CALL)
    assert len(folded(asked(1), call, call).messages["m1"]["tool_calls"]) == 1
