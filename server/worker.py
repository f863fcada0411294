"""The worker process: runs the planning workflow and its steps, and starts what waits in the outbox."""

import logging

from temporalio.client import Client

from server.bootstrap import application_of
from server.settings import Settings
from server.telemetry import configure_logging
from server.temporal.activities import PlanningActivities
from server.temporal.relay import Relay
from server.temporal.workers import connect_patiently, planning_worker
from services.application import Application

_DEFAULT_ADDRESS = "localhost:7233"

log = logging.getLogger(__name__)


async def main(settings: Settings) -> None:
    """Until it is cancelled, which SIGINT and SIGTERM do. Waits as long as it takes for Temporal to be there.

    Raises InvalidInput for settings without the URLs of Postgres and Redis, RuntimeError where Temporal refuses it.
    """
    configure_logging(settings.log_level)
    async with application_of(settings) as application:
        address = settings.temporal_address or _DEFAULT_ADDRESS
        client = await connect_patiently(address, settings.temporal_namespace)
        log.info("worker started", extra={"temporal": address, "namespace": settings.temporal_namespace})
        try:
            await work(application, client)
        finally:
            log.info("worker stopped")


async def work(application: Application, client: Client) -> None:
    """Until it is cancelled; then steps under way get a grace to end, and what is left goes to another worker."""
    async with planning_worker(client, PlanningActivities(application)):
        await Relay(application, client).run()
