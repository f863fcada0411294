"""Accounts with a password, and browsers: clients with cookies of their own, each on a network of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import UserId, new_id
from domain.tenants import Tenant, TenantSettings
from domain.users import Email, User
from server.api.app import create_app
from server.bootstrap import System
from server.postgres.founding import found_tenant
from services.gateways import IdentityProvider
from tests.server.api.conftest import PASSWORD, elsewhere

HTTP, HTTPS = "http://api.test/api/v1/", "https://api.test/api/v1/"

NewAccount = Callable[[], Awaitable["Account"]]


@dataclass(frozen=True, slots=True)
class Account:
    user_id: UserId
    email: str

    @property
    def credentials(self) -> dict[str, str]:
        return {"email": self.email, "password": PASSWORD}


async def new_account(engine: AsyncEngine, password_hash: str | None) -> Account:
    now = datetime.now(UTC)
    user = User.register(Email.of(f"{new_id()}@example.com"), "Grace", password_hash, now)
    await found_tenant(engine, Tenant.found("Hopper & Co", now), user, TenantSettings())
    return Account(user.id, user.email.address)


@asynccontextmanager
async def browser(app: FastAPI, root: str = HTTPS, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=elsewhere(app), base_url=root, headers=headers) as client:
        yield client


def with_provider(system: System, provider: IdentityProvider | None) -> FastAPI:
    return create_app(replace(system, application=replace(system.application, identity_provider=provider)))


async def events_of(engine: AsyncEngine, user_id: UserId) -> list[str]:
    query = text("SELECT event FROM security_log WHERE user_id = :id ORDER BY id")
    async with engine.connect() as connection:
        return [event for (event,) in await connection.execute(query, {"id": user_id})]


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def bearer(answer: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
