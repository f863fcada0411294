"""Changing one's password, and setting a new one with a link: every refusal, and what ends with the old one."""

import asyncio

import pytest

from domain.errors import Conflict, Forbidden, InvalidInput, LimitExceeded, Unauthenticated
from domain.ids import SignInId, UserId, new_id
from domain.invitations import PasswordReset
from domain.sign_ins import EndReason, SignIn
from services.account_work import NO_TENANT, SecurityEvent, SecurityEventKind
from services.actor import Origin
from tests.services.account_world import ADDRESS, PASSWORD, AccountWorld, at_google, refused

NEW = "a brand new password"
_K = SecurityEventKind


@pytest.fixture
def world() -> AccountWorld:
    return AccountWorld()


def ends(world: AccountWorld) -> list[EndReason | None]:
    return [row.end_reason for row in world.database.rows["sign_ins"].values() if isinstance(row, SignIn)]


async def link(world: AccountWorld, email: str = ADDRESS) -> str:
    """The token of the link that was asked for last."""
    await world.passwords.ask_reset(email)
    last = list(world.database.rows["password_resets"].values())[-1]
    assert isinstance(last, PasswordReset)
    return world.reset_token(last.id)


async def test_changing_it_ends_every_other_sign_in(world: AccountWorld) -> None:
    ada = world.person()
    here, there = await world.enter(), await world.enter()
    await world.passwords.change(ada, here.sign_in_id, PASSWORD, NEW, origin=Origin(request_id="r-1"))
    assert await refused(world.accounts.refresh(there.refresh_token)) == "sign_in_ended"
    await world.accounts.refresh(here.refresh_token)
    assert ends(world) == [None, EndReason.PASSWORD_CHANGED]
    assert world.begin.log[-1] == (
        Origin(request_id="r-1"),
        SecurityEvent(_K.PASSWORD_CHANGED, ada, here.sign_in_id),
    )
    assert await refused(world.enter()) == "wrong_credentials"
    await world.enter(password=NEW)


async def test_the_current_one_has_to_be_right(world: AccountWorld) -> None:
    ada = world.person()
    here, there = await world.enter(), await world.enter()
    change = world.passwords.change(ada, here.sign_in_id, "a wrong guess", NEW)
    assert await refused(change, Forbidden) == "wrong_password"
    assert world.begin.events[-1] == SecurityEvent(_K.SIGN_IN_FAILED, ada, here.sign_in_id, {"at": "password_change"})
    await world.accounts.refresh(there.refresh_token)
    await world.enter()


async def test_guessing_the_current_one_counts_like_guessing_at_the_door(world: AccountWorld) -> None:
    ada = world.person()
    for _ in range(10):
        await refused(world.passwords.change(ada, SignInId(new_id()), "a wrong guess", NEW), Forbidden)
    change = world.passwords.change(ada, SignInId(new_id()), PASSWORD, NEW)
    assert await refused(change, LimitExceeded) == "rate_limited"
    assert await refused(world.enter(), LimitExceeded) == "rate_limited"


@pytest.mark.parametrize(
    ("chosen", "code"),
    [
        ("too short", "password_too_short"),
        ("x" * 257, "password_too_long"),
        ("password1234", "password_guessable"),
        ("abababababab", "password_guessable"),
        ("ADA@example.com", "password_guessable"),
    ],
)
async def test_a_new_one_that_is_not_accepted_changes_nothing(world: AccountWorld, chosen: str, code: str) -> None:
    ada = world.person()
    here = await world.enter()
    assert await refused(world.passwords.change(ada, here.sign_in_id, PASSWORD, chosen), InvalidInput) == code
    assert await refused(world.passwords.reset(await link(world), chosen), InvalidInput) == code
    await world.enter()
    assert ends(world) == [None, None]


async def test_an_account_without_one_has_nothing_to_change(world: AccountWorld) -> None:
    ada = world.person(password=None)
    here = await world.accounts.with_identity(at_google(), "x")
    change = world.passwords.change(ada, here.sign_in_id, "", NEW)
    assert await refused(change, Conflict) == "no_password"
    nobody = world.passwords.change(UserId(new_id()), here.sign_in_id, PASSWORD, NEW)
    assert await refused(nobody, Unauthenticated) == "no_account"


async def test_of_two_changes_at_once_one_finds_the_password_changed(world: AccountWorld) -> None:
    ada = world.person()
    here = await world.enter()
    changes = [world.passwords.change(ada, here.sign_in_id, PASSWORD, f"{NEW} {i}") for i in range(2)]
    outcomes = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Forbidden", "NoneType"]


async def test_a_link_is_asked_for_and_leaves_a_letter_to_send(world: AccountWorld) -> None:
    ada = world.person()
    await world.passwords.ask_reset(f" {ADDRESS.upper()} ", origin=Origin(request_id="r-1"))
    (due,) = await world.letters_due()
    (reset,) = world.database.rows["password_resets"].values()
    assert isinstance(reset, PasswordReset)
    assert (due.tenant_id, due.id) == (NO_TENANT, reset.id)
    token = world.reset_token(reset.id)
    assert (reset.user_id, reset.token_digest) == (ada, world.secrets.digest(token))
    assert token not in repr(vars(reset))
    assert world.begin.log == [(Origin(request_id="r-1"), SecurityEvent(_K.PASSWORD_RESET_ASKED, ada))]


@pytest.mark.parametrize("address", ["nobody@example.com", "no address", ""])
async def test_asking_for_nobody_looks_the_same_and_leaves_no_letter(world: AccountWorld, address: str) -> None:
    world.person()
    await world.passwords.ask_reset(address)
    assert await world.letters_due() == []
    assert world.database.rows["password_resets"] == {}
    assert world.begin.events == [SecurityEvent(_K.PASSWORD_RESET_ASKED)]


@pytest.mark.parametrize("address", [ADDRESS, "nobody@example.com"])
async def test_three_links_for_one_address_and_then_a_pause(world: AccountWorld, address: str) -> None:
    world.person()
    for _ in range(3):
        await world.passwords.ask_reset(address)
    assert await refused(world.passwords.ask_reset(address.upper()), LimitExceeded) == "rate_limited"
    world.clock.advance(minutes=1)
    await world.passwords.ask_reset(address)


async def test_a_link_sets_the_password_and_nobody_stays_signed_in(world: AccountWorld) -> None:
    ada = world.person()
    here = await world.enter()
    await world.passwords.reset(await link(world), NEW, origin=Origin(request_id="r-1"))
    assert await refused(world.accounts.refresh(here.refresh_token)) == "sign_in_ended"
    assert ends(world) == [EndReason.PASSWORD_CHANGED]
    assert world.begin.log[-1] == (Origin(request_id="r-1"), SecurityEvent(_K.PASSWORD_RESET, ada))
    await world.enter(password=NEW)


async def test_a_link_gives_an_account_its_first_password(world: AccountWorld) -> None:
    ada = world.person(password=None)
    await world.passwords.reset(await link(world), NEW)
    assert (await world.enter(password=NEW)).user_id == ada


async def test_a_link_is_good_once_and_for_half_an_hour(world: AccountWorld) -> None:
    world.person()
    token = await link(world)
    await world.passwords.reset(token, NEW)
    assert await refused(world.passwords.reset(token, f"{NEW} again"), Conflict) == "reset_expired"
    late = await link(world)
    world.clock.advance(minutes=30)
    assert await refused(world.passwords.reset(late, f"{NEW} again"), Conflict) == "reset_expired"
    await world.enter(password=NEW)


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "é\ud800"])
async def test_a_link_that_is_none_of_ours(world: AccountWorld, token: str) -> None:
    world.person()
    await link(world)
    assert await refused(world.passwords.reset(token, NEW), Conflict) == "reset_expired"
    assert world.hasher.hashed == []


async def test_a_link_used_twenty_times_at_once_sets_one_password(world: AccountWorld) -> None:
    world.person()
    token = await link(world)
    attempts = [world.passwords.reset(token, f"{NEW} {i}") for i in range(20)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 1
    assert {outcome.code for outcome in outcomes if isinstance(outcome, Conflict)} == {"reset_expired"}
    assert world.said.count(_K.PASSWORD_RESET) == 1


async def test_a_new_password_uses_up_every_link_that_was_asked_for(world: AccountWorld) -> None:
    ada = world.person()
    first, second = await link(world), await link(world)
    await world.passwords.reset(second, NEW)
    assert await refused(world.passwords.reset(first, f"{NEW} 2"), Conflict) == "reset_expired"
    third = await link(world)
    await world.passwords.change(ada, SignInId(new_id()), NEW, f"{NEW} 3")
    assert await refused(world.passwords.reset(third, f"{NEW} 4"), Conflict) == "reset_expired"


async def test_a_link_is_for_its_own_account(world: AccountWorld) -> None:
    world.person()
    world.person("grace@example.com")
    grace = await world.enter("grace@example.com")
    await world.passwords.reset(await link(world), NEW)
    await world.accounts.refresh(grace.refresh_token)
    await world.enter("grace@example.com")


async def test_the_log_names_no_address_and_no_token(world: AccountWorld) -> None:
    ada = world.person()
    token = await link(world)
    await world.passwords.reset(token, NEW)
    await world.passwords.change(ada, SignInId(new_id()), NEW, f"{NEW} 2")
    await refused(world.passwords.change(ada, SignInId(new_id()), "a wrong guess", NEW), Forbidden)
    written = repr(world.begin.log)
    for secret in (ADDRESS, token, NEW, "a wrong guess"):
        assert secret not in written
