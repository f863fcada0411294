"""Conversations that end for good: which ones nobody has touched, and what of one lies outside of its own rows."""

from typing import Any

from sqlalchemy import BindParameter, Select, and_, column, delete, exists, func, or_, select, table, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from domain.ids import SessionId, TenantId
from domain.sessions import TurnStatus
from server.postgres.approval_tables import approvals
from server.postgres.tables import effects, events, sessions, turns, wakeups
from services.ports import WakeupKind

CHECKPOINTS = [
    table(name, column("tenant_id"), column("thread_id"))
    for name in ("checkpoints", "checkpoint_blobs", "checkpoint_writes")
]
_STEP_OVER = text("SELECT set_config('role', 'app_eraser', true)")
_STEP_BACK = text("SELECT set_config('role', 'none', true)")


def untouched(of_tenant: Select[Any], moment: BindParameter[Any], most: BindParameter[Any]) -> Select[Any]:
    """What a job or a verdict has posted is the last event and leaves `updated_at` as it was."""
    at_work = exists().where(
        turns.c.tenant_id == sessions.c.tenant_id,
        turns.c.session_id == sessions.c.id,
        or_(turns.c.status == TurnStatus.QUEUED, turns.c.status == TurnStatus.RUNNING),
    )
    heard_of = exists().where(
        events.c.tenant_id == sessions.c.tenant_id,
        events.c.session_id == sessions.c.id,
        events.c.seq == sessions.c.last_seq,
        events.c.ts >= moment,
    )
    return (
        of_tenant.where(sessions.c.updated_at < moment, ~at_work, ~heard_of)
        .order_by(sessions.c.updated_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )


async def forget_conversation(session: AsyncSession, tenant_id: TenantId, session_id: SessionId) -> None:
    """All that no foreign key takes away with the conversation's row. Jobs and approvals stay, and forget it."""
    own = and_(turns.c.tenant_id == tenant_id, turns.c.session_id == session_id)
    await session.execute(
        update(approvals)
        .where(approvals.c.tenant_id == tenant_id, approvals.c.turn_id.in_(select(turns.c.id).where(own)))
        .values(turn_id=None)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        delete(wakeups).where(
            wakeups.c.tenant_id == tenant_id, wakeups.c.kind == WakeupKind.TURN, wakeups.c.id == session_id
        )
    )
    for checkpoints in CHECKPOINTS:
        await session.execute(
            delete(checkpoints).where(checkpoints.c.tenant_id == tenant_id, checkpoints.c.thread_id == str(session_id))
        )
    of_turn = func.split_part(effects.c.effect_key, ":", 1).in_(
        select(turns.c.id.cast(effects.c.effect_key.type)).where(own)
    )
    await session.execute(_STEP_OVER)  # the product itself takes back no effect
    await session.execute(delete(effects).where(effects.c.tenant_id == tenant_id, of_turn))
    await session.execute(_STEP_BACK)
