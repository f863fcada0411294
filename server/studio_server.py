"""`mediaplanner studio`: LangGraph Studio's server as a child, on the same stack and worker as `run`.

The parts start here and not in Studio: it builds the graph anew for each run, and may not block while it does.
"""

import os
import sys

from domain.errors import Unavailable
from server.embedded.processes import Command, spawn
from server.run import WorkerProcess, kept
from server.settings import Settings
from server.stack import Announce, environment, open_stack


async def run(settings: Settings, announce: Announce, *, port: int = 2024) -> None:
    """Serves until it is stopped. Expects `langgraph.json` in the working folder."""
    async with open_stack(settings, announce) as stack, kept(WorkerProcess(stack, announce)):
        command = Command(
            name="langgraph dev",
            argv=[
                *(sys.executable, "-m", "langgraph_cli", "dev", "--config", "langgraph.json"),
                *("--host", settings.host, "--port", str(port), "--no-browser", "--no-reload"),
            ],
            environment={**environment(stack.settings, os.environ), "LANGGRAPH_CLI_NO_ANALYTICS": "1"},
        )
        child = await spawn(command)
        try:
            await child.wait()
        finally:
            await child.stop()
        raise Unavailable(child.obituary(), code="part_failed")
