"""Who takes a tenant along or erases it, and what is said about that."""

import pytest

from domain.errors import Forbidden, InvalidInput, NotFound
from domain.ids import FileId, new_id
from domain.tenants import Permission, Role
from services.actor import Actor, Origin
from services.estates import EraseTenant, Estates
from services.file_upkeep import FileUpkeep
from services.sign_in import SignIn
from tests.fakes.estates import InMemoryEstates, InMemoryTraces
from tests.fakes.files import InMemoryFileStore
from tests.services.conftest import InMemory, keyed

ACME = EraseTenant(name=" Acme ")


@pytest.fixture
def traces() -> InMemoryTraces:
    return InMemoryTraces()


@pytest.fixture
def store(memory: InMemory) -> InMemoryFileStore:
    return InMemoryFileStore(memory.clock)


@pytest.fixture
def estates(memory: InMemory, traces: InMemoryTraces, store: InMemoryFileStore) -> Estates:
    upkeep = FileUpkeep(
        memory.begin, store, memory.directory.all_tenants, memory.directory.erased_tenants, memory.clock
    )
    return Estates(memory.begin, InMemoryEstates(memory.database, memory.work), traces, upkeep)


async def test_an_export_is_noted_before_it_begins(estates: Estates, memory: InMemory) -> None:
    owner = memory.owner()
    await memory.campaign(owner)
    pieces = await estates.export(owner)
    assert memory.actions(owner.tenant_id) == ["campaign.created", "tenant.exported"]
    assert b"".join([piece async for piece in pieces]).startswith(b"PK")


async def test_an_erased_tenant_is_unknown_and_its_traces_are_gone(
    estates: Estates, memory: InMemory, traces: InMemoryTraces
) -> None:
    owner, other = memory.owner(), memory.owner()
    colleague = memory.colleague(owner)
    await memory.campaign(owner)
    erased = await estates.erase(keyed(owner), ACME)
    assert erased.tenant_id == owner.tenant_id
    assert (erased.rows["campaigns"], erased.rows["memberships"]) == (1, 2)
    assert traces.forgotten == [owner.tenant_id]
    assert memory.actions(owner.tenant_id)[-1] == "tenant.erased"
    sign_in = SignIn(memory.directory, memory.clock)
    for person in (owner, colleague):
        with pytest.raises(NotFound) as unknown:
            await sign_in.enter(person.user_id, owner.tenant_id)
        assert unknown.value.code == "tenant_not_found"
        assert memory.database.rows["users"][person.user_id,].name == "Erased"
    assert (await sign_in.enter(other.user_id, other.tenant_id)).permissions == Role.OWNER.permissions


@pytest.mark.parametrize("away", [False, True])
async def test_its_files_go_and_a_store_that_is_away_keeps_nobody_from_going(
    estates: Estates, memory: InMemory, store: InMemoryFileStore, away: bool
) -> None:
    owner, other = memory.owner(), memory.owner()
    for one in (owner, other):
        store.bytes[one.tenant_id, FileId(new_id())] = (b"x", memory.clock.now())
    store.away = away
    await estates.erase(owner, ACME)
    assert {tenant for tenant, _ in store.bytes} == ({owner.tenant_id, other.tenant_id} if away else {other.tenant_id})


async def test_a_suspended_tenant_may_be_erased(estates: Estates, memory: InMemory) -> None:
    owner = memory.owner()
    await memory.tenants.suspend(owner)
    assert (await estates.erase(owner, ACME)).rows["memberships"] == 1


@pytest.mark.parametrize("name", ["Acm", "acme", "Acme Inc"])
async def test_the_name_has_to_be_typed_again(
    estates: Estates, memory: InMemory, traces: InMemoryTraces, name: str
) -> None:
    owner = memory.owner()
    before = memory.written()
    with pytest.raises(InvalidInput) as refused:
        await estates.erase(owner, EraseTenant(name=name))
    assert (refused.value.code, refused.value.field) == ("name_mismatch", "name")
    assert (memory.written(), traces.forgotten) == (before, [])


async def test_only_owners_take_along_and_erase(estates: Estates, memory: InMemory) -> None:
    owner = memory.owner()
    admin = memory.colleague(owner, Role.ADMIN)
    before = memory.written()
    for tried in (estates.export(admin), estates.erase(admin, ACME)):
        with pytest.raises(Forbidden) as refused:
            await tried
        assert refused.value.details["permission"] == Permission.TENANT_MANAGE
    agent: Actor = owner.through(Origin(agent="workspace"))
    with pytest.raises(Forbidden) as by_agent:
        await estates.erase(agent, ACME)
    assert by_agent.value.code == "person_required"
    assert (memory.written(), memory.actions(owner.tenant_id)) == (before, [])
