"""Threads, states and runs as the LangGraph API writes them."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from domain.ids import TenantId
from domain.sessions import TurnStatus
from server.api.langgraph.conversation import Checkpoint, Conversation, Run
from services.session_views import SessionView

Json = dict[str, Any]

GRAPH = "media_planner"

_RUN = {
    TurnStatus.QUEUED: "pending",
    TurnStatus.RUNNING: "running",
    TurnStatus.COMPLETED: "success",
    TurnStatus.FAILED: "error",
    TurnStatus.CANCELLED: "interrupted",
    TurnStatus.AWAITING_APPROVAL: "interrupted",
}


def assistant_id(tenant_id: TenantId) -> str:
    """Every tenant has one assistant of its own; the graph's name means it too."""
    return str(uuid5(tenant_id, GRAPH))


def name_of(session: SessionView) -> str:
    """The thread's id as its client knows it."""
    return session.external_id or str(session.id)


class ThreadViews:
    """Of one session, as it is now."""

    def __init__(self, tenant_id: TenantId, session: SessionView, conversation: Conversation, now: datetime) -> None:
        self._assistant_id = assistant_id(tenant_id)
        self._session = session
        self.conversation = conversation
        self._now = now
        self._thread_id = name_of(session)

    @property
    def status(self) -> str:
        if self.conversation.busy:
            return "busy"
        if self.conversation.pending(self._now):
            return "interrupted"
        last = self.conversation.checkpoints[-1:]
        failed = last and self.conversation.runs[last[0].run_id].status is TurnStatus.FAILED
        return "error" if failed else "idle"

    def thread(self) -> Json:
        return {
            "thread_id": self._thread_id,
            "created_at": self._session.created_at,
            "updated_at": self._session.updated_at,
            "metadata": thread_metadata(self._assistant_id, self._session),
            "status": self.status,
            "config": {},
            "values": self.values(),
            "interrupts": {task["id"]: task["interrupts"] for task in self._tasks()},
        }

    def values(self) -> Json:
        campaign = self._session.active_campaign_id
        return {
            "messages": list(self.conversation.messages.values()),
            "active_agent": self.conversation.agent,
            "active_campaign_id": str(campaign) if campaign else None,
        }

    def state(self) -> Json:
        """The latest one."""
        if not self.conversation.checkpoints:
            return self._as_state(None, None, self.values(), [])
        return self._state(len(self.conversation.checkpoints) - 1)

    def history(self) -> list[Json]:
        """Latest first."""
        return [self._state(place) for place in reversed(range(len(self.conversation.checkpoints)))]

    def run(self, run: Run) -> Json:
        return {
            "run_id": str(run.id),
            "thread_id": self._thread_id,
            "assistant_id": self._assistant_id,
            "created_at": run.created_at,
            "updated_at": run.updated_at,
            "status": _RUN[run.status],
            "metadata": {},
            "kwargs": {},
            "multitask_strategy": "enqueue",
        }

    def runs(self) -> list[Json]:
        """Latest first."""
        return [self.run(run) for run in reversed(self.conversation.runs.values())]

    def _state(self, place: int) -> Json:
        """What was active earlier is not kept; the messages are."""
        checkpoint = self.conversation.checkpoints[place]
        parent = self.conversation.checkpoints[place - 1] if place else None
        if place == len(self.conversation.checkpoints) - 1:
            return self._as_state(checkpoint, parent, self.values(), self._tasks())
        messages = list(self.conversation.messages.values())[: checkpoint.messages]
        return self._as_state(checkpoint, parent, {"messages": messages, "active_agent": checkpoint.agent}, [])

    def _as_state(
        self, checkpoint: Checkpoint | None, parent: Checkpoint | None, values: Json, tasks: list[Json]
    ) -> Json:
        source: Json = {}
        if checkpoint:
            source = {"source": checkpoint.source, "step": checkpoint.step, "run_id": str(checkpoint.run_id)}
        return {
            "values": values,
            "next": [task["name"] for task in tasks] or self._next(checkpoint),
            "tasks": tasks,
            "metadata": {**source, "thread_id": self._thread_id, "graph_id": GRAPH},
            "created_at": checkpoint.at if checkpoint else None,
            "checkpoint": self._named(checkpoint),
            "parent_checkpoint": self._named(parent) if parent else None,
            "interrupts": [one for task in tasks for one in task["interrupts"]],
        }

    def _next(self, checkpoint: Checkpoint | None) -> list[str]:
        return ["__start__"] if checkpoint and checkpoint.source == "input" else []

    def _named(self, checkpoint: Checkpoint | None) -> Json:
        id = str(checkpoint.id) if checkpoint else None
        return {"thread_id": self._thread_id, "checkpoint_ns": "", "checkpoint_id": id, "checkpoint_map": {}}

    def _tasks(self) -> list[Json]:
        """One for each run that asked for what still waits."""
        by_run: dict[str, list[Json]] = {}
        for one in self.conversation.pending(self._now):
            by_run.setdefault(self.conversation.asked[one["id"]]["run_id"], []).append(one)
        nothing = {"error": None, "checkpoint": None, "state": None, "result": None}
        name = self.conversation.agent
        return [{"id": run_id, "name": name, "interrupts": asked, **nothing} for run_id, asked in by_run.items()]


def thread_metadata(assistant: str, session: SessionView) -> Json:
    return {"graph_id": GRAPH, "assistant_id": assistant, "title": session.title}


def chosen(view: Json, names: list[str] | None) -> Json:
    """Of the fields those that were asked for."""
    return {name: view[name] for name in names if name in view} if names else view


def assistant(tenant_id: TenantId, at: datetime) -> Json:
    return {
        "assistant_id": assistant_id(tenant_id),
        "graph_id": GRAPH,
        "name": GRAPH,
        "description": "Plans advertising campaigns: three agents behind one conversation.",
        "config": {},
        "context": {},
        "metadata": {"created_by": "system"},
        "version": 1,
        "created_at": at,
        "updated_at": at,
    }


def checkpoint_of(states: list[Json], checkpoint_id: str) -> int | None:
    """Its place among the states."""
    ids = [state["checkpoint"]["checkpoint_id"] for state in states]
    return ids.index(checkpoint_id) if checkpoint_id in ids else None


def is_run(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
