"""Everything at once that one account can go through: one outcome each, and nobody waits for two locks crosswise."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.errors import DomainError
from domain.ids import SignInId, UserId, new_id
from domain.tenants import Tenant, TenantSettings
from domain.users import Email, User
from server.identity.derived import DerivedSecrets
from server.postgres.account_work import PostgresAccounts
from server.postgres.founding import found_tenant
from services.accounts import Accounts
from services.gateways import Identified
from services.passwords import RESET, Passwords
from tests.drivers import SERVER_SECRET, PlainPasswords
from tests.fakes.clock import FakeClock
from tests.security.test_refresh_rotation import NoLimits

PASSWORD, NEW = "correct horse battery", "a brand new password"


@dataclass(frozen=True)
class Stage:
    accounts: Accounts
    passwords: Passwords
    engine: AsyncEngine
    user_id: UserId
    email: str

    async def links(self) -> list[str]:
        """The tokens of every link that was asked for."""
        secrets = DerivedSecrets(SERVER_SECRET)
        return [secrets.token(RESET, id) for (id,) in await self.rows("SELECT id FROM password_resets")]

    async def rows(self, query: str) -> Sequence[tuple[object, ...]]:
        async with self.engine.connect() as connection:
            found = await connection.execute(text(f"{query} WHERE user_id = :id"), {"id": self.user_id})
            return [tuple(row) for row in found]


@pytest.fixture
async def stage(engine: AsyncEngine) -> Stage:
    clock = FakeClock(datetime.now(UTC))
    hasher = PlainPasswords()
    parts = (PostgresAccounts(engine, clock), hasher, DerivedSecrets(SERVER_SECRET), NoLimits(), clock)
    user = User.register(Email.of(f"{new_id()}@example.com"), "Ada", await hasher.hash(PASSWORD), clock.now())
    await found_tenant(engine, Tenant.found("Acme", clock.now()), user, TenantSettings())
    return Stage(Accounts(*parts), Passwords(*parts), engine, user.id, user.email.address)


def codes(outcomes: Sequence[object]) -> list[str]:
    """Of the refusals; anything else that went wrong comes out."""
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, DomainError):
            raise outcome
    return [outcome.code for outcome in outcomes if isinstance(outcome, DomainError)]


async def test_a_link_used_twenty_times_at_once_sets_one_password(stage: Stage) -> None:
    await stage.passwords.ask_reset(stage.email)
    (token,) = await stage.links()
    attempts = [stage.passwords.reset(token, f"{NEW} {number}") for number in range(20)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert codes(outcomes) == ["reset_expired"] * 19
    assert len(await stage.rows("SELECT id FROM password_resets")) == 1


async def test_of_ten_links_used_at_once_one_counts(stage: Stage) -> None:
    for _ in range(10):
        await stage.passwords.ask_reset(stage.email)
    attempts = [stage.passwords.reset(token, f"{NEW} {token}") for token in await stage.links()]
    assert codes(await asyncio.gather(*attempts, return_exceptions=True)) == ["reset_expired"] * 9
    assert all(used for (used,) in await stage.rows("SELECT used_at IS NOT NULL FROM password_resets"))


async def test_of_ten_changes_at_once_one_counts(stage: Stage) -> None:
    changes = [
        stage.passwords.change(stage.user_id, SignInId(new_id()), PASSWORD, f"{NEW} {number}") for number in range(10)
    ]
    assert codes(await asyncio.gather(*changes, return_exceptions=True)) == ["wrong_password"] * 9


async def test_ten_first_arrivals_from_the_provider_link_one_identity(stage: Stage) -> None:
    somebody = Identified("google", str(new_id()), stage.email, True, "Ada")
    arrivals = await asyncio.gather(*(stage.accounts.with_identity(somebody, "x") for _ in range(10)))
    assert {entered.user_id for entered in arrivals} == {stage.user_id}
    assert len(await stage.rows("SELECT subject FROM identities")) == 1


async def test_nobody_stays_signed_in_past_a_change_however_it_falls_together(stage: Stage) -> None:
    """Sign-ins with the old password and refreshes race a change: what is left open began with the new one."""
    entered = [await stage.accounts.sign_in(stage.email, PASSWORD, "before") for _ in range(5)]
    outcomes = await asyncio.gather(
        *(stage.accounts.refresh(one.refresh_token) for one in entered),
        *(stage.accounts.sign_in(stage.email, PASSWORD, "meanwhile") for _ in range(10)),
        stage.passwords.change(stage.user_id, SignInId(new_id()), PASSWORD, NEW),
        *(stage.accounts.sign_in(stage.email, PASSWORD, "meanwhile") for _ in range(10)),
        return_exceptions=True,
    )
    assert outcomes[15] is None
    assert set(codes(outcomes)) <= {"sign_in_ended", "wrong_credentials"}
    assert await stage.accounts.sign_ins(stage.user_id) == []
    await stage.accounts.sign_in(stage.email, NEW, "after")
    assert [one.device for one in await stage.accounts.sign_ins(stage.user_id)] == ["after"]
