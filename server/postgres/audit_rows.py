"""How rows get into the audit: each with its note in the outbox, in the transaction of what they are about."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as insert_new
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from server.postgres.audit_tables import audit_log
from server.postgres.tables import wakeups
from services.audit_store import AuditRow
from services.ports import WakeupKind


async def append(session: AsyncSession | AsyncConnection, rows: Sequence[AuditRow]) -> None:
    """Only inserts, of rows that nobody else touches: those who write in a tenant never wait for each other here."""
    await session.execute(insert(audit_log), [asdict(row) for row in rows])
    await session.execute(insert(wakeups), [_note(row) for row in rows])


async def append_once(session: AsyncSession | AsyncConnection, row: AuditRow) -> None:
    """Unless it is there."""
    made = insert_new(audit_log).values(asdict(row)).on_conflict_do_nothing().returning(audit_log.c.id)
    if await session.scalar(made):
        await session.execute(insert(wakeups), _note(row))


def _note(row: AuditRow) -> dict[str, object]:
    return {"tenant_id": row.tenant_id, "kind": WakeupKind.AUDIT_SEAL, "id": row.id, "due_at": row.at}
