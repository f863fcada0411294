"""The export of a big plan as a job: the file is written in the background, and offered where it was asked for."""

from dataclasses import replace

from domain.files import in_megabytes
from domain.ids import CampaignId, SessionId
from domain.jobs import JobKind, JobStatus
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.exports import ExportPlan, Exports
from services.file_views import FileView
from services.job_tasks import JobTask
from services.jobs import JobResult, Jobs
from services.plan_document import ExportFormat
from services.ports import Clock
from services.queries import JobView
from services.unit_of_work import Begin

BIG = 100  # lines; a smaller plan is written while one waits


class ExportTask(JobTask):
    format: ExportFormat
    number: int


class ExportJob:
    def __init__(self, begin: Begin, clock: Clock, jobs: Jobs, exports: Exports) -> None:
        self._begin = begin
        self._clock = clock
        self._jobs = jobs
        self._exports = exports

    async def start(
        self, actor: Actor, campaign_id: CampaignId, command: ExportPlan, *, session_id: SessionId | None
    ) -> JobView:
        """Of the version that is current now, unless another one is named."""
        authorize(actor, Permission.JOB_RUN, campaign_id)
        authorize(actor, Permission.EXPORT_CREATE, campaign_id)
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(JobView):
                return done
            plan = await work.plans.of_campaign((await work.campaigns.get(campaign_id)).id)
            number = command.version or plan.current.number
            await work.plans.version(plan, number)
            arguments: dict[str, object] = {"format": command.format.value, "number": number}
            return await self._jobs.ask(work, actor, campaign_id, JobKind.PLAN_EXPORT, arguments, session_id)

    async def export(self, actor: Actor, task: ExportTask) -> JobView:
        """The file under a key of its own, then the finished job and its message: each once."""
        async with self._begin(actor.only_reading()) as work:
            job = await work.jobs.get(task.job_id)
            if job.status.ended and job.status is not JobStatus.COMPLETED:
                return JobView.model_validate(job)
        command = ExportPlan(format=task.format, version=task.number)
        own = actor.through(replace(actor.origin, effect_key=f"job:{task.job_id}:file"))
        file = await self._exports.export(own, task.campaign_id, command)
        async with self._begin(actor) as work:
            if done := await work.earlier(JobView):
                return done
            job = await work.jobs.get(task.job_id)
            completed = job.complete({"file_id": str(file.id), "name": file.name}, self._clock.now())
            await self._jobs.post(work, job, JobResult(text=_said(file, task), block=_block(file)))
            return await work.commit(JobView.model_validate(job), completed)


def _said(file: FileView, task: ExportTask) -> str:
    size = in_megabytes(file.size) if file.size >= 1_000_000 else f"{max(round(file.size / 1000), 1)} KB"
    return f"The {task.format.label} “{file.name}” ({size}) of version {task.number} is ready to download."


def _block(file: FileView) -> dict[str, object]:
    facts: dict[str, object] = {"kind": "file", "id": str(file.id), "name": file.name}
    return {**facts, "media_type": file.media_type, "size": file.size}
