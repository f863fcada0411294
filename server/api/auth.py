"""From a bearer token to an actor: who it is comes from the token, what they may do from the tenant in the route."""

import hashlib
import re
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from domain.errors import InvalidInput, NotFound, Unauthenticated
from domain.ids import TenantId, UserId
from server.bootstrap import System
from server.telemetry import about
from services.actor import Actor, Origin
from services.application import Application

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_documented = HTTPBearer(auto_error=False, bearerFormat="JWT", description="The access token of POST /sign-in.")


async def the_system(request: Request) -> System:
    return cast(System, request.app.state.system)


async def the_application(request: Request) -> Application:
    return cast(System, request.app.state.system).application


TheSystem = Annotated[System, Depends(the_system)]
_Documented = Annotated[HTTPAuthorizationCredentials | None, Depends(_documented)]
TheApplication = Annotated[Application, Depends(the_application)]


async def signed_in(request: Request, system: TheSystem, documented: _Documented) -> UserId:
    """Raises Unauthenticated without a valid bearer token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Sign in first: this needs a bearer token.", code="token_missing")
    user_id = system.tokens.verify(token.strip())
    about(user_id=user_id)
    return user_id


# As text: whether it is an id is nobody's business who has not signed in.
_TenantPath = Annotated[str, Path(json_schema_extra={"format": "uuid"})]
SignedIn = Annotated[UserId, Depends(signed_in)]


async def acting(request: Request, user_id: SignedIn, application: TheApplication, tenant_id: _TenantPath) -> Actor:
    """Raises NotFound for a tenant that doesn't exist or isn't the user's, Forbidden for a suspended one."""
    try:
        entered = TenantId(UUID(tenant_id))
    except ValueError as error:
        raise NotFound("There is no such tenant.", code="tenant_not_found") from error
    about(tenant_id=entered)
    effect_key = await _effect_key(request, user_id)
    origin = Origin(request_id=request.scope["request_id"], effect_key=effect_key)
    return await application.sign_in.enter(user_id, entered, origin)


Acting = Annotated[Actor, Depends(acting)]


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


async def _effect_key(request: Request, user_id: UserId) -> str | None:
    """Names the whole command: a key used again for something else must not answer with the first one's result."""
    if request.method in _READING or (key := idempotency_key(request)) is None:
        return None
    command = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return f"http:{user_id}:{key}:{hashlib.sha256(command).hexdigest()[:32]}"
