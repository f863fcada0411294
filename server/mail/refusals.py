"""What every way of sending a letter may answer, so that the codes are the same for all of them."""

from domain.errors import InvalidInput, Unavailable


def post_away(what_happened: str) -> Unavailable:
    return Unavailable(f"The letter could not be sent: {what_happened}.", code="post_away")


def undeliverable(what_happened: str) -> InvalidInput:
    return InvalidInput(f"The letter can't be delivered: {what_happened}.", code="undeliverable")


def bad_mail_url(form: str) -> InvalidInput:
    """Never quotes the URL: it may hold a password."""
    return InvalidInput(f"MP_MAIL_URL is not a URL of the form {form}.", code="bad_mail_url", field="mail_url")
