"""The e-mail of a letter: whatever strangers wrote, the headers are the ones we set."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from server.mail.messages import message_of, sender_of
from tests.server.mail.letters import SENDER, letter

HEADERS = {
    *("Message-ID", "Date", "From", "To", "Subject", "Auto-Submitted"),
    *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
}


def _read(message: EmailMessage) -> EmailMessage:
    """As a mail server reads the bytes."""
    return message_from_bytes(message.as_bytes(), policy=policy.default)


def test_it_says_who_wrote_to_whom_and_that_a_machine_did() -> None:
    written = letter()
    message = _read(message_of(written, sender_of(SENDER)))
    assert (message["From"], message["To"], message["Subject"]) == (SENDER, "ada@example.com", "Join Acme")
    assert message["Message-ID"] == f"<{written.id}@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "subject",
    [
        "Acme\r\nBcc: eve@example.com",
        "Acme\n\nanother text",
        "Acme\n",
        "Acme\x85Bcc: eve@example.com",
        "Acme\u2028Bcc: eve@example.com",
        "=?utf-8?q?Acme=0D=0ABcc:_eve@example.com?=",
        "=\x00?utf-8?q?Acme=0ABcc:_eve@example.com?=",
        "=?utf-8?b?QWNtZQ0KQmNjOiBldmVAZXhhbXBsZS5jb20=?= " + "long " * 40,
    ],
    ids=["crlf", "body", "end", "next-line", "separator", "encoded-word", "hidden-encoded-word", "base64-word"],
)
def test_a_subject_adds_no_header(subject: str) -> None:
    _assert_untouched(subject, "Hello Ada")


@given(
    subject=st.text(st.sampled_from("aZ=?_ \r\n\t\x00\x0b\x85\u2028ü🌷:@<>qb0AD-utf8"), max_size=200), text=st.text()
)
def test_no_subject_and_no_text_adds_a_header(subject: str, text: str) -> None:
    _assert_untouched(subject, text)


def _assert_untouched(subject: str, text: str) -> None:
    message = _read(message_of(letter(subject=subject, text=text), sender_of(SENDER)))
    assert set(message.keys()) == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert message["Subject"].isprintable()
    assert message["To"] == "ada@example.com"


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ada",
        "ada@example.com, eve@example.com",
        "Ada <ada@example.com>",
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\n",
        "ada@example\u2028.com",
        "ada@example.com (friend)",
        "ada@exämple.com",
        "ädä@example.com",
    ],
    ids=["empty", "name", "two", "display", "crlf", "end", "separator", "comment", "domain", "local"],
)
def test_what_is_not_exactly_one_address_gets_nothing(to: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        message_of(letter(to), sender_of(SENDER))
    assert refusal.value.code == "undeliverable"


def test_a_sender_may_have_a_name() -> None:
    assert sender_of("planner@example.com").addr_spec == "planner@example.com"
    assert sender_of("Zürich Mediä <planner@example.com>").display_name == "Zürich Mediä"


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "planner",
        "a@example.com, b@example.com",
        "Planner <>",
        "Planner <a@example.com>\nBcc: eve@example.com",
        "=?utf-8?q?P=0ABcc:_eve@example.com?= <a@example.com>",
        "Planner <a@exämple.com>",
    ],
    ids=["empty", "name", "two", "nobody", "break", "encoded-word", "domain"],
)
def test_a_sender_is_one_address(sender: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        sender_of(sender)
    assert (refusal.value.code, refusal.value.field) == ("bad_mail_sender", "mail_sender")
