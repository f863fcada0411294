"""Accounts: signing in and staying signed in, one device at a time."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import Forbidden, NotFound, Unauthenticated
from domain.ids import SignInId, UserId
from domain.passwords import as_compared
from domain.sign_ins import EndReason, Refresh, SignIn
from domain.users import Identity
from services.account_work import (
    AccountWork,
    BeginAccounts,
    SecurityEvent,
    SecurityEventKind,
    account_of,
    account_with_address,
)
from services.actor import NO_ORIGIN, Origin
from services.gateways import Identified, RateLimits, Secrets
from services.ports import Clock, PasswordHasher
from services.quotas import REFRESH, SIGN_IN_ACCOUNT
from services.read_models import ReadModel
from services.refresh_tokens import read_refresh_token, refresh_token

_DECOY = "no such account"
_MOST_LISTED = 100
_SAID = {EndReason.SIGNED_OUT: SecurityEventKind.SIGNED_OUT, EndReason.REVOKED: SecurityEventKind.SIGN_IN_REVOKED}


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody who is signed in on a device, until `expires_at` at the latest."""

    user_id: UserId
    sign_in_id: SignInId
    refresh_token: str = field(repr=False)
    expires_at: datetime


class SignInView(ReadModel):
    id: SignInId
    device: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime


class ProfileView(ReadModel):
    id: UserId
    name: str
    email: str
    has_password: bool


class Accounts:
    def __init__(
        self, begin: BeginAccounts, hasher: PasswordHasher, secrets: Secrets, rate_limits: RateLimits, clock: Clock
    ) -> None:
        self._begin = begin
        self._hasher = hasher
        self._secrets = secrets
        self._rate_limits = rate_limits
        self._clock = clock
        self._decoy: str | None = None

    async def sign_in(self, email: str, password: str, device: str, *, origin: Origin = NO_ORIGIN) -> Entered:
        """Unauthenticated `wrong_credentials`, after the same work, for an account that is unknown, has another
        password, or has none.
        """
        address = email.strip().lower()
        await self._rate_limits.take(SIGN_IN_ACCOUNT, address)
        async with self._begin(origin) as work:
            user = await account_with_address(work, address)
        decoy = await self._decoy_hash()
        expected = user.password_hash if user else None
        matches = await self._hasher.matches(as_compared(password), expected or decoy)
        async with self._begin(origin) as work:
            if user and expected and matches:
                now_known = await work.users.lock(user.id)
                if now_known and now_known.password_hash == expected:  # nobody changed it while it was compared
                    return await self._enter(work, user.id, device, "password")
            await work.commit(SecurityEvent(SecurityEventKind.SIGN_IN_FAILED, user.id if user else None))
        raise Unauthenticated("E-mail or password is wrong.", code="wrong_credentials")

    async def with_identity(self, identified: Identified, device: str, *, origin: Origin = NO_ORIGIN) -> Entered:
        """Forbidden `not_invited` for somebody without an account: accounts come from invitations."""
        provider = identified.provider
        async with self._begin(origin) as work:
            user_id, linked = await self._account_of(work, identified)
            if user_id:
                return await self._enter(work, user_id, device, provider, *linked)
            await work.commit(SecurityEvent(SecurityEventKind.SIGN_IN_FAILED, details={"with": provider}))
        raise Forbidden("There is no account for you here yet: ask for an invitation.", code="not_invited")

    async def refresh(self, token: str, *, origin: Origin = NO_ORIGIN) -> Entered:
        """The token's successor. Unauthenticated `invalid_refresh_token` for none of ours, `sign_in_ended` for one of
        a stay that is over. An old one that comes again ends the stay.
        """
        sign_in_id, generation = read_refresh_token(self._secrets, token)
        await self._rate_limits.take(REFRESH, str(sign_in_id))
        async with self._begin(origin) as work:
            sign_in = await work.sign_ins.lock(sign_in_id)
            if sign_in is None:
                raise _ended()
            if sign_in.refresh(generation, self._clock.now()) is not Refresh.REUSED:
                await work.commit()
                return self._entered(sign_in)
            await work.commit(SecurityEvent(SecurityEventKind.REFRESH_REUSED, sign_in.user_id, sign_in.id))
        raise _ended()

    async def sign_out(self, token: str, *, origin: Origin = NO_ORIGIN) -> None:
        """Ends the stay of a refresh token, old or new. One that is none of ours ends nothing."""
        try:
            sign_in_id, _ = read_refresh_token(self._secrets, token)
        except Unauthenticated:
            return
        await self._end(sign_in_id, None, EndReason.SIGNED_OUT, origin)

    async def end(
        self,
        user_id: UserId,
        sign_in_id: SignInId,
        reason: EndReason = EndReason.REVOKED,
        *,
        origin: Origin = NO_ORIGIN,
    ) -> None:
        """NotFound `sign_in_not_found` for another's. What has ended stays so."""
        if not await self._end(sign_in_id, user_id, reason, origin):
            raise NotFound("There is no such sign-in.", code="sign_in_not_found")

    async def sign_ins(self, user_id: UserId) -> list[SignInView]:
        """Those that have not ended, the one last used first; a hundred at most."""
        async with self._begin() as work:
            found = await work.sign_ins.latest_open(user_id, self._clock.now(), _MOST_LISTED)
        return [SignInView.model_validate(sign_in) for sign_in in found]

    async def profile(self, user_id: UserId) -> ProfileView:
        """Raises Unauthenticated `no_account`."""
        async with self._begin() as work:
            user = await account_of(work, user_id)
        return ProfileView(
            id=user.id, name=user.name, email=user.email.address, has_password=user.password_hash is not None
        )

    async def _account_of(self, work: AccountWork, identified: Identified) -> tuple[UserId | None, list[SecurityEvent]]:
        """The provider's subject names the account; an address does so once, where the provider vouches for it."""
        if known := await work.identities.find(identified.provider, identified.subject):
            return known.user_id, []
        vouched = identified.email if identified.email_verified else None
        user = await account_with_address(work, vouched or "")
        if user is None:
            return None, []
        await work.users.lock(user.id)
        if await work.identities.find(identified.provider, identified.subject):  # linked while we waited
            return user.id, []
        work.identities.add(Identity(identified.provider, identified.subject, user.id, self._clock.now()))
        details = {"provider": identified.provider}
        return user.id, [SecurityEvent(SecurityEventKind.IDENTITY_LINKED, user.id, details=details)]

    async def _enter(
        self, work: AccountWork, user_id: UserId, device: str, way: str, *before: SecurityEvent
    ) -> Entered:
        sign_in = SignIn.begin(user_id, device, self._clock.now())
        work.sign_ins.add(sign_in)
        event = SecurityEvent(SecurityEventKind.SIGNED_IN, user_id, sign_in.id, {"with": way})
        await work.commit(*before, event)
        return self._entered(sign_in)

    async def _end(self, sign_in_id: SignInId, user_id: UserId | None, reason: EndReason, origin: Origin) -> bool:
        """False where there is none, or where it is another's than the user's."""
        async with self._begin(origin) as work:
            sign_in = await work.sign_ins.lock(sign_in_id)
            if sign_in is None or (user_id and sign_in.user_id != user_id):
                return False
            if sign_in.ended_at is None:
                sign_in.end(reason, self._clock.now())
                await work.commit(SecurityEvent(_SAID[reason], sign_in.user_id, sign_in.id))
        return True

    def _entered(self, sign_in: SignIn) -> Entered:
        token = refresh_token(self._secrets, sign_in.id, sign_in.generation)
        return Entered(sign_in.user_id, sign_in.id, token, sign_in.expires_at)

    async def _decoy_hash(self) -> str:
        """What the password is compared with where there is nothing to compare it with. Made before anybody's first
        comparison, so that it is nobody's extra time.
        """
        if self._decoy is None:
            self._decoy = await self._hasher.hash(_DECOY)
        return self._decoy


def _ended() -> Unauthenticated:
    return Unauthenticated("You are signed out; sign in again.", code="sign_in_ended")
