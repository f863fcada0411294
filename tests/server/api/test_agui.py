"""The encoder: what readers get for each entry of the log, every event valid by the official models."""

import pytest
from ag_ui.core import PROTOCOL_VERSION

from server.api.agui import AguiEncoder, reconnect
from server.api.cursor import Cursor
from services.events import EventType, Position, SessionEvent
from services.watching import Seen
from tests.server.api.agui_log import SESSION, TABLE, TURN, encoded, logged, official, piece, text_of, types_of, whole

WHOLE_TURN = [
    logged(1, EventType.USER_MESSAGE, message_id="m0", text="Hello"),
    logged(2, EventType.TURN_STARTED, attempt=1),
    piece(2, 0, "I look "),
    piece(2, 7, "around"),
    logged(3, EventType.AGENT_STARTED, agent="planning"),
    whole(4, "I look around.", 13),
    logged(5, EventType.TOOL_CALL, agent="planning", id="c1", name="list_members", arguments={"a": 1}, message_id="m1"),
    logged(6, EventType.TOOL_RESULT, agent="planning", id="c1", name="x", text="Two", refused=False, block=TABLE),
    logged(7, EventType.AGENT_STARTED, agent="insights"),
    logged(8, EventType.TURN_ENDED, status="completed", error=None),
]


def test_a_whole_turn() -> None:
    placed = encoded(WHOLE_TURN)
    assert types_of(placed) == [
        "CUSTOM",
        "RUN_STARTED",
        "STEP_STARTED",
        "TEXT_MESSAGE_START",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_END",
        "TOOL_CALL_START",
        "TOOL_CALL_ARGS",
        "TOOL_CALL_END",
        "TOOL_CALL_RESULT",
        "ACTIVITY_SNAPSHOT",
        "STEP_FINISHED",
        "STEP_STARTED",
        "STEP_FINISHED",
        "RUN_FINISHED",
    ]
    assert text_of(placed) == "I look around."
    events = [event for _, event in placed]
    assert events[1]["protocolVersion"] == PROTOCOL_VERSION
    assert events[1]["runId"] == events[-1]["runId"] == str(TURN)
    assert events[9]["delta"] == '{"a":1}'
    assert events[12]["activityType"] == "table"
    assert events[12]["content"] == TABLE


def test_positions_only_grow_and_end_each_entry() -> None:
    encoder = AguiEncoder(SESSION)
    for seen in WHOLE_TURN:
        placed = encoder.encode(seen)
        assert not placed or placed[-1][0] == Cursor(seen.position)
    places = [(p.position.seq, p.position.offset, p.had) for p, _ in encoded(WHOLE_TURN) if p]
    assert places == sorted(set(places))
    assert len(places) == len(encoded(WHOLE_TURN))


@pytest.mark.parametrize("cut", range(len(encoded(WHOLE_TURN))))
def test_a_reader_that_comes_back_gets_exactly_the_rest(cut: int) -> None:
    """After each event, even of one entry: it neither repeats a start nor loses an end."""
    wholly = encoded(WHOLE_TURN)
    at = wholly[cut][0]
    assert at
    had = [seen.entry for seen in WHOLE_TURN if isinstance(seen.entry, SessionEvent) and seen.entry.seq <= at.seq]
    assert encoded(_rest(at.position), AguiEncoder(SESSION, at=at, had=had)) == wholly[cut + 1 :]


def _rest(at: Position) -> list[Seen]:
    """As the view gives it: of the message that is being written, what is missing."""
    rest = [seen for seen in WHOLE_TURN if (seen.position.seq, seen.position.offset) > (at.seq, at.offset)]
    return [whole(4, "I look around.", max(at.offset, 13)) if _is_message(seen) else seen for seen in rest]


def _is_message(seen: Seen) -> bool:
    return isinstance(seen.entry, SessionEvent) and seen.entry.type is EventType.MESSAGE


def test_who_comes_back_within_a_text_by_the_agent_of_its_step_is_told_of_the_next_agent() -> None:
    turn = [
        logged(2, EventType.TURN_STARTED, attempt=1),
        logged(3, EventType.AGENT_STARTED, agent="planning"),
        piece(3, 0, "I look "),
        whole(4, "I look around.", 7),
        logged(5, EventType.AGENT_STARTED, agent="insights"),
    ]
    had = [seen.entry for seen in turn[:2] if isinstance(seen.entry, SessionEvent)]
    after = encoded(turn[3:], AguiEncoder(SESSION, at=Cursor(turn[2].position), had=had))
    assert types_of(after) == ["TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END", "STEP_FINISHED", "STEP_STARTED"]


def test_text_is_not_sent_again_to_a_reader_cut_off_before_the_messages_end() -> None:
    (_, _, (position, content), _) = encoded([whole(4, "Done.", attempt=2)])
    assert content["type"] == "TEXT_MESSAGE_CONTENT"
    assert position == Cursor(Position(seq=3, offset=5, attempt=2))


def test_a_message_streamed_to_its_end_is_only_ended() -> None:
    encoder = AguiEncoder(SESSION)
    encoded([piece(2, 0, "Done.")], encoder)
    assert types_of(encoded([whole(4, "Done.", 5)], encoder)) == ["TEXT_MESSAGE_END"]


def test_a_text_that_was_given_up_is_started_over() -> None:
    encoder = AguiEncoder(SESSION)
    encoded([piece(2, 0, "Something el")], encoder)
    placed = encoded([whole(5, "Done.", restarted=True)], encoder)
    assert types_of(placed) == ["CUSTOM", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END"]
    assert placed[0][1] == {"type": "CUSTOM", "name": "text_restarted", "value": {"messageId": "m1"}}
    assert text_of(placed) == "Done."


def test_a_message_without_words_is_none() -> None:
    assert encoded([logged(4, EventType.MESSAGE, None, message_id="m", text="", streamed=False)]) == []


def test_a_jobs_progress_and_its_result_outside_of_any_run() -> None:
    job = logged(
        9, EventType.JOB, None, job_id="j1", kind="media_planning", status="running", step="flight", percent=40
    )
    said = logged(
        10, EventType.MESSAGE, None, "planning", message_id="job:j1", text="Done.", streamed=False, block=TABLE
    )
    placed = encoded([job, said])
    assert types_of(placed) == [
        "CUSTOM",
        "TEXT_MESSAGE_START",
        "TEXT_MESSAGE_CONTENT",
        "TEXT_MESSAGE_END",
        "ACTIVITY_SNAPSHOT",
    ]
    assert placed[0][1]["value"] == {
        "jobId": "j1",
        "kind": "media_planning",
        "status": "running",
        "step": "flight",
        "percent": 40,
    }


def test_a_jobs_result_does_not_end_the_text_that_is_being_written() -> None:
    encoder = AguiEncoder(SESSION)
    encoded([piece(2, 0, "Half")], encoder)
    encoded([logged(3, EventType.MESSAGE, None, "planning", message_id="job:1", text="!", streamed=False)], encoder)
    ended = encoded([logged(4, EventType.TURN_ENDED, status="cancelled", error=None)], encoder)
    assert ended[0][1] == {"type": "TEXT_MESSAGE_END", "messageId": "m1"}


def test_a_cancelled_turn_closes_what_is_open() -> None:
    encoder = AguiEncoder(SESSION)
    encoded([logged(2, EventType.TURN_STARTED, attempt=1), piece(2, 0, "Half")], encoder)
    placed = encoded([logged(3, EventType.TURN_ENDED, status="cancelled", error=None)], encoder)
    assert types_of(placed) == ["TEXT_MESSAGE_END", "STEP_FINISHED", "RUN_FINISHED"]
    assert placed[-1][1]["outcome"] == {"type": "cancelled"}


def test_a_turn_cancelled_in_the_queue_is_a_run_all_the_same() -> None:
    accepted = logged(1, EventType.USER_MESSAGE, message_id="m0", text="Hello")
    placed = encoded([accepted, logged(2, EventType.TURN_ENDED, status="cancelled", error=None)])
    assert types_of(placed) == ["CUSTOM", "RUN_STARTED", "RUN_FINISHED"]


def test_a_run_that_was_begun_at_its_acceptance_starts_once() -> None:
    encoder = AguiEncoder(SESSION)
    official.validate_python(encoder.begin(TURN))
    assert encoded([logged(2, EventType.TURN_STARTED, attempt=1)], encoder) == []


def test_a_failed_turn_says_why() -> None:
    error = {"code": "turn_timed_out", "message": "This turn took longer than 300 seconds."}
    (_, event) = encoded([logged(3, EventType.TURN_ENDED, status="failed", error=error)])[-1]
    assert event == {"type": "RUN_ERROR", "message": error["message"], "code": "turn_timed_out"}


def test_a_second_attempt_is_told_as_such() -> None:
    (_, event) = encoded([logged(5, EventType.TURN_STARTED, attempt=2)])[0]
    assert event["value"] == {"turnId": str(TURN), "attempt": 2}


def test_a_refused_call_is_marked() -> None:
    result = logged(
        6, EventType.TOOL_RESULT, agent="planning", id="c1", name="x", text="Refused", refused=True, block=None
    )
    placed = encoded([result])
    assert placed[-1][1]["metadata"] == {"refused": True}


def test_the_farewell_is_valid_too() -> None:
    official.validate_python(reconnect())
