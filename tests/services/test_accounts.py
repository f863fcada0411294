"""Signing in with a password or with another provider: every refusal, and what the security log says of it."""

import asyncio

import pytest

from domain.errors import Forbidden, LimitExceeded, Unauthenticated
from domain.ids import UserId, new_id
from domain.users import User
from services.account_work import SecurityEvent, SecurityEventKind
from services.actor import Origin
from services.gateways import Identified
from tests.services.account_world import ADDRESS, PASSWORD, AccountWorld, at_google, refused

_K = SecurityEventKind


@pytest.fixture
def world() -> AccountWorld:
    return AccountWorld()


@pytest.mark.parametrize("typed", [ADDRESS, "  ADA@Example.com "])
async def test_the_right_password_signs_a_device_in(world: AccountWorld, typed: str) -> None:
    ada = world.person()
    entered = await world.accounts.sign_in(typed, PASSWORD, "Firefox\x00 on Linux", origin=Origin(request_id="r-1"))
    assert entered.user_id == ada
    (view,) = await world.accounts.sign_ins(ada)
    assert (view.id, view.device, view.expires_at) == (entered.sign_in_id, "Firefox on Linux", entered.expires_at)
    assert world.begin.log == [
        (Origin(request_id="r-1"), SecurityEvent(_K.SIGNED_IN, ada, entered.sign_in_id, {"with": "password"}))
    ]


async def test_a_password_is_the_same_however_it_was_composed(world: AccountWorld) -> None:
    ada = world.person(password="caf\u00e9 am Rhein")
    assert (await world.enter(password="cafe\u0301 am Rhein")).user_id == ada


async def test_no_account_another_password_and_none_at_all_get_one_answer_after_one_comparison(
    world: AccountWorld,
) -> None:
    ada, grace = world.person(), world.person("grace@example.com", None)
    answers, compared = [], []
    for address in ("nobody@example.com", ADDRESS, "grace@example.com", "no address"):
        with pytest.raises(Unauthenticated) as error:
            await world.enter(address, "a wrong guess")
        answers.append((error.value.code, error.value.message, error.value.field, error.value.details))
        compared.append(len(world.hasher.compared))
    assert answers == [("wrong_credentials", "E-mail or password is wrong.", None, {})] * 4
    assert compared == [1, 2, 3, 4]
    assert len(world.hasher.hashed) == 1
    failed = [SecurityEvent(_K.SIGN_IN_FAILED, user_id) for user_id in (None, ada, grace, None)]
    assert world.begin.events == failed


async def test_what_stands_in_for_a_missing_hash_is_made_before_anybodys_comparison(world: AccountWorld) -> None:
    """Else the first stranger's answer would take twice as long as the first member's."""
    world.person()
    await world.enter()
    made = len(world.hasher.hashed)
    assert await refused(world.enter("nobody@example.com")) == "wrong_credentials"
    assert (made, len(world.hasher.hashed)) == (1, 1)


@pytest.mark.parametrize("address", ["nobody@example.com", "grace@example.com"])
async def test_the_password_that_stands_in_opens_nothing(world: AccountWorld, address: str) -> None:
    world.person("grace@example.com", None)
    await refused(world.enter(address, "x"))
    (stand_in,) = world.hasher.hashed
    assert await refused(world.enter(address, stand_in)) == "wrong_credentials"


async def test_a_password_changed_while_it_was_compared_opens_nothing(world: AccountWorld) -> None:
    ada = world.person()
    async with world.begin() as work:
        user = await work.users.lock(ada)
        assert user
        waiting = asyncio.create_task(world.enter())
        while not world.hasher.compared:
            await asyncio.sleep(0)
        user.take_password("another")
        await work.commit()
    assert await refused(waiting) == "wrong_credentials"
    assert await world.accounts.sign_ins(ada) == []


async def test_ten_attempts_at_one_account_and_then_a_pause(world: AccountWorld) -> None:
    world.person()
    for address in (ADDRESS, "nobody@example.com"):
        for _ in range(10):
            await refused(world.enter(address, "a wrong guess"))
        with pytest.raises(LimitExceeded) as error:
            await world.enter(f" {address.upper()}", PASSWORD)
        assert (error.value.code, error.value.details) == ("rate_limited", {"retry_after": 6})
    world.clock.advance(seconds=6)
    await world.enter()


async def test_an_account_of_the_provider_that_is_known_signs_in(world: AccountWorld) -> None:
    ada = world.person()
    first = await world.accounts.with_identity(at_google(), "a browser")
    moved = at_google(email="ada@elsewhere.example", verified=False)
    again = await world.accounts.with_identity(moved, "a browser")
    assert first.user_id == again.user_id == ada
    assert first.sign_in_id != again.sign_in_id
    assert world.begin.events == [
        SecurityEvent(_K.IDENTITY_LINKED, ada, None, {"provider": "google"}),
        SecurityEvent(_K.SIGNED_IN, ada, first.sign_in_id, {"with": "google"}),
        SecurityEvent(_K.SIGNED_IN, ada, again.sign_in_id, {"with": "google"}),
    ]


@pytest.mark.parametrize(
    "stranger",
    [
        at_google(verified=False),
        at_google(email=None),
        at_google(email="nobody@example.com"),
        at_google(email="no address"),
    ],
    ids=["not verified", "no address", "nobody's", "malformed"],
)
async def test_somebody_the_provider_does_not_vouch_for_is_not_invited(
    world: AccountWorld, stranger: Identified
) -> None:
    world.person()
    assert await refused(world.accounts.with_identity(stranger, "x"), Forbidden) == "not_invited"
    assert world.begin.events == [SecurityEvent(_K.SIGN_IN_FAILED, details={"with": "google"})]
    assert world.database.rows["identities"] == {}


async def test_the_subject_decides_and_not_the_address(world: AccountWorld) -> None:
    """Ada's address is somebody else's by now; who signs in with her subject is still Ada."""
    ada = world.person()
    await world.accounts.with_identity(at_google(), "x")
    grace = world.person("grace@example.com")
    assert (await world.accounts.with_identity(at_google(email="grace@example.com"), "x")).user_id == ada
    assert (await world.accounts.with_identity(at_google("g-2", "grace@example.com"), "x")).user_id == grace


async def test_two_first_arrivals_at_once_link_one_identity(world: AccountWorld) -> None:
    ada = world.person()
    arrivals = await asyncio.gather(*(world.accounts.with_identity(at_google(), "x") for _ in range(5)))
    assert {entered.user_id for entered in arrivals} == {ada}
    assert world.said.count(_K.IDENTITY_LINKED) == 1


async def test_the_profile(world: AccountWorld) -> None:
    ada, grace = world.person(), world.person("grace@example.com", None, "Grace")
    profile = await world.accounts.profile(ada)
    assert profile.model_dump() == {"id": ada, "name": "Ada", "email": ADDRESS, "has_password": True}
    assert not (await world.accounts.profile(grace)).has_password
    assert await refused(world.accounts.profile(UserId(new_id()))) == "no_account"


async def test_the_log_names_no_address_and_no_token(world: AccountWorld) -> None:
    world.person()
    entered = await world.enter()
    await world.accounts.with_identity(at_google(), "x")
    await refused(world.enter(password="a wrong guess"))
    newest = await world.accounts.refresh(entered.refresh_token)
    world.clock.advance(minutes=1)
    await refused(world.accounts.refresh(entered.refresh_token))
    written = repr(world.begin.log)
    for secret in (ADDRESS, PASSWORD, "a wrong guess", entered.refresh_token, newest.refresh_token, "g-1"):
        assert secret not in written


def test_people_are_made_without_hashing(world: AccountWorld) -> None:
    """Else the counts above would count the stage as well."""
    user = world.database.rows["users"][world.person(),]
    assert isinstance(user, User)
    assert user.password_hash == PASSWORD[::-1]
    assert world.hasher.hashed == []
