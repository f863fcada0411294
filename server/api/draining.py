"""A server that is being stopped takes no new work: whoever asks again soon finds another one."""

from fastapi import Depends, Request

from domain.errors import Unavailable
from server.api.auth import system_of


async def staying(request: Request) -> None:
    """For routes that begin a turn. Raises Unavailable `draining`."""
    if system_of(request).runner.draining:
        raise Unavailable("This server is being stopped; ask again in a moment.", code="draining")


while_staying = Depends(staying)
