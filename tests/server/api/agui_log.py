"""Entries of a log, and what a reader gets of them: every event valid by the official models."""

from datetime import UTC, datetime
from typing import Any

from ag_ui.core import Event
from pydantic import TypeAdapter

from domain.ids import SessionId, TenantId, TurnId, new_id
from server.api.agui import AguiEncoder, Placed
from server.api.agui_events import Event as Json
from services.events import EventType, Position, SessionEvent, TextDelta
from services.watching import Seen

TENANT, SESSION, TURN = TenantId(new_id()), SessionId(new_id()), TurnId(new_id())
TABLE = {"kind": "table", "title": "Team", "columns": [], "rows": []}

official: TypeAdapter[Any] = TypeAdapter(Event)


def logged(seq: int, type: EventType, turn: TurnId | None = TURN, agent: str | None = None, **data: object) -> Seen:
    entry = SessionEvent(
        tenant_id=TENANT,
        session_id=SESSION,
        seq=seq,
        type=type,
        turn_id=turn,
        agent=agent,
        data=data,
        ts=datetime(2026, 3, 1, tzinfo=UTC),
    )
    return Seen(Position(seq=seq), entry)


def piece(seq: int, offset: int, text: str) -> Seen:
    delta = TextDelta(
        tenant_id=TENANT,
        session_id=SESSION,
        turn_id=TURN,
        agent="planning",
        message_id="m1",
        attempt=1,
        offset=offset,
        text=text,
    )
    return Seen(Position(seq=seq, offset=offset + len(text)), delta)


def whole(seq: int, text: str, delivered: int = 0, *, restarted: bool = False, attempt: int = 1) -> Seen:
    return logged(
        seq,
        EventType.MESSAGE,
        agent="planning",
        message_id="m1",
        text=text,
        streamed=True,
        attempt=attempt,
        delivered=delivered,
        rest=text[delivered:],
        restarted=restarted,
    )


def encoded(entries: list[Seen], encoder: AguiEncoder | None = None) -> list[Placed]:
    encoder = encoder or AguiEncoder(SESSION)
    placed = [one for seen in entries for one in encoder.encode(seen)]
    for _, event in placed:
        official.validate_python(event)
        assert set(event) <= _known(event), event
    return placed


def _known(event: Json) -> set[str]:
    """The models take any further key; we send none."""
    model = type(official.validate_python(event))
    return {field.alias or name for name, field in model.model_fields.items()}


def types_of(placed: list[Placed]) -> list[str]:
    return [event["type"] for _, event in placed]


def text_of(placed: list[Placed]) -> str:
    return "".join(event["delta"] for _, event in placed if event["type"] == "TEXT_MESSAGE_CONTENT")
