"""Which way letters take, as the address says that somebody configured."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from domain.errors import InvalidInput
from server.mail.folder import FolderPost
from server.mail.refusals import bad_mail_url
from server.mail.smtp import SmtpPost
from server.mail.webhook import WebhookPost
from services.gateways import Post

_FORMS = "smtp://user:password@host:587, smtps://host or https://host/path"


@asynccontextmanager
async def post_for(url: str | None, secret: str | None, folder: Path, sender: str) -> AsyncIterator[Post]:
    """Without a URL, into the folder. `secret` is the webhook's. What was opened is closed with the block.

    Raises InvalidInput `bad_mail_url`, `bad_mail_sender`, `bad_mail_webhook_secret`, and `setting_missing` for a
    webhook without its secret.
    """
    if url is None:
        yield FolderPost(folder, sender)
        return
    scheme = _scheme(url)
    if scheme in ("smtp", "smtps"):
        yield SmtpPost(url, sender)
    elif scheme in ("http", "https"):
        async with aclosing(_webhook(url, secret)) as post:
            yield post
    else:
        raise bad_mail_url(_FORMS)


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError as error:
        raise bad_mail_url(_FORMS) from error


def _webhook(url: str, secret: str | None) -> WebhookPost:
    if not secret:
        raise InvalidInput("MP_MAIL_WEBHOOK_SECRET is not set.", code="setting_missing", field="mail_webhook_secret")
    return WebhookPost(url, secret)
