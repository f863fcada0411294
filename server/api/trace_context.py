"""Which trace a request belongs to, as its caller says by the W3C Trace Context (level 1)."""

import re

from fastapi import Request

# version, trace, parent, flags; a later version may say more after them
_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


def trace_id_of(request: Request) -> str | None:
    """32 hexadecimal digits; None without a header, or with one that is none."""
    said = request.headers.getlist("traceparent")
    found = _TRACEPARENT.fullmatch(said[0].strip()) if len(said) == 1 else None
    if found is None or (found[1] == "00" and found[3]):
        return None
    return found[2]
