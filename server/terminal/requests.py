"""Requests for approval, typed as commands: what waits, and deciding it."""

from collections.abc import Awaitable, Callable, Sequence

from server.terminal.client import ApiClient, Json
from server.terminal.rendering import approval_line, block, plain
from server.terminal.screen import Screen


class Requests:
    """A command names a request by its number in the last list, or not at all where only one comes into question."""

    def __init__(self, client: ApiClient, screen: Screen) -> None:
        self._client = client
        self._screen = screen
        self._listed: Sequence[Json] = []

    async def list(self) -> None:
        self._listed = await self._client.waiting()
        if not self._listed:
            self._screen.say(plain("Nothing waits for approval."))
        for number, request in enumerate(self._listed, 1):
            self._screen.say(plain(f"{number:3}  ").append_text(approval_line(request, me=self._client.user_id)))

    async def approve(self, argument: str) -> None:
        await self._about(argument, "/approve", self._mine(False), lambda id, why: self._decide(id, "approved", why))

    async def deny(self, argument: str) -> None:
        await self._about(argument, "/deny", self._mine(False), lambda id, why: self._decide(id, "denied", why))

    async def withdraw(self, argument: str) -> None:
        await self._about(argument, "/withdraw", self._mine(True), lambda id, _: self._client.withdraw(id))

    async def _about(
        self,
        argument: str,
        command: str,
        in_question: Callable[[Json], bool],
        act: Callable[[str, str], Awaitable[Json]],
    ) -> None:
        first, _, rest = argument.partition(" ")
        if first.isascii() and first.isdigit():
            self._listed = self._listed or await self._client.waiting()
            found, why = self._listed[int(first) - 1 : int(first)] if int(first) else [], rest
        else:
            found, why = [one for one in await self._client.waiting() if in_question(one)], argument
        if len(found) == 1:
            done = await act(found[0]["id"], why.strip())
            self._screen.say(block({"kind": "approval", "approval": done}))
        else:
            self._screen.say(plain(f"{command} takes a request's number; /approvals lists them."))

    async def _decide(self, approval_id: str, verdict: str, reason: str) -> Json:
        return await self._client.decide(approval_id, verdict, reason or None)

    def _mine(self, mine: bool) -> Callable[[Json], bool]:
        return lambda request: (request["requested_by"] == self._client.user_id) is mine
