"""Is the process alive, and can it do its work?"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Literal, cast

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from sqlalchemy import text

from domain.errors import DomainError
from server.bootstrap import System
from server.postgres.migrate import schema_is_current

if TYPE_CHECKING:
    from server.embedded.parts import PartStatus  # what it imports takes seconds, and its name is all we need

DEADLINE_SECONDS = 2.0

PartsStatus = Callable[[], "Sequence[PartStatus]"]

router = APIRouter(tags=["health"])
log = logging.getLogger(__name__)


class Alive(BaseModel):
    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    status: Literal["ready", "degraded", "unavailable"]
    checks: dict[str, str]


class Readiness:
    """Without Postgres nothing works; without Redis answers come whole; without Temporal or the worker jobs wait."""

    def __init__(self, system: System, parts: PartsStatus) -> None:
        self._system = system
        self._parts = parts
        self._schema_seen = False

    async def report(self) -> Ready:
        if self._system.runner.draining:
            return Ready(status="unavailable", checks={"draining": "this process is being stopped"})
        database, feed = await asyncio.gather(_in_time(self._database()), _in_time(self._feed()))
        parts = {part.name: part.degraded or "ok" for part in self._parts()}
        checks = {**parts, "postgres": database, "redis": feed}
        if database != "ok":
            return Ready(status="unavailable", checks=checks)
        return Ready(status="ready" if set(checks.values()) == {"ok"} else "degraded", checks=checks)

    async def _database(self) -> str:
        """A schema that was right once stays right while this process runs: migrations come before their code."""
        if not self._schema_seen:
            self._schema_seen = await schema_is_current(self._system.settings.database_url or "")
            return "ok" if self._schema_seen else "the schema is older than this version"
        async with self._system.connections.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        return "ok"

    async def _feed(self) -> str:
        return "ok" if await self._system.connections.feed.reachable() else "does not answer"


@router.get("/livez")
async def livez() -> Alive:
    """Asks nobody: a process that answers is alive."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Ready}})
async def readyz(request: Request, response: Response) -> Ready:
    ready = await cast(Readiness, request.app.state.readiness).report()
    if ready.status == "unavailable":
        response.status_code = 503
    return ready


async def _in_time(check: Awaitable[str]) -> str:
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            return await check
    except (DomainError, OSError, TimeoutError) as error:
        log.warning("not ready: %s", type(error).__name__)
        return "does not answer"
