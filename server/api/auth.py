"""From a bearer token to an actor: who it is comes from the token, what they may do from the tenant in the route."""

import hashlib
import re
from dataclasses import replace
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from domain.errors import Forbidden, InvalidInput, NotFound, Unauthenticated
from domain.ids import TenantId, UserId
from server.api.denials import READING, entered
from server.api.middleware import FORM
from server.api.trace_context import trace_id_of
from server.bootstrap import System
from server.identity.tokens import Bearer
from server.telemetry import about
from services.actor import Actor, Origin
from services.application import Application
from services.service_tokens import PREFIX as SERVICE_TOKEN

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_documented = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    description="The access token of POST /sign-in; in a tenant also a service token.",
)


def system_of(request: Request) -> System:
    return cast(System, request.app.state.system)


async def the_system(request: Request) -> System:
    return system_of(request)


async def the_application(request: Request) -> Application:
    return system_of(request).application


TheSystem = Annotated[System, Depends(the_system)]
Documented = Annotated[HTTPAuthorizationCredentials | None, Depends(_documented)]
TheApplication = Annotated[Application, Depends(the_application)]


async def bearing(request: Request, documented: Documented = None) -> Bearer:
    """Raises Unauthenticated without a valid access token. A service token is none: it has no account of its own."""
    bearer = system_of(request).tokens.verify(_token(request))
    about(user_id=bearer.user_id)
    return bearer


def known_bearer(request: Request) -> Bearer | None:
    """None without a valid access token, whatever else there is."""
    try:
        return system_of(request).tokens.verify(_token(request))
    except Unauthenticated:
        return None


Bearing = Annotated[Bearer, Depends(bearing)]


async def signed_in(bearer: Bearing) -> UserId:
    return bearer.user_id


# As text: whether it is an id is nobody's business who has not signed in.
TenantPath = Annotated[str, Path(json_schema_extra={"format": "uuid"})]
SignedIn = Annotated[UserId, Depends(signed_in)]


async def acting(request: Request, tenant_id: TenantPath, documented: Documented = None) -> Actor:
    """A person with an access token, or a machine with a service token.

    Raises NotFound for a tenant that doesn't exist or isn't theirs, Forbidden for a suspended one.
    """
    origin = Origin(request_id=request.scope["request_id"], trace_id=trace_id_of(request))
    application, token, tenant = system_of(request).application, _token(request), tenant_named(tenant_id)
    bearer = None if token.startswith(SERVICE_TOKEN) else await bearing(request)
    try:
        if bearer:
            actor = await application.sign_in.enter(bearer.user_id, tenant, origin)
        else:
            actor = await application.service_tokens.enter(token, tenant, origin)
            about(user_id=actor.user_id)
    except (Forbidden, NotFound) as refused:
        who = (bearer.user_id, bearer.sign_in_id) if bearer else (None, None)
        await application.audit.tenant_refused(tenant, refused, origin, *who)
        raise
    return entered(request, actor.through(replace(actor.origin, effect_key=await _effect_key(request, actor))))


Acting = Annotated[Actor, Depends(acting)]


def tenant_named(tenant_id: str) -> TenantId:
    """Text that is no id becomes the nil one: refused where, and as, an unknown one is."""
    try:
        named = TenantId(UUID(tenant_id))
    except ValueError:
        named = TenantId(UUID(int=0))
    about(tenant_id=named)
    return named


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Sign in first: this needs a bearer token.", code="token_missing")
    return token.strip()


def idempotency_key(request: Request) -> str | None:
    """Raises InvalidInput for a key that is not 1 to 200 visible ASCII characters."""
    key = request.headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise InvalidInput(
            "An Idempotency-Key has 1 to 200 visible ASCII characters.",
            code="bad_idempotency_key",
            field="Idempotency-Key",
        )
    return key


async def _effect_key(request: Request, actor: Actor) -> str | None:
    """Names the whole command: a key used again for something else must not answer with the first one's result.

    Of a form only the address counts here: its boundaries differ each time, and a file in it is large (the service that
    takes the file adds what it holds).
    """
    if request.method in READING or (key := idempotency_key(request)) is None:
        return None
    form = request.headers.get("content-type", "").startswith(FORM)
    command = f"{request.method} {request.url.path}\n".encode()
    command += request.url.query.encode() if form else await request.body()
    return f"http:{actor.origin.service_token_id or actor.user_id}:{key}:{hashlib.sha256(command).hexdigest()[:32]}"
