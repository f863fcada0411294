"""A session's log folded into what LangGraph's clients call a thread: messages, runs, checkpoints, interrupts.

A turn is a run. Each has two checkpoints: as its message was accepted, and as it ended, the latter under the turn's id.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID, uuid5

from domain.approvals import ApprovalStatus
from domain.sessions import TurnStatus
from server.api.langgraph import messages as m
from server.api.langgraph.messages import Json
from services.events import EventType, SessionEvent, Snapshot

_FACTS = ("approval_id", "title", "amount", "currency", "requested_by", "expires_at")


@dataclass(slots=True)
class Run:
    id: UUID
    created_at: datetime
    updated_at: datetime
    status: TurnStatus = TurnStatus.QUEUED
    error: Json | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    id: UUID
    run_id: UUID
    step: int
    source: str  # input | loop
    messages: int  # how many of the thread's it has
    agent: str | None
    at: datetime


@dataclass(slots=True)
class Conversation:
    messages: dict[str, Json] = field(default_factory=dict)  # in the order they were begun in
    runs: dict[UUID, Run] = field(default_factory=dict)
    checkpoints: list[Checkpoint] = field(default_factory=list)
    asked: dict[str, Json] = field(default_factory=dict)  # approvals that wait, as their events tell them
    told_in: dict[str, UUID] = field(default_factory=dict)  # the run that brought an approval's verdict
    agent: str | None = None
    seq: int = 0
    _open: dict[str, Json] = field(default_factory=dict)  # calls without a result

    @classmethod
    def of(cls, events: Sequence[SessionEvent], trimmed: Snapshot | None = None) -> Self:
        """`trimmed` tells what came before a log that was trimmed."""
        conversation = cls()
        for one in trimmed.messages if trimmed else ():
            said = m.human(one.id, one.text) if one.role == "user" else m.ai(one.id, one.agent, one.text)
            conversation.messages[one.id] = said
        for event in events:
            conversation.take(event)
        return conversation

    def pending(self, now: datetime) -> list[Json]:
        """Interrupts, one for each approval that still waits."""
        waits = [data for data in self.asked.values() if datetime.fromisoformat(data["expires_at"]) > now]
        return [interrupt(data) for data in waits]

    @property
    def busy(self) -> bool:
        return any(not run.status.ended for run in self.runs.values())

    def take(self, event: SessionEvent) -> None:
        """An event that it has already changes nothing."""
        if event.seq <= self.seq:
            return
        self.seq = event.seq
        if event.turn_id in self.runs:
            self.runs[event.turn_id].updated_at = event.ts
        match event.type:
            case EventType.USER_MESSAGE:
                self._said(event)
            case EventType.TURN_STARTED:
                self._run(event).status = TurnStatus.RUNNING
            case EventType.AGENT_STARTED:
                self.agent = event.agent
            case EventType.MESSAGE | EventType.TOOL_CALL:
                self._answered(event)
            case EventType.TOOL_RESULT:
                self._result(event)
            case EventType.APPROVAL:
                self._approval(event)
            case EventType.TURN_ENDED:
                self._ended(event)

    def _said(self, event: SessionEvent) -> None:
        message_id = str(event.data["message_id"])
        self.messages[message_id] = m.human(message_id, str(event.data["text"]))
        self._keep(self._run(event), "input")

    def _answered(self, event: SessionEvent) -> None:
        self.agent = event.agent or self.agent
        message_id = str(event.data["message_id"])
        message = self.messages.get(message_id) or m.ai(message_id, event.agent)
        if event.type is EventType.MESSAGE:
            message = {**message, "content": str(event.data["text"])}
        else:
            self._open[str(event.data["id"])] = {**event.data, "run_id": event.turn_id}
            message = {**message, "tool_calls": [*message["tool_calls"], m.tool_call(event.data)]}
        self.messages[message_id] = message

    def _result(self, event: SessionEvent) -> None:
        call_id, data = str(event.data["id"]), event.data
        self._open.pop(call_id, None)
        result = m.tool(call_id, str(data["name"]), str(data["text"]), refused=bool(data.get("refused")))
        self.messages[str(result["id"])] = result

    def _approval(self, event: SessionEvent) -> None:
        approval_id = str(event.data["approval_id"])
        if event.data["status"] == ApprovalStatus.PENDING:
            self.asked[approval_id] = {**event.data, "run_id": str(event.turn_id)}
            return
        self.asked.pop(approval_id, None)
        if event.turn_id:
            self.told_in[approval_id] = event.turn_id

    def _ended(self, event: SessionEvent) -> None:
        run = self._run(event)
        run.status = TurnStatus(str(event.data["status"]))
        error = event.data.get("error")
        run.error = dict(error) if isinstance(error, dict) else None
        for call_id in [id for id, call in self._open.items() if call["run_id"] == run.id]:
            cut_off = m.tool(call_id, str(self._open.pop(call_id)["name"]), m.CANCELLED, refused=True)
            self.messages[str(cut_off["id"])] = cut_off
        self._keep(run, "loop")

    def _run(self, event: SessionEvent) -> Run:
        assert event.turn_id, "only turns are runs"
        return self.runs.setdefault(event.turn_id, Run(event.turn_id, event.ts, event.ts))

    def _keep(self, run: Run, source: str) -> None:
        id = run.id if source == "loop" else uuid5(run.id, source)
        step, at = len(self.checkpoints) - 1, run.updated_at
        self.checkpoints.append(Checkpoint(id, run.id, step, source, len(self.messages), self.agent, at))


def interrupt(asked: Json) -> Json:
    """Under the approval's id, in the form of LangChain's human-in-the-loop requests, which stock clients render."""
    name = "approval"
    request = {"name": name, "args": {}, "description": asked["title"]}
    review = {"action_name": name, "allowed_decisions": ["approve", "reject"]}
    facts = {key: asked.get(key) for key in _FACTS}
    return {
        "id": asked["approval_id"],
        "value": {"action_requests": [request], "review_configs": [review], "approval": facts},
    }
