"""The repositories: what is stored comes back whole, and belongs to its tenant."""

from dataclasses import replace

import pytest

from domain.campaigns import Campaign, Move
from domain.errors import NotFound, StaleVersion
from domain.ids import CampaignId, JobId, SessionId, UserId, new_id
from domain.jobs import Job, JobKind, JobStatus
from domain.plans.media_plans import MediaPlan, PlanVersion, Scenario, Standing, VersionKind
from domain.sessions import AgentSession
from domain.tenants import Role, TenantSettings, Weekday
from services.actor import Actor
from tests.contracts.conftest import World
from tests.contracts.samples import (
    DONE,
    NOW,
    SPRING,
    accept_turn,
    campaign,
    draft,
    message,
    open_session,
    said,
)


async def new_campaign(world: World, actor: Actor, name: str = "Spring") -> Campaign:
    made, change = campaign(actor, name)
    async with world.begin(actor) as work:
        work.campaigns.add(made)
        await work.commit(DONE, change)
    return made


async def planned(world: World, actor: Actor) -> tuple[Campaign, MediaPlan]:
    made = await new_campaign(world, actor)
    plan, change = MediaPlan.start(made, draft(actor, search=40_000, ctv=60_000), by=actor.user_id, now=NOW)
    async with world.begin(actor) as work:
        work.plans.add(plan)
        await work.commit(DONE, change)
    return made, plan


async def new_job(world: World, actor: Actor, campaign_id: CampaignId, session_id: SessionId | None = None) -> Job:
    job, change = Job.request(
        JobKind.MEDIA_PLANNING,
        actor.tenant_id,
        campaign_id,
        session_id,
        {"channels": ["ctv"], "base": None},
        by=actor.user_id,
        now=NOW,
    )
    async with world.begin(actor) as work:
        work.jobs.add(job)
        await work.commit(DONE, change)
    return job


def lines_of(version: PlanVersion) -> list[tuple[object, ...]]:
    return [
        (line.channel, line.pricing, line.budget, line.weeks, line.delivery, line.source, line.locked)
        for line in version.lines
    ]


async def test_what_a_document_said_of_the_plan_goes_along_from_version_to_version(world: World) -> None:
    actor = await world.new_actor()
    campaign = await new_campaign(world, actor)
    said = {"mediaplanschema": {"meta": {"dim_custom1": "Q3 2025", "n": [1, None, {"ü": 0.5}]}}}
    drafted = replace(draft(actor, search=40_000), extension=said)
    plan, change = MediaPlan.start(campaign, drafted, by=actor.user_id, now=NOW)
    async with world.begin(actor) as work:
        work.plans.add(plan)
        await work.commit(DONE, change)
    async with world.begin(actor) as work:
        plan = await work.plans.of_campaign(campaign.id)
        changed = plan.save(campaign, draft(actor, search=50_000), by=actor.user_id, now=NOW)
        await work.commit(DONE, changed)
    async with world.begin(actor) as work:
        plan = await work.plans.of_campaign(campaign.id)
        assert (plan.current.number, plan.current.extension) == (2, said)


async def test_a_campaign_comes_back_whole(world: World) -> None:
    actor = await world.new_actor()
    made = await new_campaign(world, actor, "حملة الربيع 🌷")
    async with world.begin(actor) as work:
        found = await work.campaigns.get(made.id)
    assert found is not made
    assert (found.facts(), found.created_at, found.created_by) == (made.facts(), NOW, actor.user_id)
    assert (found.flight, found.version) == (SPRING, 1)


async def test_a_plan_comes_back_with_its_current_version_and_lines_in_order(world: World) -> None:
    actor = await world.new_actor()
    made, plan = await planned(world, actor)
    async with world.begin(actor) as work:
        found = await work.plans.of_campaign(made.id)
    assert (found.id, found.currency, found.latest_number, found.version) == (plan.id, "EUR", 1, 1)
    assert lines_of(found.current) == lines_of(plan.current)
    assert (found.current.total, found.current.flight) == (plan.current.total, SPRING)
    assert (found.current.reason, found.current.parent_number) == ("drafted", None)


async def test_a_saved_version_becomes_current_and_the_old_one_stays(world: World) -> None:
    actor = await world.new_actor()
    made, first = await planned(world, actor)
    async with world.begin(actor) as work:
        plan = await work.plans.of_campaign(made.id)
        saved = plan.save(made, draft(actor, radio=5), by=actor.user_id, now=NOW)
        await work.commit(DONE, saved)
    async with world.begin(actor) as work:
        plan = await work.plans.of_campaign(made.id)
        old = await work.plans.version(plan, 1)
        assert await work.plans.version(plan, 2) is plan.current
        with pytest.raises(NotFound) as refused:
            await work.plans.version(plan, 3)
    assert refused.value.code == "plan_version_not_found"
    assert (plan.current.number, plan.current.parent_number, plan.version) == (2, 1, 2)
    assert lines_of(old) == lines_of(first.current)


async def test_a_scenario_is_kept_beside_the_current_version(world: World) -> None:
    actor = await world.new_actor()
    made, _ = await planned(world, actor)
    async with world.begin(actor) as work:
        plan = await work.plans.of_campaign(made.id)
        kept, change = plan.save_based_on(0, made, draft(actor, radio=5), by=actor.user_id, now=NOW)
        work.plans.keep(kept)
        await work.commit(DONE, change)
    async with world.begin(actor) as work:
        plan = await work.plans.of_campaign(made.id)
        found = await work.plans.version(plan, 2)
    assert (plan.current.number, plan.latest_number) == (1, 2)
    assert (found.kind, found.total.minor) == (VersionKind.SCENARIO, 5)
    assert [(one.number, one.name) for one in plan.scenarios] == [(2, "Workflow result")]
    assert plan.approved_number is None


async def test_a_plan_remembers_its_scenarios_and_what_was_approved(world: World) -> None:
    actor = await world.new_actor()
    made, _ = await planned(world, actor)
    async with world.begin(actor) as work:
        plan = await work.plans.of_campaign(made.id)
        approved = plan.approve()
        for name in ("A", "Größer"):
            double = replace(Standing.of(made), budget=made.budget + made.budget)
            kept, change = plan.keep_scenario(name, made, draft(actor, radio=5), double, by=actor.user_id, now=NOW)
            work.plans.keep(kept)
        await work.commit(DONE, approved, change)
    async with world.begin(actor) as work:
        plan = await work.plans.of_campaign(made.id)
        await work.commit(DONE, plan.drop_scenario(plan.scenario("a")))
    async with world.begin(actor) as work:
        plan = await work.plans.of_campaign(made.id)
        dropped = await work.plans.version(plan, 2)
        several = await work.plans.versions(plan, [3, 1, 9])
    assert [(version.number, len(version.lines)) for version in several] == [(1, 2), (3, 1)]
    assert (plan.approved_number, plan.scenarios) == (1, (Scenario(3, "Größer"),))
    assert (dropped.kind, dropped.budget) == (VersionKind.SCENARIO, made.budget + made.budget)


async def test_a_name_is_taken_whatever_its_case(world: World) -> None:
    actor, stranger = await world.new_actor(), await world.new_actor()
    made = await new_campaign(world, actor, "Spring (copy)")
    async with world.begin(stranger) as work:
        assert not await work.campaigns.is_called("Spring (copy)")
    async with world.begin(actor) as work:
        assert await work.campaigns.is_called("SPRING (COPY)")
        assert not await work.campaigns.is_called("Spring")
        archived = (await work.campaigns.get(made.id)).archive()
        await work.commit(DONE, archived)
    async with world.begin(actor) as work:
        assert not await work.campaigns.is_called("Spring (copy)")


async def test_of_two_versions_saved_on_the_same_one_the_second_is_stale(world: World) -> None:
    actor = await world.new_actor()
    made, _ = await planned(world, actor)
    async with world.begin(actor) as first:
        mine = await first.plans.of_campaign(made.id)
        async with world.begin(actor) as second:
            theirs = await second.plans.of_campaign(made.id)
            await second.commit(DONE, theirs.save(made, draft(actor, radio=7), by=actor.user_id, now=NOW))
        with pytest.raises(StaleVersion):
            await first.commit(DONE, mine.save(made, draft(actor, radio=9), by=actor.user_id, now=NOW))
    async with world.begin(actor) as work:
        plan = await work.plans.of_campaign(made.id)
    assert (plan.latest_number, plan.current.total.minor) == (2, 7)


async def test_a_campaign_without_a_plan(world: World) -> None:
    actor = await world.new_actor()
    made = await new_campaign(world, actor)
    async with world.begin(actor) as work:
        assert await work.plans.find_of_campaign(made.id) is None
        with pytest.raises(NotFound) as refused:
            await work.plans.of_campaign(made.id)
    assert refused.value.code == "no_plan"


async def test_a_campaigns_status_and_its_reason_are_kept(world: World) -> None:
    actor = await world.new_actor()
    made = await new_campaign(world, actor)
    async with world.begin(actor) as work:
        found = await work.campaigns.get(made.id)
        await work.commit(DONE, found.move(Move.CANCEL, reason="no budget"))
    async with world.begin(actor) as work:
        found = await work.campaigns.get(made.id)
    assert (found.status, found.status_reason) == ("cancelled", "no budget")


async def test_a_session_remembers_what_is_active(world: World) -> None:
    actor = await world.new_actor()
    made = await new_campaign(world, actor)
    session_id = await open_session(world.begin, actor)
    async with world.begin(actor) as work:
        session = await work.sessions.get(session_id)
        session.remember({"active_agent": "planning", "active_campaign_id": str(made.id)}, NOW)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        found = await work.sessions.get(session_id)
    assert (found.active_agent, found.active_campaign_id, found.version) == ("planning", made.id, 2)


async def test_writing_in_a_session_does_not_make_its_reader_stale(world: World) -> None:
    """The log's counter lies in the session's row, but is no part of what people edit."""
    actor = await world.new_actor()
    session_id = await open_session(world.begin, actor)
    async with world.begin(actor) as first:
        session = await first.sessions.get(session_id)
        async with world.begin(actor) as second:
            await second.transcript.log(said(session_id))
            await second.commit(DONE)
        await first.commit(DONE, session.rename("Renamed", NOW))
    async with world.begin(actor) as work:
        assert (await work.sessions.get(session_id)).title == "Renamed"


async def test_a_session_goes_with_everything_said_in_it_and_its_jobs_stay(world: World) -> None:
    actor = await world.new_actor()
    made = await new_campaign(world, actor)
    session_id, kept_id = await open_session(world.begin, actor), await open_session(world.begin, actor)
    turn = await accept_turn(world.begin, actor, session_id)
    kept = await accept_turn(world.begin, actor, kept_id)
    job = await new_job(world, actor, made.id, session_id)
    async with world.begin(actor) as work:
        session = await work.sessions.get(session_id)
        await work.sessions.remove(session)
        await work.commit(DONE)
    async with world.begin(actor) as work:
        with pytest.raises(NotFound):
            await work.sessions.get(session_id)
        with pytest.raises(NotFound):
            await work.turns.get(turn.id)
        with pytest.raises(NotFound):
            await work.transcript.log(said(session_id))
        assert await work.transcript.of_turn(turn.id) == []
        assert len(await work.transcript.of_turn(kept.id)) == 1
        assert (await work.jobs.get(job.id)).campaign_id == made.id


async def test_a_job_is_followed_to_its_end(world: World) -> None:
    actor = await world.new_actor()
    made = await new_campaign(world, actor)
    job = await new_job(world, actor, made.id)
    async with world.begin(actor) as work:
        found = await work.jobs.get(job.id)
        assert (found.status, found.arguments) == (JobStatus.QUEUED, {"channels": ["ctv"], "base": None})
        assert (found.result, found.session_id) == (None, None)
        changes = [found.started(), found.progressed("allocate", 40), found.complete({"version": 2}, NOW)]
        await work.commit(DONE, *changes)
    async with world.begin(actor) as work:
        found = await work.jobs.get(job.id)
    assert (found.status, found.percent, found.result) == (JobStatus.COMPLETED, 100, {"version": 2})
    assert (found.step, found.ended_at, found.version) == ("allocate", NOW, 4)


async def test_the_tenants_settings_and_members(world: World) -> None:
    actor = await world.new_actor()
    async with world.begin(actor) as work:
        profile = await work.members.profile()
        wanted = replace(profile.settings, timezone="Asia/Tokyo", week_start=Weekday.SUNDAY)
        await work.commit(DONE, profile.adopt(wanted))
    async with world.begin(actor) as work:
        profile = await work.members.profile()
        assert (profile.settings, profile.version) == (wanted, 2)
        assert wanted != TenantSettings()
        assert (await work.members.get(actor.user_id)).role is Role.OWNER
        assert await work.members.tenant_name() == "Acme"
        with pytest.raises(NotFound):
            await work.members.get(UserId(new_id()))


async def test_nothing_of_another_tenant_is_found(world: World) -> None:
    ours, theirs = await world.new_actor(), await world.new_actor()
    made, _ = await planned(world, theirs)
    session_id = await open_session(world.begin, theirs)
    turn = await accept_turn(world.begin, theirs, session_id)
    job = await new_job(world, theirs, made.id, session_id)
    async with world.begin(ours) as work:
        assert await work.plans.find_of_campaign(made.id) is None
        assert await work.turns.by_key(session_id, turn.idempotency_key) is None
        assert await work.turns.claim_next(session_id, "us", 10) is None
        assert not await work.turns.waiting(session_id)
        assert not await work.turns.cancel_queued(turn.id, 1)
        assert await work.transcript.of_turn(turn.id) == []
        for attempt in (
            work.sessions.get(session_id),
            work.jobs.get(JobId(job.id)),
            work.turns.get(turn.id),
            work.members.get(theirs.user_id),
            work.transcript.log(said(session_id)),
            work.transcript.record(message(session_id, None, id="job:1"), [said(session_id)]),
        ):
            with pytest.raises(NotFound):
                await attempt


async def test_a_session_added_in_the_same_unit_can_be_written_in(world: World) -> None:
    actor = await world.new_actor()
    session, change = AgentSession.open(actor.tenant_id, actor.user_id, NOW)
    async with world.begin(actor) as work:
        work.sessions.add(session)
        (event,) = await work.transcript.log(said(session.id))
        await work.commit(DONE, change)
    assert event.seq == 1
