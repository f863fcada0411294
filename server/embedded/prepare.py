"""Makes what a first start would have to build, so that the start, or the tests, don't wait for it."""

from collections.abc import Callable, Mapping

from server.embedded.postgres import wheel_binaries
from server.embedded.redis import redis_binary
from server.embedded.temporal_binary import temporal_binary


async def prepare(
    environment: Mapping[str, str], announce: Callable[[str], None], *, quiet: bool, download: bool = True
) -> None:
    """Quiet says only what has to be made. Raises Unavailable with what to do about a missing program."""
    found = {
        "postgres": wheel_binaries() / "postgres",
        "redis": redis_binary(environment),
        "temporal": await temporal_binary(environment, announce, download=download),
    }
    if not quiet:
        for name, path in found.items():
            announce(f"{name:<10}{path}")
