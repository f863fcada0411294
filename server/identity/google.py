"""Sign in with Google, or with any other OpenID Connect provider: code flow with PKCE, state and nonce."""

import asyncio
import hmac
from secrets import token_urlsafe

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError  # type: ignore[import-untyped]  # no types

from domain.errors import InvalidInput
from domain.text import clean_line
from server.identity.id_tokens import Claims, IdTokens
from server.identity.published import PublishedDocuments
from server.identity.refusals import provider_away, refused
from server.identity.tickets import Journey, Tickets
from services.gateways import Departure, Identified
from services.ports import Clock

GOOGLE = "https://accounts.google.com"
PROVIDER = "google"
SCOPE = "openid email profile"

_LONGEST_CODE = 2_048
_LONGEST_EMAIL = 254
_PASSING = {408, 425, 429}  # say "not now" though they are 4xx
_REASONS = {  # RFC 6749, 5.2: anything else is a stranger's text, and not for the log
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
}


class GoogleSignIn:
    """`IdentityProvider` for the one client that we are at `issuer`. To be closed.

    Nothing is stored between departure and arrival: the ticket holds it, and the provider takes each code once.
    """

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        ticket_key: bytes,
        clock: Clock,
        *,
        timeout_seconds: float = 5.0,
    ) -> None:
        """`ticket_key` has 32 bytes. Raises InvalidInput `bad_issuer`, `bad_ticket_key`."""
        self._tickets = Tickets(ticket_key, issuer, client_id, clock)
        self._client = AsyncOAuth2Client(
            client_id, client_secret, scope=SCOPE, code_challenge_method="S256", timeout=timeout_seconds
        )
        self._client.register_compliance_hook("access_token_response", _there)
        self._published = PublishedDocuments(issuer, self._client, clock, timeout_seconds)
        self._id_tokens = IdTokens(issuer, client_id, self._published.key, clock)
        self._timeout_seconds = timeout_seconds

    async def depart(self, redirect_uri: str) -> Departure:
        """Raises Unavailable `identity_provider_away`, and Unauthenticated `sign_in_refused` where what the provider
        publishes is not about the issuer that we know.
        """
        endpoints = await self._published.endpoints()
        journey = Journey(token_urlsafe(32), token_urlsafe(32), token_urlsafe(48), redirect_uri)
        url, _ = self._client.create_authorization_url(
            endpoints.authorization,
            redirect_uri=redirect_uri,
            state=journey.state,
            nonce=journey.nonce,
            code_verifier=journey.code_verifier,
        )
        return Departure(url, self._tickets.seal(journey))

    async def arrive(self, redirect_uri: str, ticket: str, state: str, code: str) -> Identified:
        journey = self._tickets.open(ticket)
        if redirect_uri != journey.redirect_uri:
            raise refused("redirect_uri")
        if not hmac.compare_digest(state.encode("utf-8", "surrogatepass"), journey.state.encode()):
            raise refused("state")
        if not (0 < len(code) <= _LONGEST_CODE and code.isascii() and code.isprintable()):
            raise refused("code_form")
        id_token = await self._exchanged(journey, code)
        return _identified(await self._id_tokens.claims(id_token, journey.nonce))

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _exchanged(self, journey: Journey, code: str) -> str:
        """The ID token for the code."""
        endpoints = await self._published.endpoints()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._client.fetch_token(
                    endpoints.token,
                    grant_type="authorization_code",
                    code=code,
                    redirect_uri=journey.redirect_uri,
                    code_verifier=journey.code_verifier,
                    auth=self._client.client_auth(endpoints.client_auth),
                )
        except OAuthError as error:
            reason = error.error if isinstance(error.error, str) and error.error in _REASONS else "other"
            raise refused(f"exchange_{reason}") from error
        except httpx2.HTTPStatusError as error:
            raise refused(f"exchange_status_{error.response.status_code}") from error
        except (httpx2.HTTPError, TimeoutError) as error:
            raise provider_away(type(error).__name__) from error
        except (ValueError, TypeError, ArithmeticError, RecursionError) as error:
            raise refused("exchange_malformed") from error
        self._client.token = None  # the client would keep the last one's
        id_token = answer.get("id_token")
        if not isinstance(id_token, str):
            raise refused("no_id_token")
        return id_token


def _there(answer: httpx2.Response) -> httpx2.Response:
    """Authlib reads any answer that is JSON, whatever its status."""
    if answer.status_code in _PASSING or answer.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
        raise provider_away(f"status_{answer.status_code}")
    return answer


def _identified(claims: Claims) -> Identified:
    email = claims.get("email")
    if not isinstance(email, str) or not 0 < len(email) <= _LONGEST_EMAIL or not email.isprintable():
        email = None
    verified = email is not None and claims.get("email_verified") is True
    return Identified(PROVIDER, str(claims["sub"]), email, verified, _name(claims.get("name"), email))


def _name(said: object, email: str | None) -> str:
    """A name that may be shown: the provider's, else what the address begins with, else none at all."""
    for text in (said, email and email.partition("@")[0]):
        if isinstance(text, str):
            try:
                return clean_line(text, field="name")
            except InvalidInput:
                continue
    return ""
