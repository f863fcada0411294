"""The outbox relay: what a transaction asked of Temporal is done by Temporal, once, however often it is tried.

And a job whose workflow is not there any more has failed: nobody else would ever say so.
"""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode
from tenacity import retry, retry_if_exception_type, stop_after_attempt

from domain.errors import NotFound, StaleVersion, Unavailable
from domain.ids import JobId
from domain.jobs import Job, JobStatus
from server.temporal.kinds import KINDS
from server.temporal.workers import QUEUE
from services.actor import system_actor
from services.application import Application
from services.ports import Wakeup, WakeupKind
from services.queries import JobView

_BATCH = 10
_ANSWER_SECONDS = 4.0
_OPEN = (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW)
_LOST = "its workflow was lost. Start it again."

log = logging.getLogger(__name__)


class Relay:
    """`retry_seconds`: after which a wakeup comes again that could not be acted on; longer than one try takes.

    `check_seconds`: between two looks at a job that runs.
    """

    def __init__(
        self,
        application: Application,
        client: Client,
        *,
        poll_seconds: float = 0.5,
        retry_seconds: float = 5.0,
        check_seconds: float = 20.0,
    ) -> None:
        self._application = application
        self._client = client
        self._poll_seconds = poll_seconds
        self._retry_seconds = retry_seconds
        self._check_seconds = check_seconds
        self._deliveries = {
            WakeupKind.JOB_START: self._start,
            WakeupKind.JOB_CANCEL: self._cancel,
            WakeupKind.JOB_CHECK: self._check,
        }

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            pause = self._retry_seconds
            with _surviving("claiming wakeups"):
                for kind in self._deliveries:
                    await self._forward(kind)
                pause = self._poll_seconds
            await asyncio.sleep(pause)

    async def _forward(self, kind: WakeupKind) -> None:
        due = await self._application.wakeups.claim(kind, limit=_BATCH, retry_after=self._retry_seconds)
        await asyncio.gather(*map(self._deliver, due))

    async def _deliver(self, wakeup: Wakeup) -> None:
        with _surviving("acting on a wakeup", kind=wakeup.kind, tenant=str(wakeup.tenant_id), job=str(wakeup.id)):
            job = await self._find(wakeup)
            again = await self._deliveries[wakeup.kind](job) if job else None
            if again is None:
                await self._application.wakeups.done(wakeup)
            else:
                await self._application.wakeups.put_off(wakeup, again)

    async def _find(self, wakeup: Wakeup) -> Job | None:
        try:
            async with self._application.begin(system_actor(wakeup.tenant_id)) as work:
                return await work.jobs.get(JobId(wakeup.id))
        except NotFound:
            return None

    async def _start(self, job: Job) -> None:
        if job.status.ended:
            return
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                kind = KINDS[job.kind]
                await self._client.start_workflow(
                    kind.run,
                    kind.told(job),
                    id=job.workflow_id,
                    task_queue=QUEUE,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                )
        except WorkflowAlreadyStartedError:
            log.info("workflow was started before", extra={"workflow": job.workflow_id})
        else:
            log.info("workflow started", extra={"workflow": job.workflow_id})
        view = await self._tell_started(job)
        if view.status is JobStatus.CANCELLED:  # since it was read, perhaps when there was no workflow to cancel
            await self._cancel(job)

    @retry(retry=retry_if_exception_type(StaleVersion), stop=stop_after_attempt(5), reraise=True)
    async def _tell_started(self, job: Job) -> JobView:
        """Again if the first step reports its progress at the same moment."""
        return await self._application.jobs.started(system_actor(job.tenant_id), job.id)

    async def _cancel(self, job: Job) -> None:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self._client.get_workflow_handle(job.workflow_id).cancel()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    async def _check(self, job: Job) -> float | None:
        """Seconds until the next look, while there is something to look at."""
        if job.status.ended:
            return None
        if job.status is JobStatus.QUEUED or await self._is_open(job):
            return self._check_seconds
        log.warning("a job's workflow is gone", extra={"workflow": job.workflow_id})
        await self._application.jobs.failed(system_actor(job.tenant_id), job.id, _LOST)
        return None

    async def _is_open(self, job: Job) -> bool:
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                description = await self._client.get_workflow_handle(job.workflow_id).describe()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return description.status in _OPEN


@contextmanager
def _surviving(doing: str, **facts: str) -> Iterator[None]:
    """What fails is due again after a while; nothing but cancellation ends the relay."""
    try:
        yield
    except (RPCError, TimeoutError, Unavailable) as error:
        log.warning(f"{doing} has to wait", extra={"reason": str(error) or "no answer in time", **facts})
    except Exception:  # one wakeup must not stop all the others
        log.exception(f"{doing} failed", extra=facts)
