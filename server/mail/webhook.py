"""Letters by a service of the operator's own, which sends them as it likes."""

import asyncio
import base64
from datetime import UTC, datetime

import httpx
from standardwebhooks import Webhook

from domain.errors import InvalidInput
from server.mail.refusals import bad_mail_url, post_away, undeliverable
from services.gateways import Letter

_FORM = "https://host/path"
_PREFIX = "whsec_"
_FEWEST_SECRET_BYTES = 24  # as the Standard Webhooks specification has it
_PASSING = {408, 425, 429}  # say "not now" though they are 4xx


class WebhookPost:
    """`Post` by HTTP: the letter as JSON, signed as Standard Webhooks has it. To be closed.

    The `webhook-id` is the letter's id, so that the receiver knows a letter that comes twice. Redirects are not
    followed: they would carry a one-time token to somewhere the operator did not name.
    """

    def __init__(self, url: str, secret: str, *, timeout_seconds: float = 15.0) -> None:
        """`secret` is base64, with or without `whsec_`.

        Raises InvalidInput `bad_mail_url`, `bad_mail_webhook_secret`.
        """
        self._url = _checked(url)
        self._webhook = _webhook(secret)
        self._timeout_seconds = timeout_seconds
        self._client = httpx.AsyncClient(timeout=timeout_seconds, follow_redirects=False)

    async def send(self, letter: Letter) -> None:
        body, now = letter.model_dump_json(), datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": str(letter.id),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(str(letter.id), now, body),
        }
        try:
            status = await self._status(body, headers)
        except (httpx.HTTPError, TimeoutError) as error:
            raise post_away(f"its receiver is away ({type(error).__name__})") from error
        if status in _PASSING or status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise post_away(f"its receiver answered {status}")
        if not httpx.codes.is_success(status):
            raise undeliverable(f"its receiver answered {status}")

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _status(self, body: str, headers: dict[str, str]) -> int:
        """Without reading the answer's body, which may never end."""
        async with (
            asyncio.timeout(self._timeout_seconds),
            self._client.stream("POST", self._url, content=body, headers=headers) as response,
        ):
            return response.status_code


def _checked(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise bad_mail_url(_FORM) from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise bad_mail_url(_FORM)
    return parsed


def _webhook(secret: str) -> Webhook:
    """The library passes over what is not base64, and so would make a weak key of a passphrase without a word."""
    encoded = secret.removeprefix(_PREFIX)
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        key = b""
    if len(key) < _FEWEST_SECRET_BYTES:
        message = f"MP_MAIL_WEBHOOK_SECRET is not {_FEWEST_SECRET_BYTES} bytes or more in base64."
        raise InvalidInput(message, code="bad_mail_webhook_secret", field="mail_webhook_secret")
    return Webhook(key)
