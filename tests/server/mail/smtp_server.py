"""A mail server of its own process, which puts what it accepts into a maildir.

`python -m tests.server.mail.smtp_server MAILDIR [--starttls PEM | --tls PEM] [--login USER PASSWORD]` says its port on
one line and ends with its standard input. The name before the @ of a recipient says what becomes of the letter.
"""

import argparse
import asyncio
import ssl
import sys
from email.message import Message

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

_RECIPIENTS = {"busy": "451 try again later", "nobody": "550 no such user"}
_TEXTS = {"full": "452 no room", "spam": "554 not this"}


class _Choosy(Mailbox):
    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("stranger"):
            return "550 not from you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if refusal := _RECIPIENTS.get(address.partition("@")[0]):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if refusal := _TEXTS.get(envelope.rcpt_tos[0].partition("@")[0]):
            return refusal
        return await super().handle_DATA(server, session, envelope)

    def prepare_message(self, session: Session, envelope: Envelope) -> Message:
        message = super().prepare_message(session, envelope)
        message["X-Encrypted"] = "yes" if session.ssl else "no"
        message["X-Login"] = "yes" if session.authenticated else "no"
        return message


def _settings() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("maildir")
    parser.add_argument("--starttls")
    parser.add_argument("--tls")
    parser.add_argument("--login", nargs=2)
    return parser.parse_args()


def _context(pem: str | None) -> ssl.SSLContext | None:
    if pem is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    return context


async def main() -> None:
    settings = _settings()
    handler = _Choosy(settings.maildir)
    loop = asyncio.get_running_loop()

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        given = [data.login.decode(), data.password.decode()]
        return AuthResult(success=given == settings.login, handled=False, auth_data=data.login)

    def conversation() -> SMTP:
        return SMTP(
            handler,
            hostname="mail.test",
            tls_context=_context(settings.starttls),
            authenticator=authenticate if settings.login else None,
            auth_required=bool(settings.login),
            auth_require_tls=bool(settings.starttls),
            loop=loop,
        )

    server = await loop.create_server(conversation, "127.0.0.1", 0, ssl=_context(settings.tls))
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
