"""A program that starts the parts, says where they are in one line of JSON, and runs until it is stopped."""

import asyncio
import json
import sys
from pathlib import Path

from server.embedded.parts import start_parts
from server.embedded.signals import run_until_stopped


async def main(home: Path) -> None:
    async with start_parts(home, temporal="wait", announce=lambda _: None) as parts:
        addresses = {
            "database": parts.database_admin_url,
            "redis": parts.redis_url,
            "temporal": parts.temporal_address,
        }
        print(json.dumps(addresses), flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    run_until_stopped(main(Path(sys.argv[1])))
