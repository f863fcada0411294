"""A server that is being stopped takes no new work: whoever asks again soon finds another one."""

from fastapi import Depends

from domain.errors import Unavailable
from server.api.auth import TheSystem


async def staying(system: TheSystem) -> None:
    """For routes that begin a turn. Raises Unavailable `draining`."""
    if system.runner.draining:
        raise Unavailable("This server is being stopped; ask again in a moment.", code="draining")


while_staying = Depends(staying)
