"""SMTP against real servers: what is final and what passes, and that a password travels encrypted or not at all."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import InvalidInput, Unavailable
from server.mail.smtp import SmtpPost
from tests.server.absent import silence
from tests.server.mail.letters import SENDER, letter
from tests.server.mail.servers import Certificate, MailServer, certificate, mail_server

LOGIN = ("--login", "planner", "p@ss:w/rd")
CREDENTIALS = "planner:p%40ss%3Aw%2Frd"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[MailServer]:
    async with mail_server(tmp_path / "mail") as server:
        yield server


@pytest.fixture(scope="module")
def own_certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return certificate(tmp_path_factory.mktemp("certificate"))


async def _away(post: SmtpPost) -> str:
    with pytest.raises(Unavailable) as refusal:
        await post.send(letter())
    assert refusal.value.code == "post_away"
    assert "ada@example.com" not in refusal.value.message
    return refusal.value.message


async def test_the_envelope_is_the_letters(server: MailServer) -> None:
    await SmtpPost(f"smtp://127.0.0.1:{server.port}", SENDER).send(letter())
    (message,) = server.messages()
    assert (message["X-MailFrom"], message["X-RcptTo"]) == ("planner@example.com", "ada@example.com")


@pytest.mark.parametrize("name", ["busy", "full"])
async def test_a_4xx_passes(server: MailServer, name: str) -> None:
    with pytest.raises(Unavailable) as refusal:
        await SmtpPost(f"smtp://127.0.0.1:{server.port}", SENDER).send(letter(f"{name}@example.com"))
    assert refusal.value.code == "post_away"
    assert server.messages() == []


@pytest.mark.parametrize("name", ["nobody", "spam"])
async def test_a_5xx_about_the_letter_is_final(server: MailServer, name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await SmtpPost(f"smtp://127.0.0.1:{server.port}", SENDER).send(letter(f"{name}@example.com"))
    assert refusal.value.code == "undeliverable"
    assert server.messages() == []


async def test_a_5xx_about_us_lets_the_letter_wait(server: MailServer) -> None:
    assert "550" in await _away(SmtpPost(f"smtp://127.0.0.1:{server.port}", "stranger@example.com"))


async def test_a_silent_server_is_away() -> None:
    async with silence() as silent:
        await _away(SmtpPost(f"smtp://{silent.address}", SENDER, timeout_seconds=0.1))


async def test_it_encrypts_where_the_server_offers_it(tmp_path: Path, own_certificate: Certificate) -> None:
    async with mail_server(tmp_path / "mail", "--starttls", str(own_certificate.pem)) as server:
        await SmtpPost(f"smtp://127.0.0.1:{server.port}", SENDER, trust=own_certificate.trust()).send(letter())
        assert [message["X-Encrypted"] for message in server.messages()] == ["yes"]


async def test_it_signs_in_once_it_is_encrypted(tmp_path: Path, own_certificate: Certificate) -> None:
    async with mail_server(tmp_path / "mail", "--starttls", str(own_certificate.pem), *LOGIN) as server:
        address, trust = f"127.0.0.1:{server.port}", own_certificate.trust()
        await SmtpPost(f"smtp://{CREDENTIALS}@{address}", SENDER, trust=trust).send(letter())
        assert [(message["X-Encrypted"], message["X-Login"]) for message in server.messages()] == [("yes", "yes")]
        await _away(SmtpPost(f"smtp://planner:wrong@{address}", SENDER, trust=trust))
        await _away(SmtpPost(f"smtp://{address}", SENDER, trust=trust))


async def test_smtps_is_encrypted_from_the_start(tmp_path: Path, own_certificate: Certificate) -> None:
    async with mail_server(tmp_path / "mail", "--tls", str(own_certificate.pem), *LOGIN) as server:
        url = f"smtps://{CREDENTIALS}@127.0.0.1:{server.port}"
        await SmtpPost(url, SENDER, trust=own_certificate.trust()).send(letter())
        assert [message["X-Login"] for message in server.messages()] == ["yes"]


async def test_a_password_is_not_sent_in_the_clear(tmp_path: Path) -> None:
    async with mail_server(tmp_path / "mail", *LOGIN) as server:
        await _away(SmtpPost(f"smtp://{CREDENTIALS}@127.0.0.1:{server.port}", SENDER))
        assert server.messages() == []


@pytest.mark.parametrize(("scheme", "option"), [("smtp", "--starttls"), ("smtps", "--tls")], ids=["starttls", "tls"])
async def test_a_certificate_is_checked(tmp_path: Path, own_certificate: Certificate, scheme: str, option: str) -> None:
    async with mail_server(tmp_path / "mail", option, str(own_certificate.pem)) as server:
        await _away(SmtpPost(f"{scheme}://127.0.0.1:{server.port}", SENDER))
        assert server.messages() == []
