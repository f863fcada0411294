"""`mediaplanner doctor`: what is there, what is missing, and what to do about it. It changes nothing."""

import platform
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from domain.errors import DomainError, Unavailable
from server.embedded.home import check_usable, holder
from server.embedded.postgres import wheel_binaries
from server.embedded.probes import place, probe_postgres, probe_redis, probe_temporal
from server.embedded.redis import redis_binary
from server.embedded.temporal_binary import go_toolchain, installed_binary, missing
from server.settings import Settings
from server.stack import refuse_old_schema, refuse_taken_port, refuse_unserviceable

_OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """`says` is what is there, or what is wrong and what to do. Without a vital thing the product can't serve."""

    subject: str
    well: bool
    says: str
    vital: bool

    def __str__(self) -> str:
        mark = "ok" if self.well else "FAILS" if self.vital else "lacks"
        return f"{mark:<7}{self.subject:<10}{self.says}"


async def examine(settings: Settings, environment: Mapping[str, str], announce: Callable[[str], None]) -> None:
    """A line for each dependency. Raises Unavailable `unserviceable` where the product could not serve."""
    findings = await Examination(settings, environment).findings()
    for finding in findings:
        announce(str(finding))
    if failed := [finding.subject for finding in findings if finding.vital and not finding.well]:
        raise Unavailable(f"the product can't serve: see {', '.join(failed)}", code="unserviceable")
    announce("the product can serve")


class Examination:
    """Each check answers with what it found, or raises a DomainError that says what to do."""

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._environment = environment

    async def findings(self) -> list[Finding]:
        return [
            await _ask("python", self._python),
            await _ask("settings", self._check_settings),
            await _ask("home", self._home),
            await _ask("port", self._port),
            await _ask("postgres", self._postgres),
            await _ask("schema", self._schema),
            await _ask("redis", self._redis),
            await _ask("temporal", self._temporal, vital=False),
        ]

    async def _python(self) -> str:
        if sys.version_info < _OLDEST_PYTHON:
            raise Unavailable(f"{platform.python_version()}: install Python 3.11 or newer")
        return platform.python_version()

    async def _check_settings(self) -> str:
        refuse_unserviceable(self._settings)
        return "agree with each other"

    async def _home(self) -> str:
        path = self._settings.home
        check_usable(path)
        pid = holder(path)
        return f"{path}, in use by process {pid}" if pid else str(path)

    async def _port(self) -> str:
        settings = self._settings
        if not holder(settings.home):
            refuse_taken_port(settings.host, settings.port)
        return f"{settings.host}:{settings.port}"

    async def _postgres(self) -> str:
        if url := self._settings.database_url:
            await probe_postgres(url)
            return f"answers at {place(url)}"
        return f"embedded, {wheel_binaries()}"

    async def _schema(self) -> str:
        if url := self._settings.database_url:
            await refuse_old_schema(url)
            return "of this version"
        return "each start brings the embedded database to this version"

    async def _redis(self) -> str:
        if url := self._settings.redis_url:
            await probe_redis(url)
            return f"answers at {place(url)}"
        return f"embedded, {redis_binary(self._environment)}"

    async def _temporal(self) -> str:
        if address := self._settings.temporal_address:
            await probe_temporal(address, self._settings.temporal_namespace)
            return f"answers at {address}"
        if binary := installed_binary(self._environment):
            return f"embedded, {binary}"
        if go := go_toolchain(self._environment):
            return f"not built yet: the first start builds it with {go}, or now: mediaplanner prepare"
        raise missing("no Go toolchain is on the PATH; the product serves, but jobs wait")


async def _ask(subject: str, check: Callable[[], Awaitable[str]], *, vital: bool = True) -> Finding:
    try:
        return Finding(subject, True, await check(), vital)
    except DomainError as error:
        return Finding(subject, False, error.message, vital)
