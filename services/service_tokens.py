"""Service tokens: a machine acts for the member who made its token, with fewer rights and for a limited time."""

import re
from dataclasses import replace
from typing import Annotated

from pydantic import AwareDatetime, Field

from domain.errors import NotFound, Unauthenticated
from domain.ids import ServiceTokenId, TenantId, new_id
from domain.service_tokens import ServiceToken
from domain.tenants import Permission
from services.access_views import ServiceTokenView, TokenStanding
from services.actor import NO_ORIGIN, Actor, Origin, authorize, must_be_in_person
from services.commands import Command
from services.gateways import Secrets
from services.ports import Clock
from services.queries import Directory
from services.sign_in import actor_of, standing_in
from services.unit_of_work import Begin

PREFIX = "mp_"
_PURPOSE = "service-token"
_SHAPE = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")


class CreateToken(Command):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    scopes: list[Permission] = Field(min_length=1, max_length=len(Permission))
    expires_at: AwareDatetime


class NewToken(ServiceTokenView):
    token: str = Field(repr=False, description="Shown this once.")


class ServiceTokens:
    def __init__(self, begin: Begin, directory: Directory, secrets: Secrets, clock: Clock) -> None:
        self._begin = begin
        self._directory = directory
        self._secrets = secrets
        self._clock = clock

    async def create(self, actor: Actor, command: CreateToken) -> NewToken:
        """Raises Forbidden `scope_beyond_own`, and `person_required` for whoever is none: a token makes no tokens."""
        authorize(actor, Permission.TOKEN_MANAGE)
        must_be_in_person(actor)
        async with self._begin(actor) as work:
            if done := await work.earlier(ServiceTokenView):
                return self._shown(actor.tenant_id, done)
            id = ServiceTokenId(new_id())
            token, change = ServiceToken.write(
                id,
                actor.tenant_id,
                command.name,
                command.scopes,
                self._secrets.digest(self._token(actor.tenant_id, id)),
                by=actor.user_id,
                rights=actor.somewhere,
                expires_at=command.expires_at,
                now=self._clock.now(),
            )
            work.service_tokens.add(token)
            view = await work.commit(ServiceTokenView.model_validate(token), change)
            return self._shown(actor.tenant_id, view)

    async def revoke(self, actor: Actor, token_id: ServiceTokenId) -> ServiceTokenView:
        """From the token's next request on."""
        authorize(actor, Permission.TOKEN_MANAGE)
        async with self._begin(actor) as work:
            if done := await work.earlier(ServiceTokenView):
                return done
            token = await work.service_tokens.get(token_id)
            change = token.revoke(self._clock.now())
            return await work.commit(ServiceTokenView.model_validate(token), change)

    async def enter(self, token: str, tenant_id: TenantId, origin: Origin = NO_ORIGIN) -> Actor:
        """Who made the token, with those of their rights of today that are among its scopes.

        Raises Unauthenticated `invalid_token`, `token_expired`; NotFound and Forbidden as for a person who enters.
        """
        found = await self._good(token)
        if found.tenant_id != tenant_id:
            raise NotFound("There is no such tenant.", code="tenant_not_found")
        standing = await standing_in(self._directory, found.user_id, tenant_id)
        named = replace(origin, service_token_id=found.id)
        return actor_of(standing, found.user_id, tenant_id, self._clock.now(), named).only(found.scopes)

    async def _good(self, token: str) -> TokenStanding:
        found = await self._directory.service_token(self._secrets.digest(token)) if _SHAPE.fullmatch(token) else None
        if found is None or found.revoked_at is not None:
            raise Unauthenticated("The access token is not valid.", code="invalid_token")
        if self._clock.now() >= found.expires_at:
            raise Unauthenticated("The access token has expired.", code="token_expired")
        return found

    def _token(self, tenant_id: TenantId, token_id: ServiceTokenId) -> str:
        return PREFIX + self._secrets.token(_PURPOSE, tenant_id, token_id)

    def _shown(self, tenant_id: TenantId, view: ServiceTokenView) -> NewToken:
        """Said again rather than kept: a repeated request gets the same token, and no row has it."""
        return NewToken(**dict(view), token=self._token(tenant_id, view.id))
