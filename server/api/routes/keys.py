"""The public keys of our access tokens, for everybody who verifies them without asking us."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from server.api.auth import TheSystem

CACHED_SECONDS = 300  # a new key is published for as long before it signs: docs/keys.md

router = APIRouter(tags=["account"])


class PublicKey(BaseModel):
    kty: str
    crv: str
    x: str
    y: str
    use: str
    alg: str
    kid: str


class PublicKeys(BaseModel):
    keys: list[PublicKey]


class JsonWebKeySet(JSONResponse):
    media_type = "application/jwk-set+json"


@router.get("/.well-known/jwks.json", response_class=JsonWebKeySet)
async def published_keys(system: TheSystem, response: Response) -> PublicKeys:
    response.headers["Cache-Control"] = f"public, max-age={CACHED_SECONDS}"
    return PublicKeys.model_validate(system.tokens.keyring.published())
