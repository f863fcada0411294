"""What a password has to be, after NIST SP 800-63B: long enough and not one that everybody tries first."""

import unicodedata

from domain.errors import InvalidInput

SHORTEST, LONGEST = 10, 256

_WORDS = (
    "1234567890 12345678910 0123456789 0987654321 1q2w3e4r5t 1qaz2wsx3edc qwertyuiop qwerty12345 qwerty123456 "
    "password12 password123 password1234 passw0rd123 administrator iloveyou123 letmein1234 welcome1234 welcome123 "
    "changeme123 mediaplanner media-planner abcdefghij abcd123456 football123 baseball123 sunshine123 princess123"
)
_TRIED_FIRST = frozenset(_WORDS.split())


def as_compared(password: str) -> str:
    """The same password, however a keyboard composed it: Unicode NFKC."""
    return unicodedata.normalize("NFKC", password)


def accepted(password: str, *, name: str, email: str) -> str:
    """The password as it is compared. Raises InvalidInput `password_too_short`, `_too_long` or `_guessable`."""
    text = as_compared(password)
    if len(text) < SHORTEST:
        raise InvalidInput(
            f"A password has at least {SHORTEST} characters.", code="password_too_short", field="password"
        )
    if len(text) > LONGEST:
        raise InvalidInput(f"A password has at most {LONGEST} characters.", code="password_too_long", field="password")
    plain = text.casefold()
    if plain in _TRIED_FIRST or len(set(plain)) < 4 or plain in (name.casefold(), email.casefold()):
        raise InvalidInput("That password is easily guessed.", code="password_guessable", field="password")
    return text
