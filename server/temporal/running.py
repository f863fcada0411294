"""How every workflow runs its steps, and how it ends. Only this code is replayed: it decides nothing by itself."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import TypedDict, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from temporalio.exceptions import ActivityError, is_cancelled_exception

    from server.temporal.errors import sentence
    from server.temporal.job_steps import JobSteps
    from server.temporal.messages import FailInput, JobRequest

R = TypeVar("R")


class Options(TypedDict):
    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy


def _options(attempts: int, minutes: int = 1) -> Options:
    return Options(
        start_to_close_timeout=timedelta(minutes=minutes),
        heartbeat_timeout=timedelta(seconds=5),
        retry_policy=RetryPolicy(
            initial_interval=timedelta(milliseconds=200),
            maximum_interval=timedelta(seconds=30),
            maximum_attempts=attempts,
        ),
    )


# About four minutes of a database that is away; the note that the job failed is tried for as long as it takes.
STEP = _options(attempts=15)
LONG_STEP = _options(attempts=15, minutes=10)
_LAST = _options(attempts=0)


async def carried_out(request: JobRequest, steps: Awaitable[R]) -> R:
    """The steps' result. Where they fail, the job ends with why."""
    try:
        return await steps
    except ActivityError as error:
        # A cancelled job has ended before its workflow hears of it; then this changes nothing.
        told = "It was cancelled." if is_cancelled_exception(error) else sentence(error.cause)
        await workflow.execute_activity_method(JobSteps.fail, FailInput(request=request, error=told), **_LAST)
        raise
