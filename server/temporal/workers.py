"""The connection to Temporal, and the worker that runs the planning workflow on it."""

import logging
from datetime import timedelta
from importlib.metadata import version

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.worker import Worker
from tenacity import RetryCallState, retry, retry_if_exception_type, wait_exponential

from server.temporal.activities import PlanningActivities
from server.temporal.kinds import WORKFLOWS
from server.temporal.long_activities import ExportActivities, SweepActivities, YearActivities

QUEUE = "media-planning"
BUILD = version("media-planner")  # the SDK's own default reads every module that is loaded, for seconds
_STEPS_AT_A_TIME = 20  # each holds a database connection for moments only
_GRACE = timedelta(seconds=3)
_STICKY = timedelta(seconds=3)  # so long the workflows of a worker that died wait for it before others go on

log = logging.getLogger(__name__)


async def connect(address: str, namespace: str) -> Client:
    """Raises RuntimeError while nobody answers there, RPCError while there is no such namespace."""
    client = await Client.connect(
        address, namespace=namespace, data_converter=pydantic_data_converter, connect_timeout=timedelta(seconds=5)
    )
    await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    return client


def _log_waiting(attempt: RetryCallState) -> None:
    assert attempt.outcome
    assert attempt.next_action
    log.warning(
        "waiting for Temporal",
        extra={
            "address": attempt.args[0],
            "reason": str(attempt.outcome.exception()),
            "next_try_in_seconds": attempt.next_action.sleep,
        },
    )


@retry(
    retry=retry_if_exception_type((RuntimeError, RPCError)),
    wait=wait_exponential(multiplier=0.5, max=10),
    before_sleep=_log_waiting,
)
async def connect_patiently(address: str, namespace: str) -> Client:
    """Tries until Temporal is there; until then jobs wait in the outbox."""
    return await connect(address, namespace)


def planning_worker(client: Client, activities: PlanningActivities) -> Worker:
    """Runs every kind of job."""
    others = [kind(activities.application) for kind in (SweepActivities, YearActivities, ExportActivities)]
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=WORKFLOWS,
        activities=[*activities.all, *(step for other in others for step in other.all)],
        build_id=BUILD,
        max_concurrent_activities=_STEPS_AT_A_TIME,
        graceful_shutdown_timeout=_GRACE,
        sticky_queue_schedule_to_start_timeout=_STICKY,
    )
