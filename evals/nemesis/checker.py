"""The rules that a history must obey. Pure: the same history gives the same violations."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

from domain.sessions import TurnStatus
from evals.nemesis.history import EventRow, History, Reader
from evals.nemesis.seen import Fact, told_by_log, told_to

T = TypeVar("T", bound=Hashable)

ENDED = {status.value for status in TurnStatus if status.ended}


class Kind(StrEnum):
    LOST = "lost"
    DOUBLED = "doubled"
    DISORDERED = "disordered"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Violation:
    kind: Kind
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.rule}: {self.what}"


def check(history: History) -> list[Violation]:
    """Everything that is wrong, by rule."""
    return [violation for rule in RULES for violation in rule(history)]


def the_log_is_gapless(history: History) -> Iterator[Violation]:
    logs = _logs(history)
    for session in history.sessions:
        numbers = Counter(event.seq for event in logs[session.id])
        for seq in sorted(set(range(1, session.last_seq + 1)) - numbers.keys()):
            yield Violation(Kind.LOST, "log", f"{session.id} has no event {seq}")
        for seq, times in numbers.items():
            if times > 1 or not 1 <= seq <= session.last_seq:
                yield Violation(Kind.DOUBLED, "log", f"{session.id} has event {seq} {times} times")


def readers_see_the_log(history: History) -> Iterator[Violation]:
    logs = _logs(history)
    for reader in history.readers:
        log = [
            event
            for event in logs[reader.session_id]
            if event.seq > reader.after and reader.turn_id in (None, event.turn_id)
        ]
        expected, told = told_by_log(log), told_to(reader.events)
        recorded = {fact.about for fact in expected if fact.kind == "text"}
        # What was cut off by the turn's end is text, but not a message; its text has a rule of its own.
        got = [fact for fact in told.facts if fact.kind != "text" or fact.about in recorded]
        yield from _compared(reader, expected, got)


def positions_go_forward(history: History) -> Iterator[Violation]:
    for reader in history.readers:
        places = [int(event.id.partition(".")[0]) for event in reader.events if event.id]
        for before, after in pairwise(places):
            if after < before:
                yield Violation(Kind.DOUBLED, "position", f"{reader.name} went back from {before} to {after}")


def texts_are_whole(history: History) -> Iterator[Violation]:
    status = {turn.id: turn.status for turn in history.turns}
    durable = _texts(history.events)
    for reader in history.readers:
        told = told_to(reader.events)
        for message_id, text in told.texts.items():
            whole = durable.get(message_id)
            if whole is not None and whole != text:
                kind = Kind.LOST if len(text) < len(whole) else Kind.DOUBLED
                yield Violation(kind, "text", f"{reader.name} has {text!r} of {message_id}, which is {whole!r}")
            turn_id = message_id.partition(":")[0]
            if whole is None and text and status.get(turn_id) == TurnStatus.COMPLETED:
                yield Violation(Kind.LOST, "text", f"{reader.name} has {text!r} of {message_id}, which nobody wrote")


def the_transcript_is_the_log(history: History) -> Iterator[Violation]:
    texts = _texts(history.events) | {
        str(event.data["message_id"]): str(event.data["text"])
        for event in history.events
        if event.type == "user_message"
    }
    rows = {message.id: message.text for message in history.messages}
    for message_id, text in texts.items():
        if rows.get(message_id) != text:
            yield Violation(Kind.LOST, "transcript", f"{message_id} is {rows.get(message_id)!r}, in the log {text!r}")


def promises_are_kept(history: History) -> Iterator[Violation]:
    """An accepted turn exists, once for its key, with its message said once."""
    known = {turn.id for turn in history.turns}
    by_key: dict[tuple[str, str], set[str]] = defaultdict(set)
    for promise in history.promises:
        by_key[promise.session_id, promise.key].add(promise.turn_id)
        if promise.turn_id not in known:
            yield Violation(Kind.LOST, "turn", f"{promise.turn_id} was accepted and is not there")
    for (_, key), turns in by_key.items():
        if len(turns) > 1:
            yield Violation(Kind.DOUBLED, "key", f"{key} has the turns {sorted(turns)}")
    said = Counter(event.turn_id for event in history.events if event.type == "user_message")
    for turn in history.turns:
        yield from _once(said[turn.id], "message", f"what was said in turn {turn.id}")


def every_turn_ends_once(history: History) -> Iterator[Violation]:
    ends: dict[str | None, list[EventRow]] = defaultdict(list)
    for event in history.events:
        if event.type == "turn_ended":
            ends[event.turn_id].append(event)
    for turn in history.turns:
        yield from _once(len(ends[turn.id]), "ending", f"the end of turn {turn.id}")
        if turn.status not in ENDED:
            yield Violation(Kind.LOST, "ended", f"turn {turn.id} is {turn.status}")
        elif any(end.data["status"] != turn.status for end in ends[turn.id]):
            yield Violation(Kind.LOST, "ended", f"turn {turn.id} is {turn.status}, its log says otherwise")


def no_turn_breaks(history: History) -> Iterator[Violation]:
    """Whatever is broken, a turn is put off or run again; an answer that was given up as an internal error is lost."""
    for event in history.events:
        error = event.data.get("error")
        if event.type == "turn_ended" and error and error["code"] == "internal":
            yield Violation(Kind.LOST, "internal", f"turn {event.turn_id} failed: {error['message']}")


def turns_run_in_order(history: History) -> Iterator[Violation]:
    logs = _logs(history)
    for session in history.sessions:
        turns = [turn for turn in history.turns if turn.session_id == session.id]
        accepted = [turn.id for turn in sorted(turns, key=lambda turn: turn.accepted_seq)]
        first = list(dict.fromkeys(event.turn_id for event in logs[session.id] if event.type == "turn_started"))
        if first != [turn for turn in accepted if turn in first]:
            yield Violation(Kind.DISORDERED, "order", f"{session.id} has run {first}, accepted {accepted}")
        yield from _interleaved(logs[session.id])


def attempts_are_counted(history: History) -> Iterator[Violation]:
    """Two processes never run the same attempt of a turn."""
    logs = _logs(history)
    for turn in history.turns:
        attempts = [
            event.data["attempt"]
            for event in logs[turn.session_id]
            if event.type == "turn_started" and event.turn_id == turn.id
        ]
        if any(after <= before for before, after in pairwise(attempts)):
            yield Violation(Kind.DOUBLED, "attempt", f"turn {turn.id} has the attempts {attempts}")


def tools_answer_once(history: History) -> Iterator[Violation]:
    completed = {turn.id for turn in history.turns if turn.status == TurnStatus.COMPLETED}
    calls = Counter((event.turn_id, event.data["id"]) for event in history.events if event.type == "tool_call")
    results = Counter((event.turn_id, event.data["id"]) for event in history.events if event.type == "tool_result")
    for call, times in (calls | results).items():
        if calls[call] > 1 or results[call] > 1:
            yield Violation(Kind.DOUBLED, "tool", f"{call} is there {times} times")
        if call[0] in completed and not (calls[call] and results[call]):
            yield Violation(Kind.LOST, "tool", f"{call} was called {calls[call]} times, answered {results[call]}")


def effects_happen_once(history: History) -> Iterator[Violation]:
    """Names are asked for once, so a tool that is refused one has tried a second time."""
    tenant_of = {session.id: session.tenant_id for session in history.sessions}
    completed = {turn.id for turn in history.turns if turn.status == TurnStatus.COMPLETED}
    made = Counter((campaign.tenant_id, campaign.name) for campaign in history.campaigns)
    keys = Counter((effect.tenant_id, effect.key) for effect in history.effects)
    for thing, times in [*made.items(), *keys.items()]:
        if times > 1:
            yield Violation(Kind.DOUBLED, "effect", f"{thing} is there {times} times")
    for event in history.events:
        if event.type == "tool_result" and event.data.get("refused"):
            yield Violation(Kind.DOUBLED, "refused", f"{event.data['id']}: {event.data['text']}")
    for promise in history.promises:
        for name in promise.campaigns:
            if promise.turn_id in completed and not made[tenant_of[promise.session_id], name]:
                yield Violation(Kind.LOST, "effect", f"turn {promise.turn_id} is completed without campaign {name}")


def effects_are_audited(history: History) -> Iterator[Violation]:
    effects = Counter((effect.tenant_id, effect.key.partition(":")[0], effect.action) for effect in history.effects)
    noted = Counter((row.tenant_id, str(row.turn_id), row.action) for row in history.audit if row.turn_id)
    yield from _balanced("audit", effects, noted)
    made = Counter((campaign.tenant_id, campaign.id) for campaign in history.campaigns)
    yield from _balanced(
        "audit",
        made,
        Counter((row.tenant_id, row.object_id) for row in history.audit if row.action == "campaign.created"),
    )


def nothing_is_foreign(history: History) -> Iterator[Violation]:
    for intrusion in history.intrusions:
        yield Violation(Kind.FOREIGN, "intrusion", intrusion)
    tenant_of = {session.id: session.tenant_id for session in history.sessions}
    for tenant_id, where, text in _sayings(history, tenant_of):
        for other, mark in history.marks.items():
            if other != tenant_id and mark in text:
                yield Violation(Kind.FOREIGN, "mark", f"{where} of tenant {tenant_id} has {mark} of {other}")


RULES: Sequence[Callable[[History], Iterator[Violation]]] = (
    the_log_is_gapless,
    readers_see_the_log,
    positions_go_forward,
    texts_are_whole,
    the_transcript_is_the_log,
    promises_are_kept,
    every_turn_ends_once,
    no_turn_breaks,
    turns_run_in_order,
    attempts_are_counted,
    tools_answer_once,
    effects_happen_once,
    effects_are_audited,
    nothing_is_foreign,
)


def _logs(history: History) -> dict[str, list[EventRow]]:
    logs: dict[str, list[EventRow]] = defaultdict(list)
    for event in sorted(history.events, key=lambda event: event.seq):
        logs[event.session_id].append(event)
    return logs


def _texts(events: Iterable[EventRow]) -> dict[str, str]:
    return {str(event.data["message_id"]): str(event.data["text"]) for event in events if event.type == "message"}


def _compared(reader: Reader, expected: Sequence[Fact], got: Sequence[Fact]) -> Iterator[Violation]:
    for fact in (Counter(expected) - Counter(got)).elements():
        yield Violation(Kind.LOST, "reader", f"{reader.name} has not seen {fact.kind} {fact.about}")
    for fact in (Counter(got) - Counter(expected)).elements():
        yield Violation(Kind.DOUBLED, "reader", f"{reader.name} has seen {fact.kind} {fact.about} too often")
    if Counter(expected) == Counter(got) and list(expected) != list(got):
        yield Violation(Kind.DISORDERED, "reader", f"{reader.name} has seen another order than the log's")


def _once(times: int, rule: str, what: str) -> Iterator[Violation]:
    if times != 1:
        yield Violation(Kind.DOUBLED if times else Kind.LOST, rule, f"{what} is there {times} times")


def _interleaved(log: Sequence[EventRow]) -> Iterator[Violation]:
    """What a turn does lies between its first start and its end, and nothing of another turn's doing does."""
    running: str | None = None
    for event in log:
        if event.type == "user_message" or event.turn_id is None:
            continue
        if event.type == "turn_ended":
            running = None if event.turn_id == running else running
        elif event.type == "turn_started" and running in (None, event.turn_id):
            running = event.turn_id
        elif event.turn_id != running:
            yield Violation(Kind.DISORDERED, "interleaved", f"{event.type} {event.seq} of {event.turn_id} in {running}")


def _balanced(rule: str, wanted: Counter[T], found: Counter[T]) -> Iterator[Violation]:
    for thing in (wanted - found).elements():
        yield Violation(Kind.LOST, rule, f"{thing} is not noted")
    for thing in (found - wanted).elements():
        yield Violation(Kind.DOUBLED, rule, f"{thing} is noted too often")


def _sayings(history: History, tenant_of: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Tenant, place and words of everything that somebody could read."""
    for event in history.events:
        yield tenant_of[event.session_id], f"event {event.seq}", json.dumps(event.data)
    for message in history.messages:
        yield tenant_of[message.session_id], f"message {message.id}", message.text
    for campaign in history.campaigns:
        yield campaign.tenant_id, f"campaign {campaign.id}", campaign.name
    for reader in history.readers:
        for received in reader.events:
            yield tenant_of[reader.session_id], f"what {reader.name} saw", json.dumps(received.data)
