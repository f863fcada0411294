"""Accounts in Postgres: people, their identities, their sign-ins, their links to a new password."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.ids import SignInId, UserId
from domain.invitations import PasswordReset
from domain.sign_ins import SignIn
from domain.users import Email, Identity, User
from server.postgres import mapping as mapping
from server.postgres.access_tables import password_resets, sign_ins
from server.postgres.tables import users

E = TypeVar("E")


class AccountRows:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def _lock(self, entity: type[E], key: UUID) -> E | None:
        return await self._session.get(entity, key, with_for_update=True, populate_existing=True)

    async def _first(self, query: Select[E]) -> E | None:
        found: E | None = (await self._session.scalars(query.limit(1))).first()
        return found

    async def _lock_all(self, query: Select[E]) -> Sequence[E]:
        locking = query.with_for_update().execution_options(populate_existing=True)
        found: Sequence[E] = (await self._session.scalars(locking)).all()
        return found


class PostgresUsers(AccountRows):
    async def find(self, user_id: UserId) -> User | None:
        return await self._session.get(User, user_id)

    async def with_email(self, email: Email) -> User | None:
        return await self._first(select(User).where(users.c.email == email.address))

    async def lock(self, user_id: UserId) -> User | None:
        return await self._lock(User, user_id)


class PostgresIdentities(AccountRows):
    def add(self, identity: Identity) -> None:
        self._session.add(identity)

    async def find(self, provider: str, subject: str) -> Identity | None:
        return await self._session.get(Identity, (provider, subject))


class PostgresSignIns(AccountRows):
    def add(self, sign_in: SignIn) -> None:
        self._session.add(sign_in)

    async def lock(self, sign_in_id: SignInId) -> SignIn | None:
        return await self._lock(SignIn, sign_in_id)

    async def lock_open(self, user_id: UserId, now: datetime) -> Sequence[SignIn]:
        return await self._lock_all(_open_sign_ins(user_id, now).order_by(sign_ins.c.id))

    async def latest_open(self, user_id: UserId, now: datetime, limit: int) -> Sequence[SignIn]:
        latest = (sign_ins.c.refreshed_at.desc(), sign_ins.c.id.desc())
        query = _open_sign_ins(user_id, now).order_by(*latest).limit(limit)
        found: Sequence[SignIn] = (await self._session.scalars(query)).all()
        return found


class PostgresPasswordResets(AccountRows):
    def add(self, reset: PasswordReset) -> None:
        self._session.add(reset)

    async def find(self, reset_id: UUID) -> PasswordReset | None:
        return await self._session.get(PasswordReset, reset_id)

    async def with_digest(self, token_digest: str) -> PasswordReset | None:
        return await self._first(select(PasswordReset).where(password_resets.c.token_digest == token_digest))

    async def lock_open(self, user_id: UserId, now: datetime) -> Sequence[PasswordReset]:
        resets = password_resets.c
        usable = (resets.user_id == user_id, resets.used_at.is_(None), resets.expires_at > now)
        return await self._lock_all(select(PasswordReset).where(*usable).order_by(resets.id))


def _open_sign_ins(user_id: UserId, now: datetime) -> Select[SignIn]:
    c = sign_ins.c
    return select(SignIn).where(c.user_id == user_id, c.ended_at.is_(None), c.expires_at > now)
