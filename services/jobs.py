"""Jobs: asked for in one transaction with the note that starts them; reported, ended and posted by the worker."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import BaseModel, Field

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.ids import CampaignId, JobId, SessionId
from domain.jobs import Job, JobKind, JobStatus
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.commands import Command
from services.events import EventType, NewEvent
from services.ports import Clock, Recorded, WakeupKind
from services.queries import JobView
from services.sessions import own_session
from services.unit_of_work import Begin, UnitOfWork

CHECKED_AFTER = timedelta(seconds=30)


class StartPlanning(Command):
    """The planning workflow for a campaign. Without channels: those of its current plan."""

    channels: list[Channel] = Field(default_factory=list, max_length=20)


class JobResult(BaseModel):
    text: str
    block: dict[str, object] | None = None
    facts: dict[str, object] = Field(default_factory=dict)


class Jobs:
    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    async def start_planning(
        self, actor: Actor, campaign_id: CampaignId, command: StartPlanning, *, session_id: SessionId | None
    ) -> JobView:
        authorize(actor, Permission.JOB_RUN, campaign_id)
        authorize(actor, Permission.PLAN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(JobView):
                return done
            campaign = await work.campaigns.get(campaign_id)
            campaign.must_accept_plans()
            plan = await work.plans.find_of_campaign(campaign_id)
            channels = command.channels or [line.channel for line in (plan.current.lines if plan else [])]
            if not channels:
                raise InvalidInput(
                    "The campaign has no plan yet; name the channels to plan with.",
                    code="channels_required",
                    field="channels",
                )
            base = plan.current.number if plan else None
            arguments = {"channels": [channel.value for channel in channels], "base": base}
            return await self.ask(work, actor, campaign_id, JobKind.MEDIA_PLANNING, arguments, session_id)

    async def ask(
        self,
        work: UnitOfWork,
        actor: Actor,
        campaign_id: CampaignId,
        kind: JobKind,
        arguments: Mapping[str, object],
        session_id: SessionId | None,
    ) -> JobView:
        """Writes the job down with the notes that start and watch it; commits."""
        if session_id is not None:
            await own_session(work, actor, session_id)
        now = self._clock.now()
        job, change = Job.request(kind, actor.tenant_id, campaign_id, session_id, arguments, by=actor.user_id, now=now)
        work.jobs.add(job)
        await work.wake(WakeupKind.JOB_START, job.id, now)
        await work.wake(WakeupKind.JOB_CHECK, job.id, now + CHECKED_AFTER)
        await self._tell(work, job)
        return await work.commit(JobView.model_validate(job), change)

    async def cancel(self, actor: Actor, job_id: JobId) -> JobView:
        """Ends the job now; its workflow is stopped as soon as Temporal hears of it."""
        async with self._begin(actor) as work:
            if done := await work.earlier(JobView):
                return done
            job = await work.jobs.get(job_id)
            authorize(actor, Permission.JOB_RUN, job.campaign_id)
            now = self._clock.now()
            change = job.cancel(now)
            await work.wake(WakeupKind.JOB_CANCEL, job.id, now)
            await self._tell(work, job)
            return await work.commit(JobView.model_validate(job), change)

    async def started(self, actor: Actor, job_id: JobId) -> JobView:
        async with self._begin(actor) as work:
            job = await work.jobs.get(job_id)
            if job.status is not JobStatus.QUEUED:
                return JobView.model_validate(job)
            change = job.started()
            await self._tell(work, job)
            return await work.commit(JobView.model_validate(job), change)

    async def progressed(self, actor: Actor, job_id: JobId, step: str, percent: int) -> JobView:
        async with self._begin(actor) as work:
            job = await work.jobs.get(job_id)
            job.progressed(step, percent)
            await self._tell(work, job)
            return await work.commit(JobView.model_validate(job))

    async def failed(self, actor: Actor, job_id: JobId, error: str) -> JobView:
        async with self._begin(actor) as work:
            job = await work.jobs.get(job_id)
            if job.status.ended:
                return JobView.model_validate(job)
            change = job.fail(error, self._clock.now())
            await self.post(work, job, JobResult(text=f"The {job.kind.label} failed: {error}"))
            return await work.commit(JobView.model_validate(job), change)

    async def post(self, work: UnitOfWork, job: Job, result: JobResult) -> None:
        """Into the job's session: the result as a message that the next turn has in its window, and the job's event."""
        if job.session_id is None:
            return
        message = Recorded(
            id=f"job:{job.id}",
            session_id=job.session_id,
            turn_id=None,
            ordinal=0,
            role="assistant",
            agent="planning",
            content={"type": "ai", "data": {"content": result.text}, "block": result.block},
            created_at=self._clock.now(),
        )
        said = NewEvent(
            session_id=job.session_id,
            agent="planning",
            type=EventType.MESSAGE,
            data={"message_id": message.id, "text": result.text, "streamed": False, "block": result.block},
        )
        await work.transcript.record(message, [_event(job, job.session_id), said])

    async def _tell(self, work: UnitOfWork, job: Job) -> None:
        if job.session_id is not None:
            await work.transcript.log(_event(job, job.session_id))


def _event(job: Job, session_id: SessionId) -> NewEvent:
    data: Mapping[str, object] = {
        "job_id": str(job.id),
        "kind": job.kind,
        "status": job.status,
        "step": job.step,
        "percent": job.percent,
    }
    return NewEvent(session_id=session_id, type=EventType.JOB, data=dict(data))
