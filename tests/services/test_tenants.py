import pytest

from domain.delegations import DelegationKind
from domain.errors import Forbidden, IllegalMove, InvalidInput, NotFound, StaleVersion
from domain.ids import UserId, new_id
from domain.tenants import Permission, Role, TenantSettings, TenantStatus, Weekday
from services.actor import Origin
from services.sign_in import SignIn
from services.tenants import ChangeSettings, FoundTenant
from tests.services.conftest import InMemory, Product, keyed
from tests.services.samples import usd


async def test_settings_left_out_stay_as_they_are(product: Product) -> None:
    actor = await product.new_actor()
    view = await product.tenants.change_settings(
        actor, ChangeSettings(timezone="Europe/Berlin", week_start=Weekday.SUNDAY), expected=1
    )
    assert view.settings == TenantSettings(timezone="Europe/Berlin", week_start=Weekday.SUNDAY)
    assert (view.tenant_name, view.version) == ("Acme", 2)
    async with product.begin(actor) as work:
        assert (await work.members.profile()).settings == view.settings


async def test_settings_are_one_tenants_own(product: Product) -> None:
    ours, theirs = await product.new_actor(), await product.new_actor()
    await product.tenants.change_settings(ours, ChangeSettings(default_currency="EUR"))
    async with product.begin(theirs) as work:
        assert (await work.members.profile()).settings == TenantSettings()


async def test_the_same_change_under_one_key_happens_once(memory: InMemory) -> None:
    actor = keyed(memory.owner())
    change = ChangeSettings(locale="de-DE")
    first = await memory.tenants.change_settings(actor, change)
    assert await memory.tenants.change_settings(actor, change) == first
    assert memory.actions(actor.tenant_id) == ["settings.changed"]


async def test_who_saw_older_settings_is_told(memory: InMemory) -> None:
    actor = memory.owner()
    await memory.tenants.change_settings(actor, ChangeSettings(locale="de-DE"), expected=1)
    with pytest.raises(StaleVersion) as stale:
        await memory.tenants.change_settings(actor, ChangeSettings(locale="fr-FR"), expected=1)
    assert stale.value.details == {"current": 2}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (ChangeSettings(timezone="Mars/Olympus"), "unknown_timezone"),
        (ChangeSettings(default_currency="XXQ"), "unknown_currency"),
        (ChangeSettings(locale="en_US!"), "unknown_locale"),
    ],
)
async def test_settings_that_nobody_could_use_leave_nothing(memory: InMemory, wrong: ChangeSettings, code: str) -> None:
    actor = memory.owner()
    before = memory.written()
    with pytest.raises(InvalidInput) as refused:
        await memory.tenants.change_settings(actor, wrong)
    assert (refused.value.code, memory.written()) == (code, before)


async def test_an_owner_founds_another_tenant_and_owns_it(product: Product) -> None:
    owner = await product.new_actor()
    founded = await product.tenants.create(owner.user_id, FoundTenant(name=" Größe & Co "))
    assert (founded.name, founded.status, founded.version) == ("Größe & Co", TenantStatus.ACTIVE, 1)
    actor = await SignIn(product.directory, product.clock).enter(owner.user_id, founded.id)
    assert actor.permissions == Role.OWNER.permissions
    async with product.begin(actor) as work:
        assert (await work.members.profile()).settings == TenantSettings()
        delegation = await work.delegations.find(owner.user_id)
        assert delegation is not None
        assert (delegation.kind, delegation.cap) == (DelegationKind.FULL, None)
    names = [tenant.name for tenant in await product.directory.tenants_of(owner.user_id)]
    assert names == ["Acme", "Größe & Co"]


async def test_only_owners_found_tenants(memory: InMemory) -> None:
    admin = memory.colleague(memory.owner(), Role.ADMIN)
    before = memory.written()
    for user_id in (admin.user_id, UserId(new_id())):
        with pytest.raises(Forbidden) as refused:
            await memory.tenants.create(user_id, FoundTenant(name="Mine"))
        assert (refused.value.code, memory.written()) == ("owner_only", before)


async def test_a_suspended_tenant_is_closed_until_an_owner_lets_it_go_on(product: Product) -> None:
    owner, sign_in = await product.new_actor(), SignIn(product.directory, product.clock)
    campaign = await product.campaign(owner)
    assert (await product.tenants.suspend(owner)).status is TenantStatus.SUSPENDED
    with pytest.raises(Forbidden) as closed:
        await sign_in.enter(owner.user_id, owner.tenant_id)
    assert closed.value.code == "tenant_suspended"
    with pytest.raises(IllegalMove):
        await product.tenants.suspend(owner)
    stranger = await product.new_actor()
    with pytest.raises(NotFound) as unknown:
        await product.tenants.resume(stranger.user_id, owner.tenant_id)
    assert unknown.value.code == "tenant_not_found"
    assert (await product.tenants.resume(owner.user_id, owner.tenant_id)).status is TenantStatus.ACTIVE
    back = await sign_in.enter(owner.user_id, owner.tenant_id)
    async with product.begin(back) as work:
        assert (await work.campaigns.get(campaign.id)).name == campaign.name
    with pytest.raises(IllegalMove):
        await product.tenants.resume(owner.user_id, owner.tenant_id)


async def test_resuming_is_for_owners(memory: InMemory) -> None:
    owner = memory.owner()
    admin = memory.colleague(owner, Role.ADMIN)
    await memory.tenants.suspend(owner)
    with pytest.raises(Forbidden) as refused:
        await memory.tenants.resume(admin.user_id, owner.tenant_id)
    assert refused.value.details["permission"] == Permission.TENANT_MANAGE
    await memory.tenants.resume(owner.user_id, owner.tenant_id)
    assert memory.actions(owner.tenant_id) == ["tenant.suspended", "tenant.resumed"]


async def test_the_limit_of_self_approval_is_in_the_default_currency(product: Product) -> None:
    actor = await product.new_actor()
    set_to = await product.tenants.change_settings(actor, ChangeSettings(self_approval_limit=usd("1000.50")))
    assert set_to.settings.self_approval_limit_minor == 100_050
    kept = await product.tenants.change_settings(actor, ChangeSettings(locale="de-DE"))
    assert kept.settings.self_approval_limit_minor == 100_050
    with pytest.raises(InvalidInput) as refused:
        await product.tenants.change_settings(actor, ChangeSettings(self_approval_limit=usd(1, "EUR")))
    assert refused.value.code == "currency_mismatch"
    other = await product.tenants.change_settings(actor, ChangeSettings(default_currency="JPY"))
    assert other.settings.self_approval_limit_minor == 0  # a thousand dollars were not a hundred thousand yen
    both = ChangeSettings(default_currency="EUR", self_approval_limit=usd(10, "EUR"))
    assert (await product.tenants.change_settings(actor, both)).settings.self_approval_limit_minor == 1_000


async def test_who_may_approve_for_themselves_is_for_people_to_say(memory: InMemory) -> None:
    owner = memory.owner()
    with pytest.raises(Forbidden) as refused:
        await memory.tenants.change_settings(
            owner.through(Origin(agent="workspace")), ChangeSettings(self_approval_limit=usd(1_000_000))
        )
    assert refused.value.code == "person_required"
    negative = ChangeSettings(self_approval_limit=usd(-1))
    with pytest.raises(InvalidInput) as wrong:
        await memory.tenants.change_settings(owner, negative)
    assert wrong.value.code == "bad_limit"
