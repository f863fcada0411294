"""The file that was written last, brought to this machine."""

import asyncio
import os
from pathlib import Path

from domain.errors import InvalidInput, NotFound
from server.terminal.client import ApiClient
from server.terminal.rendering import plain
from server.terminal.screen import Screen


class Saving:
    def __init__(self, client: ApiClient, screen: Screen) -> None:
        self._client = client
        self._screen = screen

    async def save(self, path: str) -> None:
        """Under `path`, else under its own name here. Never over another file: InvalidInput `file_exists`."""
        exports = [file for file in (await self._client.get("/files"))["items"] if file["purpose"] == "export"]
        if not exports:
            raise NotFound("No file has been written yet: ask for an export.", code="file_not_found")
        file = exports[0]
        where = _place(path or str(file["name"]))
        data = await self._client.fetch(file["id"])
        try:
            await asyncio.to_thread(_write, where, data)
        except FileExistsError:
            raise InvalidInput(f"{where} is there already; say another path.", code="file_exists") from None
        except OSError as error:
            raise InvalidInput(f"{where} can't be written: {error.strerror}.", code="file_unwritable") from error
        self._screen.say(plain(f"Saved as {where}."), style="dim")


def _place(path: str) -> Path:
    return Path(os.path.expanduser(path))  # which leaves a home that there isn't as it stands


def _write(where: Path, data: bytes) -> None:
    with where.open("xb") as file:
        file.write(data)
