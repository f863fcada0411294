"""Those who talk to the product: everybody owns a tenant, has signed in, and comes from an address of their own.

So the limits on how often one person and one address may ask are in force, and nobody meets them.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv4Address
from itertools import count

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import SessionId, TenantId, new_id
from domain.tenants import Role, Tenant, TenantSettings
from domain.users import Email, User
from server.identity.tokens import AccessTokens
from server.postgres.founding import found_tenant
from services.actor import Actor
from services.application import Application
from services.gateways import Identified
from services.sessions import OpenSession

_FIRST_ADDRESS = IPv4Address("10.0.0.1")


@dataclass(frozen=True, slots=True)
class Person:
    tenant_id: TenantId
    session_id: SessionId
    access_token: str
    address: str


class Crowd:
    def __init__(self, application: Application, engine: AsyncEngine, tokens: AccessTokens) -> None:
        self._app = application
        self._engine = engine
        self._tokens = tokens
        self._numbers = count()

    async def people(self, number: int) -> Sequence[Person]:
        """New ones with every call, each with an empty conversation and a token for the next ten minutes."""
        return await asyncio.gather(*(self._person() for _ in range(number)))

    async def _person(self) -> Person:
        now = datetime.now(UTC)
        tenant = Tenant.found("Bench Agency", now)
        owner = User.register(Email.of(f"{new_id()}@example.com"), "Bea Bench", None, now)
        await found_tenant(self._engine, tenant, owner, TenantSettings())
        vouched = Identified("bench", str(owner.id), owner.email.address, email_verified=True, name=owner.name)
        entered = await self._app.accounts.with_identity(vouched, "bench")
        actor = Actor(tenant.id, owner.id, Role.OWNER.permissions)
        session = await self._app.sessions.open(actor, OpenSession())
        token = self._tokens.issue(owner.id, entered.sign_in_id)
        return Person(tenant.id, session.id, token, str(_FIRST_ADDRESS + next(self._numbers)))
