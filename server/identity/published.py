"""What a provider publishes about itself: where its endpoints are, and the keys that its tokens are signed with."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx2
from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import Key, KeySet, import_key
from pydantic import BaseModel, ValidationError

from domain.errors import InvalidInput
from server.identity.refusals import provider_away, refused
from services.ports import Clock

FRESH = timedelta(hours=1)
PAUSE = timedelta(minutes=1)  # between two looks for a key that wasn't there

_LOCAL = ("localhost", "127.0.0.1", "::1")
_KINDS = ("RSA", "EC")
_PUBLIC = ("kty", "n", "e", "crv", "x", "y", "kid", "alg")
_SHORTEST_MODULUS = 342  # 2048 bits in base64


@dataclass(frozen=True, slots=True)
class Endpoints:
    authorization: str
    token: str
    keys: str
    client_auth: str


class _Discovery(BaseModel):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class PublishedDocuments:
    """Fetched when first needed, and kept for an hour. The client stays its owner's.

    Raises InvalidInput `bad_issuer` for an issuer that is not https; http is for a provider on this machine.
    """

    def __init__(self, issuer: str, client: httpx2.AsyncClient, clock: Clock, timeout_seconds: float) -> None:
        if not _secure(issuer, local=True) or "?" in issuer or "#" in issuer:
            raise InvalidInput("The issuer is not a URL of the form https://host/path.", code="bad_issuer")
        self._issuer = issuer
        self._client = client
        self._clock = clock
        self._timeout_seconds = timeout_seconds
        self._endpoints: tuple[datetime, Endpoints] | None = None
        self._keys: tuple[datetime, KeySet] | None = None
        self._looking = asyncio.Lock()
        self._look_from = datetime.min.replace(tzinfo=UTC)

    async def endpoints(self) -> Endpoints:
        """Raises Unavailable `identity_provider_away`, Unauthenticated `sign_in_refused` for another issuer's document
        and for endpoints that anybody on the way could read along with.
        """
        if self._endpoints is None or self._endpoints[0] <= self._clock.now():
            document = await self._fetched(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            self._endpoints = self._clock.now() + FRESH, self._checked(document)
        return self._endpoints[1]

    async def key(self, kid: str | None, algorithm: str) -> Key:
        """Without a `kid`, the only key that there is. An unknown one may be new: the keys are fetched again for it,
        once a minute. Raises Unavailable `identity_provider_away`, Unauthenticated `sign_in_refused`.
        """
        known = await self._fresh_keys()
        try:
            return _chosen(known, kid, algorithm)
        except InvalidKeyIdError:
            again = await self._keys_after(known)
        try:
            return _chosen(again, kid, algorithm)
        except InvalidKeyIdError as error:
            raise refused("unknown_key") from error

    async def _fresh_keys(self) -> KeySet:
        if self._keys is None or self._keys[0] <= self._clock.now():
            return await self._fetched_keys()
        return self._keys[1]

    async def _keys_after(self, known: KeySet) -> KeySet:
        """Those who wait here get what the first of them has found; if that was nothing, they don't look again."""
        async with self._looking:
            if self._keys is not None and self._keys[1] is not known:
                return self._keys[1]
            if self._clock.now() < self._look_from:
                return known
            self._look_from = self._clock.now() + PAUSE
            return await self._fetched_keys()

    async def _fetched_keys(self) -> KeySet:
        document = await self._fetched((await self.endpoints()).keys)
        entries = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(entries, list):
            raise refused("keys_malformed")
        keys = KeySet([key for entry in entries if (key := _usable(entry))])
        self._keys = self._clock.now() + FRESH, keys
        return keys

    async def _fetched(self, url: str) -> object:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._client.get(url, headers={"accept": "application/json"}, auth=None)
            if answer.status_code != httpx2.codes.OK:
                raise provider_away(f"status_{answer.status_code}")
            document: object = answer.json()
        except (httpx2.HTTPError, TimeoutError) as error:
            raise provider_away(type(error).__name__) from error
        except (ValueError, RecursionError) as error:
            raise provider_away("no_json") from error
        return document

    def _checked(self, document: object) -> Endpoints:
        try:
            found = _Discovery.model_validate(document, strict=True)
        except ValidationError as error:
            raise refused("discovery_malformed") from error
        if found.issuer != self._issuer:
            raise refused("discovery_issuer")
        urls = (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
        if not all(_secure(url, local=self._issuer.startswith("http:")) for url in urls):
            raise refused("discovery_endpoint")
        in_form = "client_secret_post" in found.token_endpoint_auth_methods_supported
        return Endpoints(*urls, client_auth="client_secret_post" if in_form else "client_secret_basic")


def _secure(url: str, *, local: bool) -> bool:
    """`local`: http will do where the host is this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (local and parts.scheme == "http" and host in _LOCAL))


def _usable(entry: object) -> Key | None:
    """Other keys are passed over: a provider may publish what it likes, also for other purposes."""
    if not isinstance(entry, dict) or entry.get("kty") not in _KINDS or entry.get("use", "sig") != "sig":
        return None
    if entry["kty"] == "RSA" and len(str(entry.get("n"))) < _SHORTEST_MODULUS:
        return None
    try:
        return import_key({name: entry[name] for name in _PUBLIC if name in entry})
    except (JoseError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        return None


def _chosen(keys: KeySet, kid: str | None, algorithm: str) -> Key:
    return keys.get_by_kid(kid, {"alg": algorithm, "use": "sig"})
