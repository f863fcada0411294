"""Letters by a mail server."""

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib.errors import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException

from domain.errors import DomainError
from server.mail.messages import message_of, sender_of
from server.mail.refusals import bad_mail_url, post_away, undeliverable
from services.gateways import Letter

_FORM = "smtp://user:password@host:587"
_PORTS = {"smtp": 587, "smtps": 465}
_PERMANENT = 500


class SmtpPost:
    """`Post` by SMTP, one connection a letter.

    `smtp://` becomes encrypted where the server offers it, and must where somebody signs in; `smtps://` is
    encrypted from the start. Certificates are checked, against `trust` in place of the system's authorities if given.
    A letter that was accepted by a server that then went silent is sent again: it has the same Message-ID.
    """

    def __init__(
        self, url: str, sender: str, *, trust: ssl.SSLContext | None = None, timeout_seconds: float = 20.0
    ) -> None:
        """Raises InvalidInput `bad_mail_url`, `bad_mail_sender`."""
        self._server = _server_of(url)
        self._sender = sender_of(sender)
        self._trust = trust
        self._timeout_seconds = timeout_seconds

    async def send(self, letter: Letter) -> None:
        message = message_of(letter, self._sender)
        server = self._server
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await aiosmtplib.send(
                    message.as_bytes(),
                    sender=self._sender.addr_spec,
                    recipients=[letter.to],
                    hostname=server.host,
                    port=server.port,
                    username=server.user,
                    password=server.password,
                    use_tls=server.encrypted,
                    start_tls=True if server.user and not server.encrypted else None,
                    tls_context=self._trust,
                    timeout=self._timeout_seconds,
                )
        except (SMTPException, OSError) as error:
            raise _translated(error) from error


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    user: str | None
    password: str | None
    encrypted: bool


def _server_of(url: str) -> _Server:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise bad_mail_url(_FORM) from error
    beyond = parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme not in _PORTS or not parts.hostname or beyond:
        raise bad_mail_url(_FORM)
    return _Server(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        encrypted=parts.scheme == "smtps",
    )


def _translated(error: SMTPException | OSError) -> DomainError:
    """A 5xx about the recipient or the text is final. One about us (sign-in, sender, encryption) is the same for every
    letter, and ends when somebody corrects the settings: those letters wait.
    """
    if isinstance(error, SMTPRecipientsRefused):
        return _refused(error.recipients[0].code, "its recipient")
    if isinstance(error, SMTPDataError):
        return _refused(error.code, "it")
    if isinstance(error, SMTPResponseException):
        return post_away(f"the mail server answered {error.code}")
    return post_away(f"the mail server is away ({type(error).__name__})")


def _refused(code: int, what: str) -> DomainError:
    make = undeliverable if code >= _PERMANENT else post_away
    return make(f"the mail server refused {what} with {code}")
