"""What the database holds of these tenants, read past row-level security."""

from collections.abc import Sequence
from typing import Any

import asyncpg
import orjson

from domain.sessions import TurnStatus
from evals.nemesis.history import AuditRow, CampaignRow, EffectRow, EventRow, MessageRow, SessionRow, TurnRow
from server.postgres.shown_messages import words_of

_OF = "WHERE tenant_id = ANY($1::uuid[])"


class Books:
    """For whoever may see every row. Closed by `close`."""

    def __init__(self, connection: asyncpg.Connection, tenants: Sequence[str]) -> None:
        self._connection = connection
        self._tenants = list(tenants)

    async def close(self) -> None:
        await self._connection.close()

    async def unfinished(self) -> int:
        """Turns that wait or run."""
        return sum(TurnStatus(turn.status).ended is False for turn in await self.turns())

    async def sessions(self) -> list[SessionRow]:
        rows = await self._rows("SELECT id, tenant_id, last_seq FROM sessions")
        return [SessionRow(str(row["id"]), str(row["tenant_id"]), row["last_seq"]) for row in rows]

    async def turns(self) -> list[TurnRow]:
        rows = await self._rows("SELECT id, session_id, accepted_seq, status FROM turns")
        return [TurnRow(str(row["id"]), str(row["session_id"]), row["accepted_seq"], row["status"]) for row in rows]

    async def events(self) -> list[EventRow]:
        rows = await self._rows("SELECT session_id, seq, type, turn_id, data FROM events")
        return [
            EventRow(str(row["session_id"]), row["seq"], row["type"], _id(row["turn_id"]), row["data"]) for row in rows
        ]

    async def messages(self) -> list[MessageRow]:
        rows = await self._rows("SELECT session_id, id, role, content FROM messages")
        return [
            MessageRow(str(row["session_id"]), row["id"], row["role"], words_of(row["role"], row["content"]))
            for row in rows
        ]

    async def campaigns(self) -> list[CampaignRow]:
        rows = await self._rows("SELECT id, tenant_id, name FROM campaigns")
        return [CampaignRow(str(row["id"]), str(row["tenant_id"]), row["name"]) for row in rows]

    async def effects(self) -> list[EffectRow]:
        rows = await self._rows("SELECT tenant_id, effect_key, action FROM effects", " AND action IS NOT NULL")
        return [EffectRow(str(row["tenant_id"]), row["effect_key"], row["action"]) for row in rows]

    async def audit(self) -> list[AuditRow]:
        rows = await self._rows(
            "SELECT tenant_id, turn_id, action, object_id FROM audit_log", " AND decision = 'allowed'"
        )
        return [
            AuditRow(str(row["tenant_id"]), _id(row["turn_id"]), row["action"], str(row["object_id"])) for row in rows
        ]

    async def _rows(self, select: str, condition: str = "") -> list[Any]:
        found: list[Any] = await self._connection.fetch(f"{select} {_OF}{condition}", self._tenants)
        return found


async def open_books(admin_url: str, tenants: Sequence[str]) -> Books:
    connection = await asyncpg.connect(admin_url)
    await connection.set_type_codec("jsonb", encoder=orjson.dumps, decoder=orjson.loads, schema="pg_catalog")
    return Books(connection, tenants)


def _id(value: object) -> str | None:
    return str(value) if value else None
