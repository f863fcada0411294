"""A worker process that stands still in `save`: before its transaction for one job, behind it for another.

It says so in a line each, and is there to be killed.
"""

import asyncio
import os
import sys
from dataclasses import replace

from domain.ids import JobId
from server.postgres.engine import open_engine
from server.temporal.activities import PlanningActivities
from server.temporal.workers import connect, planning_worker
from services.actor import Actor
from services.application import Application
from services.planning_job import Allocated, Flighted, Forecasted, Gathered, PlanningJob, PlanningTask
from services.queries import JobView
from tests.server.temporal.world import application_on


class StuckPlanningJob(PlanningJob):
    def __init__(self, application: Application, before: str, behind: str) -> None:
        super().__init__(application.begin, application.clock, application.jobs)
        self._before = before
        self._behind = behind

    async def save(
        self,
        actor: Actor,
        task: PlanningTask,
        gathered: Gathered,
        allocated: Allocated,
        flighted: Flighted,
        forecasted: Forecasted,
    ) -> JobView:
        if str(task.job_id) == self._before:
            await _stand_still("before", task.job_id)
        saved = await super().save(actor, task, gathered, allocated, flighted, forecasted)
        if str(task.job_id) == self._behind:
            await _stand_still("behind", task.job_id)
        return saved


async def _stand_still(where: str, job_id: JobId) -> None:
    print(where, job_id, flush=True)
    await asyncio.Event().wait()


async def main(temporal_address: str, before: str, behind: str) -> None:
    application = application_on(open_engine(os.environ["MP_DATABASE_URL"], pool_size=5, statement_timeout_ms=15_000))
    client = await connect(temporal_address, "default")
    stuck = replace(application, planning_job=StuckPlanningJob(application, before, behind))
    await planning_worker(client, PlanningActivities(stuck)).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
