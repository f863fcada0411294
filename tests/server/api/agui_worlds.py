"""Conversations made up at random, as a reader may meet them: processes die, the feed loses what it likes."""

from collections.abc import AsyncGenerator, Collection, Sequence
from datetime import UTC, datetime
from random import Random

from domain.ids import SessionId, TenantId, TurnId, new_id
from domain.sessions import AgentName, SessionType
from services.events import EventType, Position, SessionEvent, Snapshot, TextDelta
from services.session_views import SessionView

TENANT, SESSION = TenantId(new_id()), SessionId(new_id())
NOW = datetime(2026, 3, 1, tzinfo=UTC)
Entry = SessionEvent | TextDelta

_ENDS: list[dict[str, object]] = [
    {"status": "completed", "error": None},
    {"status": "cancelled", "error": None},
    {"status": "failed", "error": {"code": "turn_timed_out", "message": "It took too long."}},
    {
        "status": "awaiting_approval",
        "error": None,
        "approvals": [{"approval_id": "a1", "title": "Launch", "expires_at": "2026-03-08T00:00:00+00:00"}],
    },
]
_JOB: dict[str, object] = {"job_id": "j1", "kind": "media_planning", "status": "running", "step": "x", "percent": 40}
_APPROVAL: dict[str, object] = {"approval_id": "a1", "status": "pending", "title": "Launch", "amount": None}
_BLOCK: dict[str, object] = {"kind": "table", "title": "Team", "columns": [], "rows": []}


class World:
    """The script of a conversation; a reader of what was logged of it so far, and its feed."""

    def __init__(self, seed: int, turns: int = 3) -> None:
        self.random = Random(seed)
        self.turns = [TurnId(new_id()) for _ in range(turns)]
        self.accepted: dict[TurnId, int] = {}
        self.script: list[Entry] = []
        self._logged: list[SessionEvent] = []
        self._happened: list[SessionEvent] = []  # what was trimmed too
        self._seq = 0
        for turn in self.turns:
            self._turn(turn)

    async def events_after(
        self, tenant_id: TenantId, session_id: SessionId, position: Position, limit: int
    ) -> list[SessionEvent]:
        return [event for event in self._logged if event.seq > position.seq][:limit]

    async def recorded(self, tenant_id: TenantId, session_id: SessionId, message_ids: Collection[str]) -> set[str]:
        whole = {str(event.data["message_id"]) for event in self._happened if event.type is EventType.MESSAGE}
        ended = {str(event.turn_id) for event in self._happened if event.type is EventType.TURN_ENDED}
        return {one for one in message_ids if one in whole or one.partition(":")[0] in ended}

    async def snapshot(self, tenant_id: TenantId, session_id: SessionId) -> Snapshot | None:
        session = SessionView(
            id=SESSION,
            title="Spring",
            type=SessionType.CHAT,
            active_agent=AgentName.PLANNING,
            active_campaign_id=None,
            created_at=NOW,
            updated_at=NOW,
            version=1,
        )
        seq = self._happened[-1].seq if self._happened else 0
        ended = {event.turn_id for event in self._happened if event.type is EventType.TURN_ENDED}
        going_on = [turn for turn in self.turns if turn not in ended]
        return Snapshot(seq=seq, session=session, messages=[], earlier=False, unfinished=going_on)

    async def follow(
        self, tenant_id: TenantId, session_id: SessionId, *, near: bool = False
    ) -> AsyncGenerator[Sequence[Entry], None]:
        """Gives up a log that was trimmed at some moment, and events that never come by the feed."""
        rest = list(self.script)
        yield []
        while rest:
            size = self.random.randint(1, 6)
            batch, rest = rest[:size], rest[size:]
            events = [entry for entry in batch if isinstance(entry, SessionEvent)]
            self._happened += events
            self._logged += events
            if self.random.random() < 0.03:
                self._logged = self._logged[-1:]
            yield [] if self.random.random() < 0.2 else [one for one in batch if self.random.random() > 0.1]
        while True:
            yield []

    def _turn(self, turn: TurnId) -> None:
        said = self._log(EventType.USER_MESSAGE, turn, message_id=f"{turn}:0", text="Go on")
        self.accepted[turn] = said.seq
        attempt, ordinal = 1, 1
        self._log(EventType.TURN_STARTED, turn, attempt=1)
        for _ in range(self.random.randint(0, 6)):
            agent = self.random.choice(["workspace", "planning", "insights"])
            what = self.random.choice(["agent", "message", "message", "tool", "job", "approval", "crash", "posted"])
            if what == "crash":
                self._pieces(turn, agent, f"{turn}:{ordinal}", attempt, self._words(), whole=False)
                attempt += 1
                self._log(EventType.TURN_STARTED, turn, attempt=attempt)
            elif what == "message":
                self._message(turn, agent, f"{turn}:{ordinal}", attempt)
                ordinal += 1
            else:
                self._other(what, turn, agent, f"{turn}:{ordinal}")
                ordinal += what == "tool"
        if self.random.random() < 0.3:
            self._pieces(turn, "planning", f"{turn}:{ordinal}", attempt, self._words(), whole=False)
        self._log(EventType.TURN_ENDED, turn, **self.random.choice(_ENDS))

    def _message(self, turn: TurnId, agent: str, message_id: str, attempt: int) -> None:
        text = self._words() if self.random.random() < 0.8 else ""
        if text:
            self._pieces(turn, agent, message_id, attempt, text, whole=self.random.random() < 0.5)
        told: dict[str, object] = {"message_id": message_id, "text": text, "streamed": True, "attempt": attempt}
        self._log(EventType.MESSAGE, turn, agent, **told)

    def _other(self, what: str, turn: TurnId, agent: str, call: str) -> None:
        match what:
            case "agent":
                self._log(EventType.AGENT_STARTED, turn, agent)
            case "tool":
                made: dict[str, object] = {"id": f"call {call}", "name": "list_members", "arguments": {"a": 1}}
                self._log(EventType.TOOL_CALL, turn, agent, **made, message_id=call)
                block = self.random.choice([None, _BLOCK])
                refused = self.random.random() < 0.2
                told: dict[str, object] = {"id": made["id"], "name": made["name"], "text": "Two"}
                self._log(EventType.TOOL_RESULT, turn, agent, **told, refused=refused, block=block)
            case "job":
                self._log(EventType.JOB, None, **_JOB)
            case "approval":
                self._log(EventType.APPROVAL, self.random.choice([None, turn]), "workspace", **_APPROVAL)
            case "posted":
                posted: dict[str, object] = {"message_id": f"job:{new_id()}", "text": "Done.", "streamed": False}
                self._log(EventType.MESSAGE, None, "planning", **posted, block=_BLOCK)

    def _pieces(self, turn: TurnId, agent: str, message_id: str, attempt: int, text: str, *, whole: bool) -> None:
        end = len(text) if whole else self.random.randint(1, len(text))
        offset = 0
        while offset < end:
            length = self.random.randint(1, end - offset)
            piece = TextDelta(
                tenant_id=TENANT,
                session_id=SESSION,
                turn_id=turn,
                agent=agent,
                message_id=message_id,
                attempt=attempt,
                offset=offset,
                text=text[offset : offset + length],
                after=self._seq,
            )
            self.script.append(piece)
            offset += length
            if self.random.random() < 0.1:
                self._other("posted", turn, agent, "")

    def _words(self) -> str:
        return "".join(self.random.choices("abc dé ", k=self.random.randint(1, 30)))

    def _log(self, type: EventType, turn: TurnId | None, agent: str | None = None, /, **data: object) -> SessionEvent:
        self._seq += 1
        event = SessionEvent(
            tenant_id=TENANT,
            session_id=SESSION,
            seq=self._seq,
            type=type,
            turn_id=turn,
            agent=agent,
            data=data,
            ts=NOW,
        )
        self.script.append(event)
        return event
