"""Passwords: change one's own, or set a new one with a link from a letter."""

from domain.errors import Conflict, Forbidden
from domain.ids import SignInId, UserId, new_id
from domain.invitations import PasswordReset
from domain.passwords import accepted, as_compared
from domain.sign_ins import EndReason
from domain.users import User
from services.account_work import (
    AccountWork,
    BeginAccounts,
    SecurityEvent,
    SecurityEventKind,
    account_of,
    account_with_address,
)
from services.actor import NO_ORIGIN, Origin
from services.gateways import RateLimits, Secrets
from services.ports import Clock, PasswordHasher, WakeupKind
from services.quotas import RESET_ACCOUNT, SIGN_IN_ACCOUNT

RESET = "password-reset"  # the purpose of a link's token; its one part is the reset's id


class Passwords:
    """Wherever a password is replaced, every other sign-in ends and every link that was asked for is used up."""

    def __init__(
        self, begin: BeginAccounts, hasher: PasswordHasher, secrets: Secrets, rate_limits: RateLimits, clock: Clock
    ) -> None:
        self._begin = begin
        self._hasher = hasher
        self._secrets = secrets
        self._rate_limits = rate_limits
        self._clock = clock

    async def change(
        self, user_id: UserId, sign_in_id: SignInId, old: str, new: str, *, origin: Origin = NO_ORIGIN
    ) -> None:
        """This sign-in stays. Raises Forbidden `wrong_password`, Conflict `no_password`, and InvalidInput for a new
        one that is not `accepted`.
        """
        async with self._begin(origin) as work:
            user = await account_of(work, user_id)
        await self._rate_limits.take(SIGN_IN_ACCOUNT, user.email.address)
        expected = user.password_hash
        if expected is None:
            raise Conflict("The account has no password yet: ask for a link to set one.", code="no_password")
        chosen = accepted(new, name=user.name, email=user.email.address)
        if not await self._hasher.matches(as_compared(old), expected):
            await self._note_failure(user_id, sign_in_id, origin)
            raise _wrong_password()
        hashed = await self._hasher.hash(chosen)
        async with self._begin(origin) as work:
            locked = await work.users.lock(user_id)
            if locked is None or locked.password_hash != expected:  # changed while it was compared
                raise _wrong_password()
            await self._replace(work, locked, hashed, keep=sign_in_id)
            await work.commit(SecurityEvent(SecurityEventKind.PASSWORD_CHANGED, user_id, sign_in_id))

    async def ask_reset(self, email: str, *, origin: Origin = NO_ORIGIN) -> None:
        """Leaves a letter to be sent. Whether the address has an account can't be told from outside."""
        address = email.strip().lower()
        await self._rate_limits.take(RESET_ACCOUNT, address)
        reset_id, now = new_id(), self._clock.now()
        digest = self._secrets.digest(self._secrets.token(RESET, reset_id))
        async with self._begin(origin) as work:
            user = await account_with_address(work, address)
            if user:
                work.password_resets.add(PasswordReset.write(reset_id, user.id, digest, now))
                await work.wake(WakeupKind.PASSWORD_RESET_MAIL, reset_id, now)
            asked = SecurityEvent(SecurityEventKind.PASSWORD_RESET_ASKED, user.id if user else None)
            await work.commit(asked)

    async def reset(self, token: str, password: str, *, origin: Origin = NO_ORIGIN) -> None:
        """Conflict `reset_expired` for a link that is used, old, or none of ours. Nobody stays signed in."""
        digest = self._secrets.digest(token)
        async with self._begin(origin) as work:
            found = await work.password_resets.with_digest(digest)
            if found is None:
                raise _unusable()
            found.must_be_open(self._clock.now())
            user = await account_of(work, found.user_id)
        hashed = await self._hasher.hash(accepted(password, name=user.name, email=user.email.address))
        async with self._begin(origin) as work:
            locked = await work.users.lock(user.id)
            still_open = await work.password_resets.lock_open(user.id, self._clock.now())
            if locked is None or not any(reset.token_digest == digest for reset in still_open):
                raise _unusable()
            await self._replace(work, locked, hashed, keep=None)
            await work.commit(SecurityEvent(SecurityEventKind.PASSWORD_RESET, user.id))

    async def _replace(self, work: AccountWork, user: User, hashed: str, *, keep: SignInId | None) -> None:
        now = self._clock.now()
        user.take_password(hashed)
        for sign_in in await work.sign_ins.lock_open(user.id, now):
            if sign_in.id != keep:
                sign_in.end(EndReason.PASSWORD_CHANGED, now)
        for reset in await work.password_resets.lock_open(user.id, now):
            reset.use(now)

    async def _note_failure(self, user_id: UserId, sign_in_id: SignInId, origin: Origin) -> None:
        async with self._begin(origin) as work:
            await work.commit(
                SecurityEvent(SecurityEventKind.SIGN_IN_FAILED, user_id, sign_in_id, {"at": "password_change"})
            )


def _wrong_password() -> Forbidden:
    return Forbidden("The current password is wrong.", code="wrong_password", field="current_password")


def _unusable() -> Conflict:
    return Conflict("The link was used or has expired; ask for another one.", code="reset_expired")
