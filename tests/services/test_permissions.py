"""Every command, refused before anything is written to whoever lacks one of its rights."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from domain.campaigns import Move
from domain.errors import Forbidden
from domain.ids import CampaignId, JobId, SessionId, TurnId
from domain.tenants import Permission
from services.actor import NO_ORIGIN, Actor, system_actor
from services.campaign_copies import CopyCampaign
from services.campaigns import MoveCampaign, UpdateCampaign
from services.jobs import StartPlanning
from services.plan_commands import DraftPlan, Edit, LineEdit, OptimizePlan, RevisePlan, WhatIf
from services.plan_history import CopyPlan, How, ResyncPlan, UndoPlan
from services.plan_questions import AskCheapest, AskMore
from services.planning_job import PlanningTask
from services.reach_views import AskReach
from services.scenarios import SaveScenario
from services.sessions import OpenSession, RenameSession
from services.sweep_job import SweepBudgets
from services.tenants import ChangeSettings
from services.turns import PostTurn
from services.year_job import PlanYear
from tests.services.conftest import CHANNELS, InMemory, in_memory
from tests.services.samples import create, usd
from tests.services.workflow import Results, steps

_P = Permission


@dataclass(frozen=True)
class Stage:
    """A tenant with one of everything."""

    memory: InMemory
    owner: Actor
    campaign: CampaignId
    planned: CampaignId
    archived: CampaignId
    session: SessionId
    turn: TurnId
    job: JobId
    task: PlanningTask
    results: Results


async def stage() -> Stage:
    memory = in_memory()
    owner = memory.owner()
    campaign, archived = await memory.campaign(owner, "Draft"), await memory.campaign(owner, "Archived")
    await memory.campaigns.archive(owner, archived.id)
    plan, session = await memory.planned(owner), await memory.session(owner)
    await memory.plan_approval.submit(owner, plan.campaign_id)
    await memory.plans.revise(owner, plan.campaign_id, _CUT)
    await memory.scenarios.save(owner, plan.campaign_id, SaveScenario(name="Kept"))
    turn = await memory.turns.accept(owner, session, PostTurn(message="hello"))
    job = await memory.jobs.start_planning(owner, plan.campaign_id, StartPlanning(), session_id=session)
    task = PlanningTask(job_id=job.id, campaign_id=plan.campaign_id, channels=CHANNELS, base=2)
    results = await steps(memory, owner, task)
    return Stage(memory, owner, campaign.id, plan.campaign_id, archived.id, session, turn.id, job.id, task, results)


_CUT = RevisePlan(changes=[LineEdit(channel=CHANNELS[0], action=Edit.DECREASE, amount=usd(10))])
_DRAFT = DraftPlan(channels=CHANNELS)
_SWEEP = SweepBudgets(lowest=usd(1000), highest=usd(2000))
_CANCEL = MoveCampaign(move=Move.CANCEL, reason="no money")
_START = StartPlanning(channels=CHANNELS)

Run = Callable[[Stage, Actor], Awaitable[object]]
COMMANDS: dict[str, tuple[set[Permission], Run]] = {
    "campaigns.create": ({_P.CAMPAIGN_WRITE}, lambda s, by: s.memory.campaigns.create(by, create(name="New"))),
    "campaigns.update": (
        {_P.CAMPAIGN_WRITE},
        lambda s, by: s.memory.campaigns.update(by, s.campaign, UpdateCampaign(name="X")),
    ),
    "campaigns.move": ({_P.CAMPAIGN_WRITE}, lambda s, by: s.memory.campaigns.move(by, s.campaign, _CANCEL)),
    "campaigns.archive": ({_P.CAMPAIGN_ARCHIVE}, lambda s, by: s.memory.campaigns.archive(by, s.campaign)),
    "campaigns.restore": ({_P.CAMPAIGN_ARCHIVE}, lambda s, by: s.memory.campaigns.restore(by, s.archived)),
    "plans.draft": ({_P.PLAN_WRITE}, lambda s, by: s.memory.plans.draft(by, s.campaign, _DRAFT)),
    "plans.revise": ({_P.PLAN_WRITE}, lambda s, by: s.memory.plans.revise(by, s.planned, _CUT)),
    "plans.optimize": ({_P.PLAN_WRITE}, lambda s, by: s.memory.plans.optimize(by, s.planned, OptimizePlan())),
    "plans.what_if": ({_P.PLAN_READ}, lambda s, by: s.memory.plans.what_if(by, s.planned, WhatIf())),
    "plans.compare": ({_P.PLAN_READ}, lambda s, by: s.memory.plans.compare(by, s.planned)),
    "plan_questions.more": (
        {_P.PLAN_READ},
        lambda s, by: s.memory.plan_questions.more(by, s.planned, AskMore(percent=Decimal(10))),
    ),
    "plan_questions.cheapest": (
        {_P.PLAN_READ},
        lambda s, by: s.memory.plan_questions.cheapest(by, s.planned, AskCheapest(outcome=Decimal(100))),
    ),
    "plan_questions.returns": ({_P.PLAN_READ}, lambda s, by: s.memory.plan_questions.returns(by, s.planned)),
    "plan_questions.reach": ({_P.PLAN_READ}, lambda s, by: s.memory.plan_questions.reach(by, s.planned, AskReach())),
    "sessions.open": ({_P.SESSION_USE}, lambda s, by: s.memory.sessions.open(by, OpenSession())),
    "sessions.rename": (
        {_P.SESSION_USE},
        lambda s, by: s.memory.sessions.rename(by, s.session, RenameSession(title="X")),
    ),
    "sessions.delete": ({_P.SESSION_USE}, lambda s, by: s.memory.sessions.delete(by, s.session)),
    "turns.accept": ({_P.SESSION_USE}, lambda s, by: s.memory.turns.accept(by, s.session, PostTurn(message="hi"))),
    "turns.begin": ({_P.SESSION_USE}, lambda s, by: s.memory.turns.begin(by, s.session, PostTurn(message="hi"))),
    "turns.cancel": ({_P.SESSION_USE}, lambda s, by: s.memory.turns.cancel(by, s.turn)),
    "jobs.start_planning": (
        {_P.JOB_RUN, _P.PLAN_WRITE},
        lambda s, by: s.memory.jobs.start_planning(by, s.planned, _START, session_id=s.session),
    ),
    "sweep_job.start": (
        {_P.JOB_RUN, _P.PLAN_READ},
        lambda s, by: s.memory.sweep_job.start(by, s.planned, _SWEEP, session_id=s.session),
    ),
    "year_job.start": (
        {_P.JOB_RUN, _P.PLAN_WRITE},
        lambda s, by: s.memory.year_job.start(by, s.planned, PlanYear(), session_id=s.session),
    ),
    "plan_history.undo": ({_P.PLAN_WRITE}, lambda s, by: s.memory.plan_history.undo(by, s.planned, UndoPlan())),
    "plan_history.resync": (
        {_P.PLAN_WRITE},
        lambda s, by: s.memory.plan_history.resync(by, s.planned, ResyncPlan(how=How.OPTIMIZE)),
    ),
    "plan_history.copy": (
        {_P.PLAN_READ, _P.PLAN_WRITE},
        lambda s, by: s.memory.plan_history.copy(by, s.planned, s.campaign, CopyPlan()),
    ),
    "plan_history.changes_since_approval": (
        {_P.PLAN_READ},
        lambda s, by: s.memory.plan_history.changes_since_approval(by, s.planned),
    ),
    "campaign_copies.copy": (
        {_P.CAMPAIGN_WRITE, _P.CAMPAIGN_READ, _P.PLAN_READ, _P.PLAN_WRITE},
        lambda s, by: s.memory.campaign_copies.copy(by, s.planned, CopyCampaign()),
    ),
    "scenarios.save": ({_P.PLAN_WRITE}, lambda s, by: s.memory.scenarios.save(by, s.planned, SaveScenario(name="A"))),
    "scenarios.list": ({_P.PLAN_READ}, lambda s, by: s.memory.scenarios.list(by, s.planned)),
    "scenarios.compare": ({_P.PLAN_READ}, lambda s, by: s.memory.scenarios.compare(by, s.planned, ["Kept"])),
    "scenarios.promote": ({_P.PLAN_WRITE}, lambda s, by: s.memory.scenarios.promote(by, s.planned, "Kept")),
    "scenarios.delete": ({_P.PLAN_WRITE}, lambda s, by: s.memory.scenarios.delete(by, s.planned, "Kept")),
    "jobs.cancel": ({_P.JOB_RUN}, lambda s, by: s.memory.jobs.cancel(by, s.job)),
    "planning_job.gather": ({_P.PLAN_WRITE}, lambda s, by: s.memory.planning_job.gather(by, s.task)),
    "planning_job.save": ({_P.PLAN_WRITE}, lambda s, by: s.memory.planning_job.save(by, s.task, *s.results)),
    "tenants.change_settings": (
        {_P.SETTINGS_WRITE},
        lambda s, by: s.memory.tenants.change_settings(by, ChangeSettings(locale="de-DE")),
    ),
    "tenants.suspend": ({_P.TENANT_MANAGE}, lambda s, by: s.memory.tenants.suspend(by)),
}

# What the product does for itself, on behalf of nobody; and steps of a job that was asked for (tested with the job).
UNASKED = {
    "turns.claim",
    "turns.extend",
    "turns.finish",
    "turns.hand_over",
    "turns.release",
    "jobs.ask",
    "jobs.started",
    "jobs.progressed",
    "jobs.failed",
    "jobs.post",
    "planning_job.allocate",
    "sweep_job.try_budget",
    "sweep_job.finish",
    "year_job.optimise",
    "year_job.save",
    "planning_job.flight",
    "planning_job.forecast",
}

# Asked by a user who is not in the tenant: there is none yet, or it is suspended.
FROM_OUTSIDE = {"tenants.create", "tenants.resume"}

NEEDED = [(name, permission) for name, (permissions, _) in COMMANDS.items() for permission in sorted(permissions)]


def test_no_command_is_left_out() -> None:
    services = (
        *("campaigns", "plans", "sessions", "turns", "jobs", "planning_job", "tenants"),
        *("plan_questions", "plan_history", "campaign_copies", "scenarios", "sweep_job", "year_job"),
    )
    memory = in_memory()
    found = {
        f"{service}.{name}"
        for service in services
        for name, method in inspect.getmembers(getattr(memory, service), inspect.iscoroutinefunction)
        if not name.startswith("_")
    }
    assert found == COMMANDS.keys() | UNASKED | FROM_OUTSIDE


@pytest.mark.parametrize(("command", "permission"), NEEDED)
async def test_without_the_right_nothing_is_written(command: str, permission: Permission) -> None:
    here = await stage()
    lacking = replace(here.owner, permissions=frozenset(Permission) - {permission})
    before, actions = here.memory.written(), here.memory.actions(here.owner.tenant_id)
    with pytest.raises(Forbidden) as refused:
        await COMMANDS[command][1](here, lacking)
    assert (refused.value.code, refused.value.details["permission"]) == ("not_permitted", permission)
    assert (here.memory.written(), here.memory.actions(here.owner.tenant_id)) == (before, actions)


@pytest.mark.parametrize("command", COMMANDS)
async def test_the_rights_it_names_are_enough(command: str) -> None:
    here = await stage()
    permissions, run = COMMANDS[command]
    await run(here, replace(here.owner, permissions=frozenset(permissions)))


@pytest.mark.parametrize("command", COMMANDS)
async def test_the_products_own_actor_may_command_nothing(command: str) -> None:
    here = await stage()
    with pytest.raises(Forbidden):
        await COMMANDS[command][1](here, system_actor(here.owner.tenant_id))


@pytest.mark.parametrize("command", COMMANDS)
async def test_every_write_has_its_row_in_the_audit(command: str) -> None:
    here = await stage()
    before, audited = _business(here), len(here.memory.actions(here.owner.tenant_id))
    await COMMANDS[command][1](here, replace(here.owner, origin=NO_ORIGIN))
    wrote = _business(here) != before
    assert (len(here.memory.actions(here.owner.tenant_id)) > audited) is wrote


def _business(here: Stage) -> dict[str, object]:
    """The rows of business objects: what is said has its own journal."""
    tables = ("campaigns", "media_plans", "plan_versions", "jobs", "tenants", "tenant_profiles")
    sessions = {key: (row.title, row.version) for key, row in here.memory.database.rows["sessions"].items()}
    return {"sessions": sessions, **{table: dict(here.memory.database.rows[table]) for table in tables}}
