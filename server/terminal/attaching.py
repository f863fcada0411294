"""Files that go along with the next message."""

import asyncio
import os
from pathlib import Path

from domain.errors import InvalidInput
from server.terminal.client import ApiClient, Json
from server.terminal.rendering import plain
from server.terminal.screen import Screen


class Attaching:
    def __init__(self, client: ApiClient, screen: Screen) -> None:
        self._client = client
        self._screen = screen
        self._files: list[Json] = []

    async def attach(self, path: str) -> None:
        """Raises InvalidInput for what can't be read here, Refused for what is not taken there."""
        if not path:
            raise InvalidInput("/attach takes the path of a file.", code="file_required")
        try:
            name, data = await asyncio.to_thread(_read, path)
        except OSError as error:
            raise InvalidInput(f"{path} can't be read: {error.strerror}.", code="file_unreadable") from error
        file = await self._client.upload(name, data)
        self._files.append(file)
        self._screen.say(plain(f"{file['name']} goes along with your next message."), style="dim")

    @property
    def ids(self) -> list[str]:
        return [str(file["id"]) for file in self._files]

    def gone(self) -> None:
        """They went along."""
        self._files.clear()


def _read(path: str) -> tuple[str, bytes]:
    where = Path(os.path.expanduser(path))  # which leaves a home that there isn't as it stands
    return where.name, where.read_bytes()
