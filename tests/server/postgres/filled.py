"""A tenant with a row in every table."""

from sqlalchemy.ext.asyncio import AsyncEngine

from domain.campaigns import Campaign
from domain.jobs import Job, JobKind
from domain.money import Money
from domain.plans.media_plans import MediaPlan
from server.postgres.audit import PostgresAudit
from server.postgres.unit_of_work import PostgresWork
from services.actor import Actor, Origin
from services.audit_store import Seal
from services.unit_of_work import Begin
from tests.contracts.access_samples import approval, grant, invitation, service_token
from tests.contracts.samples import DONE, NOW, accept_turn, campaign, draft, file, open_session
from tests.contracts.term_samples import advertiser, override, stored
from tests.fakes.clock import FakeClock
from tests.fakes.unit_of_work import unpublished

ACTIONS = {
    *("session.opened", "campaign.created", "plan.version_saved", "job.requested"),
    *("member.invited", "token.created", "grant.given", "approval.asked"),
}


async def fill(engine: AsyncEngine, actor: Actor, *, sealed: bool = True) -> Campaign:
    """As its owner does, whose delegation is there from the founding."""
    begin = PostgresWork(engine, FakeClock(), unpublished)
    made = await _work(begin, actor)
    await _access(begin, actor, made)
    if sealed:
        await _seal(engine, actor)
    return made


async def _work(begin: Begin, actor: Actor) -> Campaign:
    session_id = await open_session(begin, actor)
    await accept_turn(begin, actor, session_id)
    made, created = campaign(actor)
    plan, saved = MediaPlan.start(made, draft(actor, search=1000), by=actor.user_id, now=NOW)
    job, requested = Job.request(
        JobKind.MEDIA_PLANNING, actor.tenant_id, made.id, session_id, {}, by=actor.user_id, now=NOW
    )
    async with begin(actor.through(Origin(effect_key="key"))) as work:
        work.campaigns.add(made)
        work.plans.add(plan)
        work.jobs.add(job)
        await work.commit(DONE, created, saved, requested)
    return made


async def _access(begin: Begin, actor: Actor, made: Campaign) -> None:
    invited, written = invitation(actor)
    token, created = service_token(actor)
    granted, given = grant(actor, actor.user_id, made.id)
    waiting, asked = approval(actor, amount=Money(5, "EUR"))
    async with begin(actor) as work:
        work.advertisers.add(advertiser(actor)[0])
        work.benchmarks.add(override(actor)[0])
        work.curves.add(stored(actor)[0])
        work.files.add(file(actor, campaign_id=made.id)[0])
        work.invitations.add(invited)
        work.service_tokens.add(token)
        work.grants.add(granted)
        work.approvals.add(waiting)
        await work.commit(DONE, written, created, given, asked)


async def _seal(engine: AsyncEngine, actor: Actor) -> None:
    """One row, with a seal that nobody verifies."""
    async with PostgresAudit(engine).sealing(actor.tenant_id) as sealing:
        (row,) = await sealing.unsealed(1)
        await sealing.commit([Seal(1, row.id, row.digest(), "seal", NOW)])
