"""A tenant with a row in every table."""

from domain.campaigns import Campaign
from domain.jobs import Job, JobKind
from domain.media_plans import MediaPlan
from services.actor import Actor, Origin
from services.unit_of_work import Begin
from tests.contracts.samples import DONE, NOW, accept_turn, campaign, draft, open_session


async def fill(begin: Begin, actor: Actor, effect_key: str = "key") -> Campaign:
    session_id = await open_session(begin, actor)
    await accept_turn(begin, actor, session_id)
    made, created = campaign(actor)
    plan, saved = MediaPlan.start(made, draft(actor, search=1000), by=actor.user_id, now=NOW)
    job, requested = Job.request(
        JobKind.MEDIA_PLANNING, actor.tenant_id, made.id, session_id, {}, by=actor.user_id, now=NOW
    )
    async with begin(actor.through(Origin(effect_key=effect_key))) as work:
        work.campaigns.add(made)
        work.plans.add(plan)
        work.jobs.add(job)
        await work.commit(DONE, created, saved, requested)
    return made
