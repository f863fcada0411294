"""A letter as an e-mail. What a letter says may come from strangers; the headers stay ours."""

from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.headerregistry import Address, AddressHeader, BaseHeader
from email.message import EmailMessage
from typing import cast

from domain.errors import InvalidInput
from server.mail.refusals import undeliverable
from services.gateways import Letter

# 7bit: no mail server on the way has a reason to re-encode it.
_POLICY = policy.SMTP.clone(cte_type="7bit")


def message_of(letter: Letter, sender: Address) -> EmailMessage:
    """Dated now. Raises InvalidInput `undeliverable` where the recipient is not exactly one ASCII address."""
    message = EmailMessage(policy=_POLICY)
    message["Message-ID"] = f"<{letter.id}@{sender.domain}>"
    message["Date"] = datetime.now(UTC)
    message["From"] = sender
    message["To"] = _recipient(letter.to)
    message["Subject"] = _one_line(letter.subject)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message


def sender_of(text: str) -> Address:
    """`Name <address>` or an address. Raises InvalidInput `bad_mail_sender`."""
    if text.isprintable() and "=?" not in text:
        header = policy.SMTP.header_factory("From", text)
        addresses = cast("AddressHeader", header).addresses
        if len(addresses) == 1 and not cast("BaseHeader", header).defects and addresses[0].addr_spec.isascii():
            return addresses[0]
    form = "Name <address@example.com>"
    raise InvalidInput(f"MP_MAIL_SENDER is not of the form {form}.", code="bad_mail_sender", field="mail_sender")


def _recipient(text: str) -> Address:
    try:
        address = Address(addr_spec=text)
    except (ValueError, MessageError, IndexError) as error:  # IndexError: the parser's answer to an empty text
        raise undeliverable("its recipient has no valid address") from error
    if address.addr_spec != text or not text.isascii():  # the parser passes over comments and separators
        raise undeliverable("its recipient has no valid address")
    return address


def _one_line(text: str) -> str:
    """The library refuses most line breaks, but not one at the end, and it unpacks those within encoded words."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split()).replace("=?", "= ?")
