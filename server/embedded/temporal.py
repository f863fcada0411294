"""Temporal's dev server with its jobs in a SQLite file, so that they are there again after a restart."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from server.embedded.home import Home
from server.embedded.probes import probe_temporal
from server.embedded.processes import Child, Command, spawn

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class TemporalServer:
    address: str
    child: Child


@asynccontextmanager
async def temporal_server(home: Home, binary: Path) -> AsyncIterator[TemporalServer]:
    folder = home.folder("temporal")
    port = _choose_port(folder / "port")
    command = Command(
        name="temporal",
        argv=[
            *(str(binary), "server", "start-dev", "--headless", "--log-level", "warn"),
            *("--ip", _HOST, "--port", str(port), "--db-filename", str(folder / "temporal.db")),
        ],
        log=home.log("temporal"),
        environment={"HOME": str(folder)},  # it writes a configuration file of its own there
    )
    child = await spawn(command, home.ledger)
    address = f"{_HOST}:{port}"
    try:
        await child.until(lambda: probe_temporal(address))
        yield TemporalServer(address, child)
    finally:
        await child.stop()


def _choose_port(remembered: Path) -> int:
    """The port of the last start while it is free, so that an address someone wrote down stays true."""
    port = int(remembered.read_text()) if remembered.exists() else 0
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            probe.bind((_HOST, 0))
        port = int(probe.getsockname()[1])
    remembered.write_text(str(port))
    return port
