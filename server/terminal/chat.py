"""`mediaplanner chat`: a conversation in the terminal, with a running server."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Literal

from rich.console import Console
from rich.panel import Panel

from domain.errors import DomainError, Unavailable
from server.seed import DEMO_EMAIL, DEMO_PASSWORD
from server.settings import Settings
from server.terminal.account import Account
from server.terminal.attaching import Attaching
from server.terminal.client import RUN_ENDS, ApiClient, Event, Json, connect
from server.terminal.prompt import Prompt
from server.terminal.rendering import plain
from server.terminal.requests import Requests
from server.terminal.saving import Saving
from server.terminal.screen import Screen, open_console

HELP = """\
Write what you want, as you would to a colleague: "Create a spring campaign for Northwind, $250k, March to April,
conversions", "draft a plan on search, social and CTV", "what if we had 10 % more?", "run the planning workflow".
/new            start another conversation
/sessions       your conversations
/open N         go on with one of them
/attach PATH    let a file go along with your next message
/save [PATH]    keep the file that was exported last
/approvals      what waits for approval
/approve [N] [reason], /deny [N] reason, /withdraw [N]
                decide one of them, or take it back
/help           this
/quit, ctrl-D   leave; ctrl-C stops showing an answer, which is given all the same"""

_REPLAYED_SECONDS = 0.4  # without an event: a replayed conversation is over
_UNDER_WAY = frozenset({"queued", "running"})


async def chat(settings: Settings, url: str | None, account: Account | None = None, tenant: str | None = None) -> None:
    """Until the person leaves. Raises Unavailable, with what to do, where no server answers."""
    where = url or local_url(settings)
    try:
        async with connect(where, account or Account(DEMO_EMAIL, DEMO_PASSWORD), tenant) as client:
            console = open_console()
            conversation = Conversation(client, console, Prompt(console, sys.stdin))
            conversation.greet(where, "offline rules" if settings.model == "offline" else settings.model)
            await conversation.hold()
    except Unavailable as error:
        if error.code != "no_server":
            raise
        raise Unavailable(
            f"no media planner answers at {where}: start one with `make run` in another terminal", code=error.code
        ) from error


def local_url(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - where to call, not to listen
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


class Conversation:
    """One reader shows whatever happens in the session, whether a turn or a job brings it."""

    def __init__(self, client: ApiClient, console: Console, prompt: Prompt) -> None:
        self._client = client
        self._prompt = prompt
        self._screen = Screen(console, echo=not prompt.interactive, prompt=prompt)
        self._requests = Requests(client, self._screen)
        self._attaching = Attaching(client, self._screen)
        self._saving = Saving(client, self._screen)
        self._session_id = ""
        self._listed: Sequence[Json] = []
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._run: str | None = None  # under way
        self._ended: set[str] = set()
        self._left = False  # the person has seen enough of this answer
        self._muted = False
        self._last: str | None = None
        self._jobs: set[str] = set()

    def greet(self, where: str, model: str) -> None:
        tenant = self._client.tenant
        greeting = f"{tenant.name} at {where}, model: {model}. /help says what to do."
        self._screen.say(Panel(plain(greeting), title="media planner") if self._prompt.interactive else plain(greeting))

    async def hold(self) -> None:
        if self._prompt.interactive:
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._interrupted)
        try:
            await self._open_new()
            while (line := await self._prompt.line()) is not None:
                if await self._react(line.strip()) == "leave":
                    return
            if self._prompt.interactive:
                self._screen.say("")  # ctrl-D leaves the cursor behind the prompt
            else:
                await self._until(lambda: not self._jobs)
                await self._until_quiet()
        finally:
            await self._stop_reading()

    async def _react(self, line: str) -> Literal["stay", "leave"]:
        if line in ("/quit", "/exit"):
            return "leave"
        try:
            if line.startswith("/"):
                await self._command(*line.split(maxsplit=1))
            elif line:
                await self._say(line)
        except DomainError as error:
            self._screen.say(plain(f"{error.message} ({error.code})"), style="red")
        return "stay"

    async def _command(self, name: str, argument: str = "") -> None:
        commands: dict[str, Callable[[], Awaitable[None]]] = {
            "/help": self._help,
            "/new": self._open_new,
            "/sessions": self._list,
            "/open": lambda: self._open_listed(argument),
            "/attach": lambda: self._attaching.attach(argument),
            "/save": lambda: self._saving.save(argument),
            "/approvals": self._requests.list,
            "/approve": lambda: self._requests.approve(argument),
            "/deny": lambda: self._requests.deny(argument),
            "/withdraw": lambda: self._requests.withdraw(argument),
        }
        await commands.get(name, self._help)()

    async def _say(self, message: str) -> None:
        if self._reader and self._reader.done():
            self._read_on(self._session_id, self._last)
        self._left = False
        turn_id = await self._client.ask(self._session_id, message, files=self._attaching.ids)
        self._attaching.gone()
        await self._until(lambda: turn_id in self._ended or self._left)

    async def _help(self) -> None:
        self._screen.say(plain(HELP))

    async def _open_new(self) -> None:
        await self._stop_reading()
        self._read_on((await self._client.open_session())["id"])

    async def _list(self) -> None:
        self._listed = await self._client.sessions()
        for number, session in enumerate(self._listed, 1):
            self._screen.say(plain(f"{number:3}  {session['updated_at'][:16].replace('T', ' ')}  {session['title']}"))

    async def _open_listed(self, argument: str) -> None:
        if not self._listed:
            self._listed = await self._client.sessions()
        if not (argument.isascii() and argument.isdigit() and 0 < int(argument) <= len(self._listed)):
            self._screen.say(plain(f"/open takes a number from 1 to {len(self._listed)}; /sessions lists them."))
            return
        await self._stop_reading()
        echo, self._screen.echo = self._screen.echo, True
        self._read_on(self._listed[int(argument) - 1]["id"])
        await self._until_quiet()
        self._screen.echo = echo

    def _read_on(self, session_id: str, after: str | None = None) -> None:
        self._session_id, self._last, self._run, self._muted = session_id, after, None, False
        self._reader = asyncio.create_task(self._read(), name=f"reading {session_id}")

    async def _stop_reading(self) -> None:
        if self._reader:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        self._screen.stop()

    async def _read(self) -> None:
        async for event in self._client.follow(self._session_id, self._last):
            self._last = event.id or self._last
            if not self._muted or event.type == "CUSTOM":
                self._screen.show(event)
            self._note(event)
            self._news.set()

    def _note(self, event: Event) -> None:
        """Keeps book of the runs and jobs that are under way."""
        if event.type == "RUN_STARTED":
            self._run = event.data["runId"]
        elif event.type in RUN_ENDS and self._run:
            self._ended.add(self._run)
            self._run, self._muted = None, False
        elif job := event.custom("job"):
            (self._jobs.add if job["status"] in _UNDER_WAY else self._jobs.discard)(str(job["jobId"]))

    async def _until(self, condition: Callable[[], bool]) -> None:
        """Raises what the reader failed with."""
        while not condition():
            self._news.clear()
            waiting = asyncio.create_task(self._news.wait())
            watched = {waiting, self._reader} if self._reader else {waiting}
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if self._reader and self._reader.done():
                self._reader.result()

    async def _until_quiet(self) -> None:
        with suppress(TimeoutError):
            while True:
                self._news.clear()
                async with asyncio.timeout(_REPLAYED_SECONDS):
                    await self._news.wait()

    def _interrupted(self) -> None:
        if self._prompt.waiting:
            self._screen.say(plain("ctrl-D leaves"), style="dim")
            return
        self._screen.stop()
        self._left = self._muted = True
        self._news.set()
