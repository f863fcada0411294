"""Turns as their holders treat them."""

from domain.ids import SessionId
from domain.sessions import TurnStatus
from services.actor import Actor
from services.events import EventType, NewEvent
from services.ports import Lease
from tests.contracts.conftest import World
from tests.contracts.samples import DONE

LONG, NONE = 60.0, 0.0


async def claim(
    world: World, actor: Actor, session_id: SessionId, owner: str = "one", seconds: float = LONG
) -> Lease | None:
    async with world.begin(actor) as work:
        lease = await work.turns.claim_next(session_id, owner, seconds)
        await work.commit(DONE)
    return lease


async def claimed(world: World, actor: Actor, session_id: SessionId, seconds: float = LONG) -> Lease:
    lease = await claim(world, actor, session_id, seconds=seconds)
    assert lease is not None
    return lease


async def finish(world: World, actor: Actor, lease: Lease, error: str | None = None) -> None:
    status = TurnStatus.FAILED if error else TurnStatus.COMPLETED
    async with world.begin(actor) as work:
        await work.turns.finish(lease, await work.turns.hold(lease), status, end_of(lease), error)
        await work.commit(DONE)


def end_of(lease: Lease) -> NewEvent:
    return NewEvent(session_id=lease.turn.session_id, turn_id=lease.turn.id, type=EventType.TURN_ENDED)
