"""Versions as entity tags: a resource's ETag is its quoted version, and If-Match names the version that was seen."""

import re
from typing import Annotated

from fastapi import Depends, Header, Response

from domain.errors import InvalidInput, StaleVersion

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')


def tag(response: Response, version: int) -> None:
    response.headers["ETag"] = f'"{version}"'


async def expected_version(
    if_match: Annotated[str | None, Header(description="The ETag that was seen.", examples=['"3"'])] = None,
) -> int | None:
    """None where any version will do. A tag that is well-formed but never ours can't match: StaleVersion."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    if not found:
        raise InvalidInput(
            'If-Match takes one ETag as it was given, quotes included, like "3".', code="bad_etag", field="If-Match"
        )
    weak, opaque = found.groups()
    if weak or not (opaque.isascii() and opaque.isdigit()):
        raise StaleVersion(f"{if_match.strip()} is not the current version.")
    return int(opaque)


Expected = Annotated[int | None, Depends(expected_version)]
