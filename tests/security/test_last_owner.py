"""However many owners leave at the same moment, one stays."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import Conflict, DomainError
from domain.ids import UserId, new_id
from domain.tenants import Role, Tenant
from domain.users import Email, User
from server.identity.derived import DerivedSecrets
from server.postgres.founding import enrol
from server.postgres.unit_of_work import PostgresWork
from services.actor import Actor
from services.members import ChangeRole, Members
from tests.conftest import NewActor
from tests.drivers import SERVER_SECRET
from tests.fakes.clock import FakeClock
from tests.fakes.unit_of_work import unpublished

ROUNDS, OWNERS = 8, 4


@pytest.fixture
def members(engine: AsyncEngine) -> Members:
    clock = FakeClock(datetime.now(UTC))
    return Members(PostgresWork(engine, clock, unpublished), DerivedSecrets(SERVER_SECRET), clock)


async def _owners(engine: AsyncEngine, first: Actor, count: int) -> list[Actor]:
    """`count` owners of the first one's tenant, themselves among them."""
    now, found = datetime.now(UTC), [first]
    for _ in range(count - 1):
        user = User.register(Email.of(f"{new_id()}@example.com"), "Ben", None, now)
        await enrol(engine, Tenant(first.tenant_id, "Acme", now), user, Role.OWNER, now)
        found.append(Actor(first.tenant_id, UserId(user.id), Role.OWNER.permissions))
    return found


async def _left(engine: AsyncEngine, actor: Actor) -> int:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(actor.tenant_id)})
        return int(await connection.scalar(text("SELECT count(*) FROM memberships WHERE role = 'owner'")) or 0)


async def _code(tried: Awaitable[object]) -> str:
    try:
        await tried
    except DomainError as error:
        return error.code
    return "done"


async def test_of_two_owners_who_leave_at_once_one_stays(
    members: Members, engine: AsyncEngine, tenant: NewActor
) -> None:
    for _ in range(ROUNDS):
        owners = await _owners(engine, await tenant(), 2)
        codes = await asyncio.gather(*(_code(members.remove(one, one.user_id)) for one in owners))
        assert sorted(codes) == ["done", "last_owner"]
        assert await _left(engine, owners[0]) == 1


async def test_of_many_owners_who_step_down_at_once_one_stays(
    members: Members, engine: AsyncEngine, tenant: NewActor
) -> None:
    viewer = ChangeRole(role=Role.VIEWER)
    owners = await _owners(engine, await tenant(), OWNERS)
    codes = await asyncio.gather(*(_code(members.change_role(one, one.user_id, viewer)) for one in owners))
    assert sorted(codes) == ["done"] * (OWNERS - 1) + ["last_owner"]
    assert await _left(engine, owners[0]) == 1


async def test_two_owners_who_remove_each_other_leave_one(
    members: Members, engine: AsyncEngine, tenant: NewActor
) -> None:
    for _ in range(ROUNDS):
        one, other = await _owners(engine, await tenant(), 2)
        codes = await asyncio.gather(
            _code(members.remove(one, other.user_id)), _code(members.remove(other, one.user_id))
        )
        assert codes.count("done") == 1
        assert set(codes) - {"done"} <= {"last_owner", "member_not_found"}
        assert await _left(engine, one) == 1


async def test_without_the_lock_on_the_owners_none_would_be_left(engine: AsyncEngine, tenant: NewActor) -> None:
    """The control: counted without locking, both see two."""
    one, other = await _owners(engine, await tenant(), 2)
    counted = asyncio.Barrier(2)

    async def leave(actor: Actor) -> None:
        async with engine.begin() as connection:
            scope = {"id": str(actor.tenant_id)}
            await connection.execute(text("SELECT set_config('app.tenant_id', :id, true)"), scope)
            owners = await connection.scalar(text("SELECT count(*) FROM memberships WHERE role = 'owner'"))
            await counted.wait()
            if owners and owners > 1:
                await connection.execute(
                    text("DELETE FROM memberships WHERE user_id = :user_id"), {"user_id": actor.user_id}
                )

    await asyncio.gather(leave(one), leave(other))
    assert await _left(engine, one) == 0


async def test_the_refused_owner_is_told_why(members: Members, tenant: NewActor) -> None:
    owner = await tenant()
    with pytest.raises(Conflict) as refused:
        await members.remove(owner, owner.user_id)
    assert refused.value.code == "last_owner"
