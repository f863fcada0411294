"""Histories for the nemesis' checker: clean ones of any size, made as the product makes its log and readers see it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from evals.nemesis.history import (
    AuditRow,
    CampaignRow,
    EffectRow,
    EventRow,
    History,
    MessageRow,
    Promise,
    Reader,
    Received,
    SessionRow,
    TurnRow,
)

TENANT, OTHER = "tenant-a", "tenant-b"
MARKS = {TENANT: "mark-aaaaaaaaaaaa", OTHER: "mark-bbbbbbbbbbbb"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A turn to be: its campaigns, how it ends, how often its process died, and whether it ever started."""

    campaigns: int = 1
    status: str = "completed"
    crashes: int = 0
    started: bool = True


@dataclass(slots=True)
class Book:
    """The history of one conversation while it is written."""

    session_id: str
    tenant_id: str
    turns: list[TurnRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    messages: list[MessageRow] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    campaigns: list[CampaignRow] = field(default_factory=list)
    effects: list[EffectRow] = field(default_factory=list)
    audit: list[AuditRow] = field(default_factory=list)

    def log(self, type_: str, turn_id: str, **data: Any) -> int:
        seq = len(self.events) + 1
        self.events.append(EventRow(self.session_id, seq, type_, turn_id, data))
        return seq

    def accept(self, number: int, asked: Asked) -> str:
        turn_id = f"{self.session_id}-turn-{number}"
        text = f"{MARKS[self.tenant_id]} asks {number}"
        seq = self.log("user_message", turn_id, message_id=f"{turn_id}:0", text=text)
        self.messages.append(MessageRow(self.session_id, f"{turn_id}:0", "user", text))
        self.turns.append(TurnRow(turn_id, self.session_id, seq, asked.status))
        names = tuple(self.name(turn_id, place) for place in range(asked.campaigns))
        self.promises.append(Promise(self.session_id, f"key-{turn_id}", turn_id, names))
        return turn_id

    def run(self, turn_id: str, asked: Asked) -> None:
        if asked.started:
            for attempt in range(1, asked.crashes + 2):
                self.log("turn_started", turn_id, attempt=attempt)
            self.log("agent_started", turn_id)
            for place in range(asked.campaigns):
                self.create(turn_id, place)
            self.say(turn_id, 2 * asked.campaigns + 1)
        self.log("turn_ended", turn_id, status=asked.status, error=None)

    def create(self, turn_id: str, place: int) -> None:
        call_id, campaign_id = f"{turn_id}-call-{place}", f"{turn_id}-campaign-{place}"
        self.say(turn_id, 2 * place + 1)
        self.log("tool_call", turn_id, id=call_id, name="create_campaign", arguments={}, message_id="")
        self.campaigns.append(CampaignRow(campaign_id, self.tenant_id, self.name(turn_id, place)))
        self.effects.append(EffectRow(self.tenant_id, f"{turn_id}:{call_id}", "campaign.created"))
        self.audit.append(AuditRow(self.tenant_id, turn_id, "campaign.created", campaign_id))
        self.log("tool_result", turn_id, id=call_id, name="create_campaign", text="Created.", refused=False)

    def say(self, turn_id: str, ordinal: int) -> None:
        message_id, text = f"{turn_id}:{ordinal}", f"words {ordinal} of {MARKS[self.tenant_id]}"
        self.log("message", turn_id, message_id=message_id, text=text, streamed=True)
        self.messages.append(MessageRow(self.session_id, message_id, "assistant", text))

    def name(self, turn_id: str, place: int) -> str:
        return f"{MARKS[self.tenant_id]} {turn_id} {place}"

    def readers(self) -> list[Reader]:
        """One of the conversation, and one of each turn."""
        readers = [Reader("watcher", self.session_id, seen(self.events))]
        for turn in self.turns:
            own = [event for event in self.events if event.turn_id == turn.id and event.seq > turn.accepted_seq]
            start = Received(f"{turn.accepted_seq}.0", "RUN_STARTED", {"runId": turn.id})
            readers.append(
                Reader(f"listener of {turn.id}", self.session_id, (start, *seen(own)), turn.id, turn.accepted_seq)
            )
        return readers


def history_of(*conversations: Sequence[Asked]) -> History:
    """All messages of a conversation are accepted before its first turn runs. Tenants alternate."""
    books = []
    for number, asked in enumerate(conversations):
        book = Book(f"session-{number}", (TENANT, OTHER)[number % 2])
        accepted = [book.accept(place, one) for place, one in enumerate(asked)]
        for turn_id, one in zip(accepted, asked, strict=True):
            book.run(turn_id, one)
        books.append(book)
    return History(
        marks=MARKS,
        readers=[reader for book in books for reader in book.readers()],
        sessions=[SessionRow(book.session_id, book.tenant_id, len(book.events)) for book in books],
        **{
            name: [row for book in books for row in getattr(book, name)]
            for name in ("turns", "events", "messages", "promises", "campaigns", "effects", "audit")
        },
    )


def seen(events: Sequence[EventRow]) -> tuple[Received, ...]:
    """As the wire has it: texts in pieces, a place only where one can come back to."""
    received: list[Received] = []
    for event in events:
        told = list(_told(event))
        received += [Received("", type_, data) for type_, data in told[:-1]]
        received += [Received(f"{event.seq}.0", type_, data) for type_, data in told[-1:]]
    return tuple(received)


def _told(event: EventRow) -> Sequence[tuple[str, Mapping[str, Any]]]:
    data, run = event.data, {"runId": event.turn_id}
    match event.type:
        case "user_message":
            return [("CUSTOM", {"name": event.type, "value": {"messageId": data["message_id"], "text": data["text"]}})]
        case "turn_started" if data["attempt"] > 1:
            return [("CUSTOM", {"name": "turn_restarted", "value": {"turnId": event.turn_id}})]
        case "turn_started":
            return [("RUN_STARTED", run)]
        case "message":
            return _text(str(data["message_id"]), str(data["text"]))
        case "tool_call":
            start = {"toolCallId": data["id"], "toolCallName": data["name"]}
            return [("TOOL_CALL_START", start), ("TOOL_CALL_ARGS", {"delta": json.dumps(data["arguments"])})]
        case "tool_result":
            return [("TOOL_CALL_RESULT", {"toolCallId": data["id"], "content": data["text"]})]
        case "turn_ended":
            return [("RUN_ERROR", {"message": "no"}) if data["status"] == "failed" else ("RUN_FINISHED", run)]
    return []


def _text(message_id: str, text: str) -> Sequence[tuple[str, Mapping[str, Any]]]:
    pieces = [{"messageId": message_id, "delta": piece} for piece in (text[:3], text[3:])]
    return [
        ("TEXT_MESSAGE_START", {"messageId": message_id}),
        *(("TEXT_MESSAGE_CONTENT", piece) for piece in pieces),
        ("TEXT_MESSAGE_END", {"messageId": message_id}),
    ]
