"""The address decides which way letters take; one that can't be used is refused before anything is sent."""

from pathlib import Path

import pytest

from domain.errors import InvalidInput
from server.mail.addressed import post_for
from server.mail.folder import FolderPost
from server.mail.smtp import SmtpPost
from server.mail.webhook import WebhookPost
from tests.server.mail.letters import SENDER, letter
from tests.server.mail.servers import receiver

SECRET = "c2VjcmV0" * 4


@pytest.mark.parametrize(
    ("url", "way"),
    [
        (None, FolderPost),
        ("smtp://user:password@mail.example.com:587", SmtpPost),
        ("smtp://[::1]:25/", SmtpPost),
        ("smtps://mail.example.com", SmtpPost),
        ("http://127.0.0.1:8000/letters", WebhookPost),
        ("https://example.com/letters?team=1", WebhookPost),
    ],
    ids=["none", "smtp", "address", "smtps", "http", "https"],
)
async def test_the_scheme_says_which(url: str | None, way: type, tmp_path: Path) -> None:
    async with post_for(url, SECRET, tmp_path, SENDER) as post:
        assert type(post) is way


async def test_what_it_opened_is_closed_at_the_end(tmp_path: Path) -> None:
    with receiver() as service:
        async with post_for(service.url, SECRET, tmp_path, SENDER) as post:
            await post.send(letter())
        with pytest.raises(RuntimeError, match="closed"):
            await post.send(letter())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.com",
        "ftp://secret@mail.example.com",
        "smtp://",
        "smtp://secret@mail.example.com:port",
        "smtp://secret@mail.example.com:99999",
        "smtp://secret@mail.example.com/inbox",
        "smtp://secret@[::1",
        "https://",
        "https://secret@example.com:port/",
    ],
    ids=range(10),
)
async def test_another_address_is_refused_and_not_repeated(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refusal:
        async with post_for(url, SECRET, tmp_path, SENDER):
            pass
    assert (refusal.value.code, refusal.value.field) == ("bad_mail_url", "mail_url")
    assert "secret" not in refusal.value.message


@pytest.mark.parametrize("secret", [None, ""], ids=["none", "empty"])
async def test_a_webhook_needs_its_secret(secret: str | None, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refusal:
        async with post_for("https://example.com/letters", secret, tmp_path, SENDER):
            pass
    assert (refusal.value.code, refusal.value.field) == ("setting_missing", "mail_webhook_secret")
