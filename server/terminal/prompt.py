"""What a person types, line by line, while the program goes on."""

import asyncio
import sys
import threading
from contextlib import suppress
from typing import TextIO

from rich.console import Console

PROMPT = "› "


class Prompt:
    """Reads on a thread of its own, which nobody has to wait for when the program ends."""

    def __init__(self, console: Console, source: TextIO) -> None:
        self.interactive = source.isatty()
        self.waiting = False
        self._console = console
        self._source = source
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._wanted = threading.Semaphore(0)
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), name="prompt", daemon=True).start()

    async def line(self) -> str | None:
        """None when there is no more."""
        self.waiting = True
        self._wanted.release()
        try:
            return await self._lines.get()
        finally:
            self.waiting = False

    def make_room(self) -> None:
        """Before something is said while the person types."""
        if self.interactive and self.waiting:
            self._console.file.write("\r\x1b[K")

    def restore(self) -> None:
        if self.interactive and self.waiting:
            self._console.file.write(PROMPT + _typed())
            self._console.file.flush()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            self._wanted.acquire()
            line = self._next()
            with suppress(RuntimeError):  # the loop is closed: nobody listens any more
                loop.call_soon_threadsafe(self._lines.put_nowait, line)
            if line is None:
                return

    def _next(self) -> str | None:
        if not self.interactive:
            return self._source.readline() or None
        with suppress(ImportError):
            import readline as readline  # gives `input` editing and history
        try:
            return input(PROMPT)
        except (EOFError, OSError):
            return None


def _typed() -> str:
    """The line so far."""
    readline = sys.modules.get("readline")
    return str(readline.get_line_buffer()) if readline else ""
