"""Refresh tokens, the devices somebody is signed in on, and signing out."""

from dataclasses import asdict

import pytest

from domain.errors import LimitExceeded, NotFound
from domain.ids import SignInId, new_id
from domain.sign_ins import EndReason, SignIn
from services.account_work import SecurityEvent, SecurityEventKind
from services.accounts import Entered
from services.actor import Origin
from services.refresh_tokens import refresh_token
from tests.services.account_world import AccountWorld, refused

_K = SecurityEventKind


@pytest.fixture
def world() -> AccountWorld:
    return AccountWorld()


async def test_a_refresh_gives_the_next_token_and_the_same_end(world: AccountWorld) -> None:
    world.person()
    first = await world.enter()
    world.clock.advance(days=3)
    second = await world.accounts.refresh(first.refresh_token)
    third = await world.accounts.refresh(second.refresh_token)
    assert len({one.refresh_token for one in (first, second, third)}) == 3
    for one in (second, third):
        assert asdict(one) | {"refresh_token": ""} == asdict(first) | {"refresh_token": ""}
    assert world.said == [_K.SIGNED_IN]
    assert first.refresh_token not in repr(first)


async def test_an_old_token_within_the_moment_gets_the_same_successor(world: AccountWorld) -> None:
    world.person()
    first = await world.enter()
    second = await world.accounts.refresh(first.refresh_token)
    world.clock.advance(seconds=20)
    assert await world.accounts.refresh(first.refresh_token) == second
    assert await world.accounts.refresh(second.refresh_token) != second


async def test_an_old_token_later_ends_the_stay_for_good(world: AccountWorld) -> None:
    ada = world.person()
    first = await world.enter()
    second = await world.accounts.refresh(first.refresh_token)
    other = await world.enter(device="another")
    world.clock.advance(seconds=21)
    assert await refused(world.accounts.refresh(first.refresh_token)) == "sign_in_ended"
    assert await refused(world.accounts.refresh(second.refresh_token)) == "sign_in_ended"
    assert world.begin.events[-1] == SecurityEvent(_K.REFRESH_REUSED, ada, first.sign_in_id)
    assert world.said.count(_K.REFRESH_REUSED) == 1
    assert [one.id for one in await world.accounts.sign_ins(ada)] == [other.sign_in_id]
    await world.accounts.refresh(other.refresh_token)


async def test_a_stay_ends_after_thirty_days_whatever_is_done_meanwhile(world: AccountWorld) -> None:
    ada = world.person()
    entered = await world.enter()
    for _ in range(29):
        world.clock.advance(days=1)
        entered = await world.accounts.refresh(entered.refresh_token)
    world.clock.advance(days=1)
    assert await refused(world.accounts.refresh(entered.refresh_token)) == "sign_in_ended"
    assert await world.accounts.sign_ins(ada) == []


async def test_tokens_that_we_never_gave_out(world: AccountWorld) -> None:
    world.person()
    good = (await world.enter()).refresh_token
    other = (await world.enter()).refresh_token
    strange = [
        *("", "x", good[:-1], good + "A", good + "=", f" {good}", good.swapcase(), "é" * 70, "\x00" * 70),
        *(good[:27] + other[27:], other[:27] + good[27:]),
        good[:26] + chr(ord(good[26]) + 1) + good[27:],  # bits that decoding would drop
        refresh_token(world.secrets, SignInId(new_id()), 1)[:27] + good[27:],
    ]
    for token in strange:
        assert await refused(world.accounts.refresh(token)) == "invalid_refresh_token", token
    assert world.said == [_K.SIGNED_IN] * 2
    await world.accounts.refresh(good)


async def test_a_token_of_a_sign_in_that_is_gone(world: AccountWorld) -> None:
    token = refresh_token(world.secrets, SignInId(new_id()), 1)
    assert await refused(world.accounts.refresh(token)) == "sign_in_ended"


async def test_thirty_refreshes_of_one_stay_and_then_a_pause(world: AccountWorld) -> None:
    world.person()
    entered = await world.enter()
    for _ in range(30):
        entered = await world.accounts.refresh(entered.refresh_token)
    assert await refused(world.accounts.refresh(entered.refresh_token), LimitExceeded) == "rate_limited"
    await world.accounts.refresh((await world.enter()).refresh_token)
    world.clock.advance(seconds=2)
    await world.accounts.refresh(entered.refresh_token)


async def test_signing_out_ends_this_stay_with_whatever_token_of_it(world: AccountWorld) -> None:
    ada = world.person()
    first, other = await world.enter(), await world.enter()
    newest = await world.accounts.refresh(first.refresh_token)
    await world.accounts.sign_out(first.refresh_token, origin=Origin(request_id="r-2"))
    assert await refused(world.accounts.refresh(newest.refresh_token)) == "sign_in_ended"
    assert world.begin.log[-1] == (
        Origin(request_id="r-2"),
        SecurityEvent(_K.SIGNED_OUT, ada, first.sign_in_id),
    )
    assert [one.id for one in await world.accounts.sign_ins(ada)] == [other.sign_in_id]
    assert stored(world, first).end_reason is EndReason.SIGNED_OUT


async def test_signing_out_twice_or_with_nothing_of_ours(world: AccountWorld) -> None:
    world.person()
    entered = await world.enter()
    for token in (
        entered.refresh_token,
        entered.refresh_token,
        "x",
        refresh_token(world.secrets, SignInId(new_id()), 1),
    ):
        await world.accounts.sign_out(token)
    assert world.said == [_K.SIGNED_IN, _K.SIGNED_OUT]


async def test_a_device_of_ones_own_is_revoked_once(world: AccountWorld) -> None:
    ada = world.person()
    lost, kept = await world.enter(device="lost"), await world.enter(device="kept")
    for _ in range(2):
        await world.accounts.end(ada, lost.sign_in_id)
    assert [one.device for one in await world.accounts.sign_ins(ada)] == ["kept"]
    assert await refused(world.accounts.refresh(lost.refresh_token)) == "sign_in_ended"
    await world.accounts.refresh(kept.refresh_token)
    assert world.said == [_K.SIGNED_IN, _K.SIGNED_IN, _K.SIGN_IN_REVOKED]
    assert stored(world, lost).end_reason is EndReason.REVOKED


async def test_somebody_elses_device_is_not_there(world: AccountWorld) -> None:
    world.person()
    grace = world.person("grace@example.com")
    entered = await world.enter()
    for sign_in_id in (entered.sign_in_id, SignInId(new_id())):
        assert await refused(world.accounts.end(grace, sign_in_id), NotFound) == "sign_in_not_found"
    await world.accounts.refresh(entered.refresh_token)


async def test_the_devices_are_listed_the_one_last_used_first(world: AccountWorld) -> None:
    ada = world.person()
    first = await world.enter(device="first")
    world.clock.advance(minutes=1)
    await world.enter(device="second")
    world.clock.advance(minutes=1)
    await world.accounts.refresh(first.refresh_token)
    assert [one.device for one in await world.accounts.sign_ins(ada)] == ["first", "second"]


def stored(world: AccountWorld, entered: Entered) -> SignIn:
    row = world.database.rows["sign_ins"][entered.sign_in_id,]
    assert isinstance(row, SignIn)
    return row
