import pytest

from domain.errors import InvalidInput, StaleVersion
from domain.tenants import TenantSettings, Weekday
from services.tenants import ChangeSettings
from tests.services.conftest import InMemory, Product, keyed


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
