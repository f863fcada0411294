"""Machines: what a token opens, for how long, and that it never opens more."""

import re
from datetime import timedelta

import pytest

from domain.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound
from domain.ids import ServiceTokenId, TenantId, new_id
from domain.tenants import Permission, Role
from services.actor import Actor, Origin
from services.campaigns import UpdateCampaign
from services.members import ChangeRole
from tests.services.conftest import InMemory, Product, keyed
from tests.services.house import House, by_agent, house_of

_P = Permission


@pytest.fixture
async def house(product: Product) -> House:
    return await house_of(product)


async def test_a_token_acts_for_who_made_it_within_its_scopes(house: House) -> None:
    new = await house.token(_P.PLAN_READ, _P.CAMPAIGN_READ, _P.PLAN_READ)
    assert re.fullmatch("mp_[A-Za-z0-9_-]{43}", new.token)
    assert new.scopes == [_P.CAMPAIGN_READ, _P.PLAN_READ]
    actor = await house.tokens.enter(new.token, house.owner.tenant_id, Origin(request_id="r1"))
    assert (actor.tenant_id, actor.user_id) == (house.owner.tenant_id, house.owner.user_id)
    assert actor.permissions == {_P.PLAN_READ, _P.CAMPAIGN_READ}
    assert actor.origin == Origin(request_id="r1", service_token_id=new.id)


async def test_the_token_is_shown_once_and_stored_nowhere(memory: InMemory) -> None:
    house = await house_of(memory)
    owner = keyed(house.owner)
    new = await house.token(_P.PLAN_READ, by=owner)
    assert new.token not in repr(memory.database.rows)
    assert new.token not in repr(new)
    assert await house.token(_P.PLAN_READ, by=owner) == new  # the same request, repeated
    assert memory.actions(owner.tenant_id) == ["token.created"]
    assert (await house.token(_P.PLAN_READ)).token != new.token


async def test_it_loses_what_its_member_loses(house: House) -> None:
    admin = await house.newcomer(Role.ADMIN)
    new = await house.token(_P.CAMPAIGN_WRITE, _P.CAMPAIGN_READ, by=admin)
    assert await _rights(house, new.token) == {_P.CAMPAIGN_WRITE, _P.CAMPAIGN_READ}
    await house.members.change_role(house.owner, admin.user_id, ChangeRole(role=Role.VIEWER))
    assert await _rights(house, new.token) == {_P.CAMPAIGN_READ}


async def test_grants_are_narrowed_too(house: House) -> None:
    admin, spring = await house.newcomer(Role.ADMIN), await house.product.campaign(house.owner)
    new = await house.token(_P.CAMPAIGN_WRITE, by=admin)
    await house.members.change_role(house.owner, admin.user_id, ChangeRole(role=Role.VIEWER))
    await house.grant(admin.user_id, spring.id)
    machine = await house.tokens.enter(new.token, house.owner.tenant_id)
    assert machine.permissions == frozenset()
    assert machine.grants == {spring.id: frozenset({_P.CAMPAIGN_WRITE})}
    await house.product.campaigns.update(machine, spring.id, UpdateCampaign(name="By a machine"))
    with pytest.raises(Forbidden):
        await house.product.campaigns.archive(machine, spring.id)


async def test_what_opens_nothing(house: House) -> None:
    new, tenant_id = await house.token(_P.PLAN_READ), house.owner.tenant_id
    other = await house_of(house.product)
    flipped = new.token[:-2] + ("AA" if new.token[-2:] != "AA" else "BB")
    for token in (flipped, "mp_", f"{new.token}x", new.token[3:], f" {new.token}", "mp_" + "é" * 43, ""):
        assert await _code(house, token, tenant_id) == "invalid_token"
    for elsewhere in (other.owner.tenant_id, TenantId(new_id())):
        assert await _code(house, new.token, elsewhere) == "tenant_not_found"
    assert await _code(house, new.token, tenant_id) == "entered"


async def test_its_end(house: House) -> None:
    day, month = await house.token(_P.PLAN_READ, days=1), await house.token(_P.PLAN_READ)
    tenant_id = house.owner.tenant_id
    house.product.clock.advance(days=1)
    assert await _code(house, day.token, tenant_id) == "token_expired"
    revoked = await house.tokens.revoke(house.owner, month.id)
    assert revoked.revoked_at == house.product.clock.now()
    assert await _code(house, month.token, tenant_id) == "invalid_token"
    with pytest.raises(Conflict):
        await house.tokens.revoke(house.owner, month.id)
    theirs = await house_of(house.product)
    for id in (ServiceTokenId(new_id()), (await theirs.token(_P.PLAN_READ)).id):
        with pytest.raises(NotFound) as unknown:
            await house.tokens.revoke(house.owner, id)
        assert unknown.value.code == "service_token_not_found"


async def test_a_suspended_tenant_is_closed_to_machines(house: House) -> None:
    new = await house.token(_P.TENANT_MANAGE)
    await house.product.tenants.suspend(await house.tokens.enter(new.token, house.owner.tenant_id))
    assert await _code(house, new.token, house.owner.tenant_id) == "tenant_suspended"


async def test_who_makes_tokens(house: House) -> None:
    admin, planner = await house.newcomer(Role.ADMIN), await house.newcomer(Role.PLANNER)
    machine = await house.tokens.enter((await house.token(*Role.OWNER.permissions)).token, house.owner.tenant_id)
    for by, scope, code in (
        (admin, _P.TENANT_MANAGE, "scope_beyond_own"),
        (planner, _P.PLAN_READ, "not_permitted"),
        (machine, _P.PLAN_READ, "person_required"),
        (by_agent(house.owner), _P.PLAN_READ, "person_required"),
    ):
        with pytest.raises(Forbidden) as refused:
            await house.token(scope, by=by)
        assert refused.value.code == code
    for days in (0, -1, 367):
        with pytest.raises(InvalidInput) as wrong:
            await house.token(_P.PLAN_READ, days=days)
        assert wrong.value.code == "bad_expiry"
    assert (await house.token(_P.PLAN_READ, days=366)).expires_at - house.product.clock.now() == timedelta(days=366)


async def _rights(house: House, token: str) -> frozenset[Permission]:
    return (await house.tokens.enter(token, house.owner.tenant_id)).permissions


async def _code(house: House, token: str, tenant_id: TenantId) -> str:
    try:
        assert isinstance(await house.tokens.enter(token, tenant_id), Actor)
    except DomainError as error:
        return error.code
    return "entered"
