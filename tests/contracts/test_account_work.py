"""BeginAccounts and AccountWork: one transaction over accounts, which belong to no tenant."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import Duplicate, NotFound, StaleVersion
from domain.ids import UserId, new_id
from domain.invitations import PasswordReset
from domain.sign_ins import EndReason, SignIn
from domain.users import Email, Identity
from services.account_work import NO_TENANT, SecurityEvent, SecurityEventKind, account_of, account_with_address
from services.actor import Origin
from services.ports import WakeupKind
from tests.conftest import NewActor
from tests.contracts.account_worlds import NOW, Accounts, in_memory, on_postgres

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture(params=["memory", "postgres"])
def accounts(request: pytest.FixtureRequest) -> Accounts:
    if request.param == "memory":
        return in_memory()
    found: Accounts = request.getfixturevalue("postgres_accounts")
    return found


@pytest.fixture
def postgres_accounts(engine: AsyncEngine, tenant: NewActor) -> Accounts:
    return on_postgres(engine, tenant)


async def begun(accounts: Accounts, user_id: UserId, now: datetime = NOW) -> SignIn:
    sign_in = SignIn.begin(user_id, "test", now)
    async with accounts.begin() as work:
        work.sign_ins.add(sign_in)
        await work.commit()
    return sign_in


async def asked(accounts: Accounts, user_id: UserId, now: datetime = NOW) -> PasswordReset:
    reset = PasswordReset.write(new_id(), user_id, f"digest of {new_id()}", now)
    async with accounts.begin() as work:
        work.password_resets.add(reset)
        await work.commit()
    return reset


async def test_a_user_is_found_by_id_and_by_address(accounts: Accounts) -> None:
    user_id = await accounts.new_user()
    async with accounts.begin() as work:
        user = await account_of(work, user_id)
        assert await work.users.with_email(user.email) is user
        assert await account_with_address(work, f" {user.email.address.upper()} ") is user
        assert await work.users.with_email(Email.of(f"{new_id()}@example.com")) is None
        assert await account_with_address(work, "no address") is None
        assert await work.users.find(UserId(new_id())) is None
        assert await work.users.lock(UserId(new_id())) is None


async def test_without_commit_nothing_happened(accounts: Accounts) -> None:
    user_id = await accounts.new_user()
    sign_in = SignIn.begin(user_id, "test", NOW)
    async with accounts.begin() as work:
        user = await work.users.lock(user_id)
        assert user
        user.take_password("new")
        work.sign_ins.add(sign_in)
        work.identities.add(Identity("google", str(new_id()), user_id, NOW))
    async with accounts.begin() as work:
        assert (await account_of(work, user_id)).password_hash == "no password"
        assert await work.sign_ins.lock(sign_in.id) is None
    assert await accounts.log(user_id) == []


async def test_changes_and_their_events_are_committed_together(accounts: Accounts) -> None:
    user_id = await accounts.new_user()
    sign_in = SignIn.begin(user_id, "a phone", NOW)
    events = [
        SecurityEvent(SecurityEventKind.IDENTITY_LINKED, user_id, details={"provider": "google"}),
        SecurityEvent(SecurityEventKind.SIGNED_IN, user_id, sign_in.id, {"with": "google"}),
    ]
    async with accounts.begin(Origin(request_id="r-1")) as work:
        user = await work.users.lock(user_id)
        assert user
        user.take_password("new")
        work.sign_ins.add(sign_in)
        await work.commit(*events)
    async with accounts.begin() as work:
        changed = await account_of(work, user_id)
        found = await work.sign_ins.lock(sign_in.id)
    assert (changed.password_hash, changed.version) == ("new", 2)
    assert found
    assert (found.user_id, found.device, found.generation, found.expires_at) == (
        *(user_id, "a phone", 1),
        sign_in.expires_at,
    )
    assert await accounts.log(user_id) == [
        ("identity_linked", None, "r-1", {"provider": "google"}),
        ("signed_in", sign_in.id, "r-1", {"with": "google"}),
    ]


async def test_an_event_of_nobody(accounts: Accounts) -> None:
    async with accounts.begin() as work:
        await work.commit(SecurityEvent(SecurityEventKind.SIGN_IN_FAILED))


async def test_an_identity_is_its_providers_and_there_once(accounts: Accounts) -> None:
    user_id, subject = await accounts.new_user(), str(new_id())
    async with accounts.begin() as work:
        work.identities.add(Identity("google", subject, user_id, NOW))
        await work.commit()
    async with accounts.begin() as work:
        found = await work.identities.find("google", subject)
        assert found
        assert (found.user_id, found.created_at) == (user_id, NOW)
        assert await work.identities.find("other", subject) is None
    async with accounts.begin() as work:
        work.identities.add(Identity("google", subject, user_id, NOW))
        with pytest.raises(Duplicate):
            await work.commit()


async def test_a_sign_in_of_nobody_is_refused_by_the_database(postgres_accounts: Accounts) -> None:
    with pytest.raises(NotFound):
        await begun(postgres_accounts, UserId(new_id()))


async def test_a_locked_sign_in_is_had_by_one_at_a_time_and_is_read_as_the_last_one_left_it(
    accounts: Accounts,
) -> None:
    sign_in = await begun(accounts, await accounts.new_user())
    seen: list[int] = []

    async def rotate() -> None:
        async with accounts.begin() as work:
            found = await work.sign_ins.lock(sign_in.id)
            assert found
            seen.append(found.generation)
            await asyncio.sleep(0)
            found.refresh(found.generation, NOW)
            await work.commit()

    await asyncio.gather(*(rotate() for _ in range(8)))
    assert sorted(seen) == list(range(1, 9))


async def test_a_locked_user_is_had_by_one_at_a_time(accounts: Accounts) -> None:
    """Even where it was read before the wait."""
    user_id = await accounts.new_user()

    async def append(letter: str) -> None:
        async with accounts.begin() as work:
            await account_of(work, user_id)
            user = await work.users.lock(user_id)
            assert user
            user.take_password(f"{user.password_hash}{letter}")
            await work.commit()

    await asyncio.gather(*map(append, "abcdef"))
    async with accounts.begin() as work:
        user = await account_of(work, user_id)
    assert user.password_hash
    assert sorted(user.password_hash.removeprefix("no password")) == list("abcdef")


async def test_without_the_lock_the_second_writer_is_stale(accounts: Accounts) -> None:
    """The control: it is the lock that lets both of them write."""
    user_id = await accounts.new_user()
    async with accounts.begin() as first:
        mine = await account_of(first, user_id)
        async with accounts.begin() as second:
            (await account_of(second, user_id)).take_password("theirs")
            await second.commit()
        mine.take_password("mine")
        with pytest.raises(StaleVersion):
            await first.commit(SecurityEvent(SecurityEventKind.PASSWORD_CHANGED, user_id))
    assert await accounts.log(user_id) == []


async def test_open_sign_ins_are_the_users_that_have_not_ended(accounts: Accounts) -> None:
    user_id, other = await accounts.new_user(), await accounts.new_user()
    older, newer, ended = [await begun(accounts, user_id, NOW + timedelta(minutes=i)) for i in range(3)]
    await begun(accounts, user_id, NOW - timedelta(days=30))
    await begun(accounts, other)
    async with accounts.begin() as work:
        found = await work.sign_ins.lock(ended.id)
        assert found
        found.end(EndReason.SIGNED_OUT, NOW)
        await work.commit()
    async with accounts.begin() as work:
        assert {one.id for one in await work.sign_ins.lock_open(user_id, NOW)} == {older.id, newer.id}
        assert [one.id for one in await work.sign_ins.latest_open(user_id, NOW, 10)] == [newer.id, older.id]
        assert [one.id for one in await work.sign_ins.latest_open(user_id, NOW, 1)] == [newer.id]


async def test_open_sign_ins_are_locked(accounts: Accounts) -> None:
    """Whoever waits for them does not see those that ended meanwhile."""
    user_id = await accounts.new_user()
    for _ in range(3):
        await begun(accounts, user_id)
    ended: list[int] = []

    async def end_all() -> None:
        async with accounts.begin() as work:
            found = await work.sign_ins.lock_open(user_id, NOW)
            for sign_in in found:
                sign_in.end(EndReason.REVOKED, NOW)
            await work.commit()
            ended.append(len(found))

    await asyncio.gather(*(end_all() for _ in range(4)))
    assert sorted(ended) == [0, 0, 0, 3]


async def test_resets_by_id_by_digest_and_those_that_are_open(accounts: Accounts) -> None:
    user_id, other = await accounts.new_user(), await accounts.new_user()
    first, used = await asked(accounts, user_id), await asked(accounts, user_id)
    await asked(accounts, user_id, NOW - timedelta(hours=1))
    await asked(accounts, other)
    async with accounts.begin() as work:
        found = await work.password_resets.with_digest(used.token_digest)
        assert found
        assert found is await work.password_resets.find(used.id)
        found.use(NOW)
        await work.commit()
    async with accounts.begin() as work:
        assert [one.id for one in await work.password_resets.lock_open(user_id, NOW)] == [first.id]
        assert await work.password_resets.find(new_id()) is None
        assert await work.password_resets.with_digest("another") is None


async def test_a_note_in_the_outbox_is_of_no_tenant_and_committed_with_the_rest(accounts: Accounts) -> None:
    kept, undone = new_id(), new_id()
    for id, lasting in ((kept, True), (undone, False)):
        async with accounts.begin() as work:
            await work.wake(WakeupKind.PASSWORD_RESET_MAIL, id, LONG_AGO)
            if lasting:
                await work.commit()
    claimed = await accounts.wakeups.claim(WakeupKind.PASSWORD_RESET_MAIL, limit=1000, retry_after=0)
    ids: set[UUID] = {wakeup.id for wakeup in claimed if wakeup.tenant_id == NO_TENANT}
    assert kept in ids
    assert undone not in ids
    for wakeup in claimed:
        if wakeup.id == kept:
            await accounts.wakeups.done(wakeup)


async def test_an_error_in_the_block_undoes_it_and_frees_what_was_locked(accounts: Accounts) -> None:
    sign_in = await begun(accounts, await accounts.new_user())
    with suppress(ZeroDivisionError):
        async with accounts.begin() as work:
            found = await work.sign_ins.lock(sign_in.id)
            assert found
            found.end(EndReason.REVOKED, NOW)
            raise ZeroDivisionError
    async with accounts.begin() as work:
        again = await work.sign_ins.lock(sign_in.id)
        assert again
        assert again.ended_at is None
