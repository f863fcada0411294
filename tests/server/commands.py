"""Runs `mediaplanner` as a person does: as a process, judged by its exit status and its words."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Ended:
    status: int
    output: str
    errors: str


async def start(*arguments: str, settings: Mapping[str, str]) -> asyncio.subprocess.Process:
    """`settings` replaces every MP_ variable of this process."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MP_")}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.cli", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**inherited, **settings},
    )


async def mediaplanner(*arguments: str, settings: Mapping[str, str]) -> Ended:
    process = await start(*arguments, settings=settings)
    output, errors = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, output.decode(), errors.decode())
