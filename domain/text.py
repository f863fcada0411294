"""Names and notes that people type: any script, any emoji, no control characters."""

import unicodedata

from domain.errors import InvalidInput


def clean_line(text: str, *, field: str, longest: int = 200) -> str:
    """One trimmed line in Unicode NFC. Refuses empty text, control characters and bidirectional overrides."""
    line = unicodedata.normalize("NFC", text).strip()
    if not line:
        raise InvalidInput(f"The {field} may not be empty.", code="empty", field=field)
    if len(line) > longest:
        raise InvalidInput(f"The {field} may have at most {longest} characters.", code="too_long", field=field)
    if any(unicodedata.category(c) == "Cc" or c in _BIDI_OVERRIDES or 0xD800 <= ord(c) < 0xE000 for c in line):
        raise InvalidInput(f"The {field} contains control characters.", code="control_characters", field=field)
    return line


# They reorder what a reader sees; ordinary right-to-left letters need none of them.
_BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
