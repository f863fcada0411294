"""One refresh token, asked for its successor by everybody at once; and the same token again when that is over."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import Unauthenticated
from domain.ids import UserId, new_id
from domain.tenants import Tenant, TenantSettings
from domain.users import Email, User
from server.identity.derived import DerivedSecrets
from server.postgres.account_work import PostgresAccounts
from server.postgres.founding import found_tenant
from services.accounts import Accounts, Entered
from services.gateways import Quota
from tests.drivers import SERVER_SECRET, PlainPasswords
from tests.fakes.clock import FakeClock
from tests.security.figures import Figures

ATTEMPTS = 100
PASSWORD = "correct horse battery"


class NoLimits:
    """Lets all of them through: what is counted here is what they get."""

    async def take(self, quota: Quota, key: str) -> None:
        return

    async def take_each(self, *wanted: tuple[Quota, str]) -> None:
        return


@dataclass(frozen=True)
class Stage:
    accounts: Accounts
    clock: FakeClock
    engine: AsyncEngine
    user_id: UserId
    email: str

    async def enter(self) -> Entered:
        return await self.accounts.sign_in(self.email, PASSWORD, "a browser")

    async def ended(self) -> list[str | None]:
        """Why each sign-in of the person has ended, in the order in which they began."""
        query = text("SELECT end_reason FROM sign_ins WHERE user_id = :id ORDER BY id")
        async with self.engine.connect() as connection:
            return [reason for (reason,) in await connection.execute(query, {"id": self.user_id})]

    async def said(self, event: str) -> list[object]:
        query = text("SELECT sign_in_id FROM security_log WHERE user_id = :id AND event = :event")
        async with self.engine.connect() as connection:
            return [id for (id,) in await connection.execute(query, {"id": self.user_id, "event": event})]


@pytest.fixture
async def stage(engine: AsyncEngine) -> Stage:
    clock = FakeClock(datetime.now(UTC))
    hasher, secrets = PlainPasswords(), DerivedSecrets(SERVER_SECRET)
    accounts = Accounts(PostgresAccounts(engine, clock), hasher, secrets, NoLimits(), clock)
    user = User.register(Email.of(f"{new_id()}@example.com"), "Ada", await hasher.hash(PASSWORD), clock.now())
    await found_tenant(engine, Tenant.found("Acme", clock.now()), user, TenantSettings())
    return Stage(accounts, clock, engine, user.id, user.email.address)


async def attempt(stage: Stage, token: str) -> str:
    try:
        return (await stage.accounts.refresh(token)).refresh_token
    except Unauthenticated as refused:
        return refused.code


async def test_a_hundred_at_once_get_one_successor(stage: Stage, figures: Figures) -> None:
    first = await stage.enter()
    successors = await asyncio.gather(*(attempt(stage, first.refresh_token) for _ in range(ATTEMPTS)))
    figures.put("refresh_attempts", len(successors))
    figures.put("refresh_successors", len(set(successors)))
    assert len(successors) == ATTEMPTS
    (successor,) = set(successors)
    assert len(successor) == len(first.refresh_token)
    assert successor != first.refresh_token
    assert await stage.ended() == [None]
    assert len(await attempt(stage, successor)) == len(successor)  # it is good, and the family alive


async def test_the_same_token_later_ends_the_whole_family(stage: Stage) -> None:
    first, other = await stage.enter(), await stage.enter()
    second = await attempt(stage, first.refresh_token)
    third = await attempt(stage, second)
    stage.clock.advance(seconds=21)
    assert await attempt(stage, first.refresh_token) == "sign_in_ended"
    assert [await attempt(stage, token) for token in (second, third)] == ["sign_in_ended"] * 2
    assert await stage.ended() == ["reused", None]
    assert await stage.said("refresh_reused") == [first.sign_in_id]
    assert len(await attempt(stage, other.refresh_token)) == len(third)


async def test_a_stolen_token_that_a_hundred_try_at_once_ends_it_once(stage: Stage) -> None:
    first = await stage.enter()
    second = await attempt(stage, first.refresh_token)
    await attempt(stage, second)
    answers = await asyncio.gather(*(attempt(stage, first.refresh_token) for _ in range(ATTEMPTS)))
    assert set(answers) == {"sign_in_ended"}
    assert await stage.ended() == ["reused"]
    assert len(await stage.said("refresh_reused")) == 1


async def test_no_successor_is_stored(stage: Stage) -> None:
    """Whoever reads the database can't refresh: no column of the row holds a token, or a digest of one."""
    first = await stage.enter()
    second = await attempt(stage, first.refresh_token)
    query = text("SELECT row_to_json(s)::text FROM sign_ins s WHERE id = :id")
    async with stage.engine.connect() as connection:
        row = str(await connection.scalar(query, {"id": first.sign_in_id}))
    secrets = DerivedSecrets(SERVER_SECRET)
    for token in (first.refresh_token, second):
        assert token[27:] not in row
        assert secrets.digest(token) not in row
