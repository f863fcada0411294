"""Approvals on the wire: a run that waits for one is interrupted, and its verdict is a run of its own."""

from domain.ids import TurnId
from server.api.agui import AguiEncoder
from server.api.agui_events import VERDICT_SCHEMA
from server.api.cursor import Cursor
from services.approvals import Decide
from services.events import EventType, Position
from services.watching import Seen
from tests.server.api.agui_log import SESSION, TURN, encoded, logged, types_of


def _approval(seq: int, status: str, turn: TurnId | None = TURN) -> Seen:
    return logged(
        seq,
        EventType.APPROVAL,
        turn,
        "workspace",
        approval_id="a1",
        status=status,
        title="Launch “Spring” for 100,000.00 USD",
        amount="100000.00",
        currency="USD",
        requested_by="Bob",
        expires_at="2026-03-08T00:00:00+00:00",
        outcome=None,
    )


def test_a_turn_that_waits_for_approval_is_interrupted_under_the_approvals_id() -> None:
    waits = {"approval_id": "a1", "title": "Launch “Spring”", "expires_at": "2026-03-08T00:00:00+00:00"}
    ended = logged(4, EventType.TURN_ENDED, status="awaiting_approval", error=None, approvals=[waits])
    placed = encoded([logged(2, EventType.TURN_STARTED, attempt=1), _approval(3, "pending"), ended])
    assert types_of(placed) == ["RUN_STARTED", "STEP_STARTED", "CUSTOM", "STEP_FINISHED", "RUN_FINISHED"]
    assert placed[2][1]["value"]["approvalId"] == "a1"
    assert placed[-1][1]["outcome"] == {
        "type": "interrupt",
        "interrupts": [
            {
                "id": "a1",
                "reason": "approval",
                "message": "Launch “Spring”",
                "expiresAt": "2026-03-08T00:00:00+00:00",
                "responseSchema": VERDICT_SCHEMA,
            }
        ],
    }


def test_an_interrupt_says_everything_that_a_verdict_takes() -> None:
    said, taken = VERDICT_SCHEMA["properties"], Decide.model_json_schema()
    assert set(said) == set(taken["properties"])
    assert said["verdict"]["enum"] == taken["$defs"]["Verdict"]["enum"]
    condition, wanted = said["conditions"]["items"], taken["$defs"]["WantedCondition"]
    assert (set(condition["properties"]), condition["required"]) == (set(wanted["properties"]), wanted["required"])


def test_a_reader_that_comes_back_before_the_end_knows_what_the_turn_waits_for() -> None:
    waits = {"approval_id": "a1", "title": "Launch “Spring”", "expires_at": "2026-03-08T00:00:00+00:00"}
    ended = logged(4, EventType.TURN_ENDED, status="awaiting_approval", error=None, approvals=[waits])
    placed = encoded([ended], AguiEncoder(SESSION, at=Cursor(Position(seq=3))))
    assert [one["id"] for one in placed[-1][1]["outcome"]["interrupts"]] == ["a1"]


def test_a_verdict_is_a_run_of_its_own() -> None:
    block = {"kind": "approval", "approval": {"id": "a1"}}
    verdict = [
        logged(5, EventType.TURN_STARTED, attempt=1),
        _approval(6, "executed"),
        logged(
            7, EventType.MESSAGE, agent="workspace", message_id="approval:a1", text="Done.", streamed=False, block=block
        ),
        logged(8, EventType.TURN_ENDED, status="completed", error=None),
    ]
    placed = encoded(verdict)
    assert types_of(placed) == [
        "RUN_STARTED",
        "STEP_STARTED",
        "CUSTOM",
        "TEXT_MESSAGE_START",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_END",
        "ACTIVITY_SNAPSHOT",
        "STEP_FINISHED",
        "RUN_FINISHED",
    ]
    assert placed[-1][1]["outcome"] == {"type": "success"}
    assert placed[6][1]["activityType"] == "approval"


def test_a_withdrawal_is_told_outside_of_any_run() -> None:
    assert types_of(encoded([_approval(9, "withdrawn", None)])) == ["CUSTOM"]
