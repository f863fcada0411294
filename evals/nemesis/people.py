"""Those who talk while things break: people of several tenants, each with a conversation and their tenant's mark."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from ipaddress import IPv4Address
from itertools import count

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import SessionId, TenantId, new_id
from domain.tenants import Role, Tenant, TenantSettings
from domain.users import Email, User
from server.bootstrap import application_of
from server.clock import SystemClock
from server.identity.tokens import AccessTokens
from server.postgres.engine import open_engine
from server.postgres.founding import enrol, found_tenant
from server.settings import Settings
from services.actor import Actor
from services.application import Application
from services.gateways import Identified
from services.sessions import OpenSession

_PEOPLE_IN_A_TENANT = 2
_addresses = count(int(IPv4Address("10.0.0.1")))


class Person:
    """Comes from an address of their own, and always has a fresh token."""

    def __init__(self, tenant_id: TenantId, session_id: SessionId, mark: str, token: Callable[[], str]) -> None:
        self.tenant_id = tenant_id
        self.session_id = session_id
        self.mark = mark
        self._token = token
        self._address = str(IPv4Address(next(_addresses)))

    @property
    def path(self) -> str:
        return f"/api/v1/tenants/{self.tenant_id}/sessions/{self.session_id}"

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}", "X-Forwarded-For": self._address}


@dataclass(frozen=True, slots=True)
class Founding:
    application: Application
    engine: AsyncEngine
    tokens: AccessTokens


async def gather_people(settings: Settings, tenants: int) -> Sequence[Person]:
    """New ones with every call."""
    assert settings.database_url, "the world's"
    assert settings.signing_key, "the world's"
    engine = open_engine(settings.database_url, pool_size=2, statement_timeout_ms=settings.statement_timeout_ms)
    tokens = AccessTokens(settings.signing_key.get_secret_value(), SystemClock())
    try:
        async with application_of(settings) as application:
            founding = Founding(application, engine, tokens)
            return [person for _ in range(tenants) for person in await _tenant(founding)]
    finally:
        await engine.dispose()


async def _tenant(founding: Founding) -> list[Person]:
    now = datetime.now(UTC)
    tenant, mark = Tenant.found("Nemesis Agency", now), f"mark-{new_id().hex[-12:]}"
    people = []
    for number in range(_PEOPLE_IN_A_TENANT):
        user = User.register(Email.of(f"{new_id()}@example.com"), f"Nora {number}", None, now)
        if number == 0:
            await found_tenant(founding.engine, tenant, user, TenantSettings())
        else:
            await enrol(founding.engine, tenant, user, Role.ADMIN, now)
        people.append(await _person(founding, tenant, user, mark))
    return people


async def _person(founding: Founding, tenant: Tenant, user: User, mark: str) -> Person:
    vouched = Identified("nemesis", str(user.id), user.email.address, email_verified=True, name=user.name)
    entered = await founding.application.accounts.with_identity(vouched, "nemesis")
    actor = Actor(tenant.id, user.id, Role.ADMIN.permissions)
    session = await founding.application.sessions.open(actor, OpenSession())
    return Person(tenant.id, session.id, mark, partial(founding.tokens.issue, user.id, entered.sign_in_id))
