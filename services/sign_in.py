"""Who is it, and what may they do in this tenant?"""

from domain.errors import NotFound, Unauthenticated
from domain.ids import TenantId, UserId
from services.actor import NO_ORIGIN, Actor, Origin
from services.ports import PasswordHasher
from services.queries import Directory

# Verified against when the account is unknown, so that both answers take the same time.
_UNKNOWN = "no such account"


class SignIn:
    def __init__(self, directory: Directory, hasher: PasswordHasher) -> None:
        self._directory = directory
        self._hasher = hasher
        self._decoy: str | None = None

    async def with_password(self, email: str, password: str) -> UserId:
        """The same answer, after the same work, for an unknown account and a wrong password."""
        found = await self._directory.credentials(email.strip().lower())
        user_id, hashed = found if found else (None, await self._unknown_hash())
        matches = await self._hasher.matches(password, hashed)
        if user_id is None or not matches:
            raise Unauthenticated("E-mail or password is wrong.", code="wrong_credentials")
        return user_id

    async def enter(self, user_id: UserId, tenant_id: TenantId, origin: Origin = NO_ORIGIN) -> Actor:
        """The actor this user is in the tenant. NotFound without a membership, Forbidden while it is suspended."""
        role = await self._directory.role_in(user_id, tenant_id)
        if role is None:
            raise NotFound("There is no such tenant.", code="tenant_not_found")
        return Actor(tenant_id, user_id, role.permissions, origin)

    async def _unknown_hash(self) -> str:
        if self._decoy is None:
            self._decoy = await self._hasher.hash(_UNKNOWN)
        return self._decoy
