"""The planning workflow's steps in order, as a worker calls them."""

from domain.channels import Channel
from services.actor import Actor
from services.planning_job import Allocated, Flighted, Forecasted, Gathered, PlanningTask
from services.queries import JobView
from tests.services.conftest import CHANNELS, Product, keyed

Results = tuple[Gathered, Allocated, Flighted, Forecasted]


def task_of(job: JobView, *, base: int | None, channels: list[Channel] | None = None) -> PlanningTask:
    return PlanningTask(
        job_id=job.id, campaign_id=job.campaign_id, channels=CHANNELS if channels is None else channels, base=base
    )


async def steps(product: Product, actor: Actor, task: PlanningTask) -> Results:
    """Everything but the saving."""
    steps = product.planning_job
    gathered = await steps.gather(actor, task)
    allocated = await steps.allocate(actor, task, gathered)
    flighted = await steps.flight(actor, task, gathered, allocated)
    return gathered, allocated, flighted, await steps.forecast(actor, task, gathered, allocated)


async def save(product: Product, actor: Actor, task: PlanningTask, results: Results) -> JobView:
    return await product.planning_job.save(keyed(actor, f"job:{task.job_id}"), task, *results)


async def finish(product: Product, actor: Actor, task: PlanningTask) -> JobView:
    return await save(product, actor, task, await steps(product, actor, task))
