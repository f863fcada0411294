"""The nemesis' checker finds every fault that it is there for, and no fault where there is none."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.nemesis.checker import Kind, check
from evals.nemesis.history import EffectRow, EventRow, History, Promise, Received
from tests.evals.histories import MARKS, OTHER, Asked, history_of

T = TypeVar("T")

CLEAN = history_of([Asked(), Asked(2, crashes=1), Asked(0, "cancelled", started=False)], [Asked(1, "failed"), Asked(0)])
TURN, NEXT, UNSTARTED = "session-0-turn-0", "session-0-turn-1", "session-0-turn-2"

turns = st.builds(
    Asked,
    campaigns=st.integers(0, 3),
    status=st.sampled_from(["completed", "awaiting_approval"]),
    crashes=st.integers(0, 2),
) | st.sampled_from([Asked(1, "failed"), Asked(1, "cancelled"), Asked(1, "cancelled", started=False)])
conversations = st.lists(st.lists(turns, max_size=4), max_size=4)


def without(rows: Sequence[T], meant: Callable[[T], object]) -> list[T]:
    (gone,) = [row for row in rows if meant(row)]
    return [row for row in rows if row is not gone]


def changed(rows: Sequence[T], meant: Callable[[T], object], **values: Any) -> list[T]:
    (one,) = [row for row in rows if meant(row)]
    return [replace(row, **values) if row is one else row for row in rows]  # type: ignore[type-var]


def event(type_: str, turn_id: str = TURN) -> Callable[[EventRow], bool]:
    return lambda row: row.type == type_ and row.turn_id == turn_id


def end_of(history: History, turn_id: str = TURN) -> EventRow:
    return next(row for row in history.events if event("turn_ended", turn_id)(row))


def swapped(history: History, one: EventRow, other: EventRow) -> list[EventRow]:
    places = {id(one): other.seq, id(other): one.seq}
    return [replace(row, seq=places.get(id(row), row.seq)) for row in history.events]


def reading(history: History, change: Callable[[tuple[Received, ...]], Sequence[Received]]) -> History:
    """With another log of the first reader's."""
    first, *others = history.readers
    return replace(history, readers=[replace(first, events=tuple(change(tuple(first.events)))), *others])


def place_of(events: Sequence[Received], type_: str) -> int:
    return next(place for place, received in enumerate(events) if received.type == type_)


def drop_seen(type_: str) -> Callable[[History], History]:
    return lambda history: reading(history, lambda seen: [*seen[: (at := place_of(seen, type_))], *seen[at + 1 :]])


def double_seen(type_: str) -> Callable[[History], History]:
    return lambda history: reading(history, lambda seen: [*seen[: (at := place_of(seen, type_) + 1)], *seen[at - 1 :]])


def swap_seen(history: History) -> History:
    def swap(seen: tuple[Received, ...]) -> Sequence[Received]:
        said = [place for place, received in enumerate(seen) if received.data.get("name") == "user_message"]
        one, other = said[0], said[1]
        order = list(seen)
        order[one], order[other] = replace(seen[other], id=""), replace(seen[one], id="")
        return order

    return reading(history, swap)


def go_back(history: History) -> History:
    return reading(history, lambda seen: [*seen, Received("1.0", "STEP_STARTED", {"stepName": "workspace"})])


def say_foreign(history: History) -> History:
    return reading(history, lambda seen: [*seen, Received("", "ACTIVITY_SNAPSHOT", {"content": MARKS[OTHER]})])


def ghost_text(history: History) -> History:
    ghost = Received("", "TEXT_MESSAGE_CONTENT", {"messageId": f"{TURN}:99", "delta": "boo"})
    return reading(history, lambda seen: [*seen, ghost])


def gap(history: History) -> History:
    return reading(history, lambda seen: [*seen, Received("", "CUSTOM", {"name": "gap", "value": {"after": 3}})])


def restarted_text(history: History) -> History:
    """The text comes once more and nobody said so."""
    return reading(
        history, lambda seen: [*seen[: (at := place_of(seen, "TEXT_MESSAGE_END"))], *seen[at - 2 : at], *seen[at:]]
    )


def log_gap(history: History) -> History:
    """An event that nobody reads, gone."""
    return replace(history, events=without(history.events, event("agent_started")))


def log_double(history: History) -> History:
    (one,) = [row for row in history.events if event("agent_started")(row)]
    return replace(history, events=[*history.events, one])


def unwritten(history: History) -> History:
    return replace(history, messages=without(history.messages, lambda row: row.id == f"{TURN}:1"))


def rewritten(history: History) -> History:
    return replace(history, messages=changed(history.messages, lambda row: row.id == f"{TURN}:1", text="other words"))


def broken_promise(history: History) -> History:
    return replace(history, promises=[*history.promises, Promise("session-0", "key-of-nobody", "no-turn")])


def second_turn_of_a_key(history: History) -> History:
    return replace(history, promises=[*history.promises, Promise("session-0", f"key-{TURN}", NEXT)])


def unsaid(history: History) -> History:
    said = event("user_message")
    return readers_gone(replace(history, events=changed(history.events, said, type="job", turn_id=None)))


def readers_gone(history: History) -> History:
    """Where the log itself is broken, readers would be a second fault."""
    return replace(history, readers=[])


def endless(history: History) -> History:
    """One that nothing follows: what came after it would lie within it."""
    events = changed(history.events, event("turn_ended", UNSTARTED), type="job", turn_id=None)
    return readers_gone(replace(history, events=events))


def ended_twice(history: History) -> History:
    (one,) = [row for row in history.sessions if row.id == "session-0"]
    again = replace(end_of(history), seq=one.last_seq + 1)
    sessions = changed(history.sessions, lambda row: row.id == "session-0", last_seq=one.last_seq + 1)
    return readers_gone(replace(history, events=[*history.events, again], sessions=sessions))


def now_is(status: str) -> Callable[[History], History]:
    return lambda history: replace(history, turns=changed(history.turns, lambda row: row.id == NEXT, status=status))


def broken(history: History) -> History:
    failed = {"status": "completed", "error": {"code": "internal", "message": "no"}}
    return replace(history, events=changed(history.events, event("turn_ended"), data=failed))


def interleaved(history: History) -> History:
    start = next(row for row in history.events if event("turn_started", NEXT)(row))
    return readers_gone(replace(history, events=swapped(history, end_of(history), start)))


def out_of_order(history: History) -> History:
    """The turns have run in the order of the log, but the second was accepted first."""
    seq = {row.id: row.accepted_seq for row in history.turns}
    other = {TURN: NEXT, NEXT: TURN}
    turned = [replace(row, accepted_seq=seq[other.get(row.id, row.id)]) for row in history.turns]
    return readers_gone(replace(history, turns=turned))


def same_attempt(history: History) -> History:
    def second(row: EventRow) -> bool:
        return row.turn_id == NEXT and row.data.get("attempt") == 2

    return replace(history, events=changed(history.events, second, data={"attempt": 1}))


def answered_twice(history: History) -> History:
    (one,) = [row for row in history.events if event("tool_result")(row)]
    events = changed(history.events, event("agent_started"), type="tool_result", data=one.data)
    return readers_gone(replace(history, events=events))


def unanswered(history: History) -> History:
    return readers_gone(replace(history, events=changed(history.events, event("tool_result"), type="agent_started")))


def made_twice(history: History) -> History:
    """The same name under another id, with all its notes."""
    campaign, effect, noted = history.campaigns[0], history.effects[0], history.audit[0]
    return replace(
        history,
        campaigns=[*history.campaigns, replace(campaign, id="again")],
        effects=[*history.effects, replace(effect, key=f"{TURN}:again")],
        audit=[*history.audit, replace(noted, object_id="again")],
    )


def refused(history: History) -> History:
    (one,) = [row for row in history.events if event("tool_result")(row)]
    data = {**one.data, "refused": True}
    return replace(history, events=changed(history.events, lambda row: row is one, data=data))


def effect_twice(history: History) -> History:
    """Both noted, as what they were."""
    again = replace(history.effects[0], action="plan.drafted")
    noted = replace(history.audit[0], action="plan.drafted")
    return replace(history, effects=[*history.effects, again], audit=[*history.audit, noted])


def no_campaign(history: History) -> History:
    gone = history.campaigns[0]
    return replace(
        history,
        campaigns=without(history.campaigns, lambda row: row is gone),
        effects=without(history.effects, lambda row: row.key.startswith(f"{TURN}:")),
        audit=without(history.audit, lambda row: row.object_id == gone.id),
    )


def unaudited(history: History) -> History:
    return replace(history, effects=[*history.effects, EffectRow("tenant-a", f"{TURN}:more", "plan.drafted")])


def audited_twice(history: History) -> History:
    return replace(history, audit=[*history.audit, replace(history.audit[0], action="plan.drafted")])


def foreign_campaign(history: History) -> History:
    """Of another tenant's words, in a turn that nobody holds to a name."""
    gone = next(row for row in history.campaigns if row.id.startswith("session-1"))
    named = changed(history.campaigns, lambda row: row is gone, name=f"{MARKS['tenant-a']} elsewhere")
    return replace(history, campaigns=named)


def intruded(history: History) -> History:
    return replace(history, intrusions=["a stranger was let in"])


PLANTED: list[tuple[Callable[[History], History], Kind, str]] = [
    (log_gap, Kind.LOST, "log"),
    (log_double, Kind.DOUBLED, "log"),
    (drop_seen("TOOL_CALL_RESULT"), Kind.LOST, "reader"),
    (double_seen("TOOL_CALL_RESULT"), Kind.DOUBLED, "reader"),
    (swap_seen, Kind.DISORDERED, "reader"),
    (gap, Kind.DOUBLED, "reader"),
    (go_back, Kind.DOUBLED, "position"),
    (drop_seen("TEXT_MESSAGE_CONTENT"), Kind.LOST, "text"),
    (double_seen("TEXT_MESSAGE_CONTENT"), Kind.DOUBLED, "text"),
    (restarted_text, Kind.DOUBLED, "text"),
    (ghost_text, Kind.LOST, "text"),
    (unwritten, Kind.LOST, "transcript"),
    (rewritten, Kind.LOST, "transcript"),
    (broken_promise, Kind.LOST, "turn"),
    (second_turn_of_a_key, Kind.DOUBLED, "key"),
    (unsaid, Kind.LOST, "message"),
    (endless, Kind.LOST, "ending"),
    (ended_twice, Kind.DOUBLED, "ending"),
    (now_is("running"), Kind.LOST, "ended"),
    (now_is("failed"), Kind.LOST, "ended"),
    (broken, Kind.LOST, "internal"),
    (interleaved, Kind.DISORDERED, "interleaved"),
    (out_of_order, Kind.DISORDERED, "order"),
    (same_attempt, Kind.DOUBLED, "attempt"),
    (answered_twice, Kind.DOUBLED, "tool"),
    (unanswered, Kind.LOST, "tool"),
    (made_twice, Kind.DOUBLED, "effect"),
    (refused, Kind.DOUBLED, "refused"),
    (effect_twice, Kind.DOUBLED, "effect"),
    (no_campaign, Kind.LOST, "effect"),
    (unaudited, Kind.LOST, "audit"),
    (audited_twice, Kind.DOUBLED, "audit"),
    (say_foreign, Kind.FOREIGN, "mark"),
    (foreign_campaign, Kind.FOREIGN, "mark"),
    (intruded, Kind.FOREIGN, "intrusion"),
]


def test_a_clean_history_passes() -> None:
    assert check(CLEAN) == []
    assert all(reader.events for reader in CLEAN.readers)


@pytest.mark.parametrize(
    ("plant", "kind", "rule"), PLANTED, ids=[f"{place}-{rule}-{kind}" for place, (_, kind, rule) in enumerate(PLANTED)]
)
def test_a_planted_fault_is_found_and_no_other(plant: Callable[[History], History], kind: Kind, rule: str) -> None:
    found = {(violation.kind, violation.rule) for violation in check(plant(CLEAN))}
    assert found == {(kind, rule)}


@given(conversations)
def test_any_clean_history_passes(asked: list[list[Asked]]) -> None:
    assert check(history_of(*asked)) == []
