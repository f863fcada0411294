"""A tenant with one of everything a person could name, under names that nobody else has."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from agents.workspace.requests import code_of
from domain.channels import Channel
from domain.delegations import DelegationKind
from domain.ids import CampaignId, SessionId, new_id
from domain.tenants import Role, Tenant
from domain.users import Email, User
from server.postgres import mapping as mapping  # registers every table
from server.postgres.founding import enrol
from server.postgres.metadata import metadata
from services.actions import InviteAction
from services.actor import Actor
from services.application import Application
from services.benchmark_commands import SetBenchmark
from services.delegations import GiveDelegation
from services.files import UploadFile
from services.grants import GiveGrant
from services.jobs import StartPlanning
from services.members import Invite
from services.plan_commands import DraftPlan
from services.scenarios import SaveScenario
from services.sessions import OpenSession
from tests.server.postgres.databases import as_tenant
from tests.services.samples import create

# The outbox is for the product itself; the sealing sweep of another test may be at work.
TENANT_TABLES = [
    table for table in metadata.sorted_tables if "tenant_id" in table.c and table.name not in ("wakeups", "audit_seals")
]


@dataclass(frozen=True, slots=True)
class Furnished:
    """`markers` are texts that no other tenant's answer can contain; `names` what each argument could say."""

    owner: Actor
    campaign_id: CampaignId
    session_id: SessionId
    names: dict[str, list[str]]
    markers: set[str]


async def furnished(engine: AsyncEngine, app: Application, owner: Actor) -> Furnished:
    """Its second member is an admin, who asked for an approval; so did the owner, whose request is named last."""
    word = new_id().hex[-12:]
    person = User.register(Email.of(f"{word}@example.com"), f"P{word}", None, datetime.now(UTC))
    admin = Actor(owner.tenant_id, person.id, Role.ADMIN.permissions)
    await enrol(engine, Tenant(owner.tenant_id, "Acme", person.created_at), person, Role.ADMIN, person.created_at)
    campaign = await app.campaigns.create(owner, create(name=f"C{word}", advertiser=f"A{word}"))
    plan = await app.plans.draft(owner, campaign.id, DraftPlan(channels=[Channel.SEARCH, Channel.SOCIAL]))
    await app.plan_approval.submit(owner, campaign.id)
    await app.plans.draft(owner, campaign.id, DraftPlan(channels=[Channel.CTV]))
    await app.scenarios.save(owner, campaign.id, SaveScenario(name=f"N{word}"))
    session = await app.sessions.open(owner, OpenSession(title=f"S{word}"))
    job = await app.jobs.start_planning(owner, campaign.id, StartPlanning(), session_id=session.id)
    invited = await app.members.invite(owner, Invite(email=f"i{word}@example.com", role=Role.VIEWER))
    await app.grants.give(owner, GiveGrant(user_id=person.id, campaign_id=campaign.id, role=Role.PLANNER))
    await app.delegations.give(owner, person.id, GiveDelegation(kind=DelegationKind.PROPOSE_ONLY))
    asked = await app.approvals.ask(admin, InviteAction(email=f"r{word}@example.com", role=Role.VIEWER))
    asked_myself = await app.approvals.ask(owner, InviteAction(email=f"o{word}@example.com", role=Role.VIEWER))
    place = {"channel": "display", "market": "hostile", "currency": "USD", "valid_from": "2027-03-01"}
    await app.benchmarks.set(owner, SetBenchmark.model_validate({**place, "cpm": 3, "source": f"B{word}"}))
    lines = f"channel,vehicle,budget\nsearch,V{word},100\n".encode()
    file = await app.files.upload(owner, UploadFile(name=f"F{word}.csv"), io.BytesIO(lines))
    people = [str(person.id), person.name, str(person.email)]
    return Furnished(
        owner,
        campaign.id,
        session.id,
        {
            "campaign": [str(campaign.id), campaign.name],
            "to_campaign": [str(campaign.id), campaign.name],
            "search": [campaign.name, f"A{word}"],
            "scenario": [f"N{word}"],
            "client": [str(campaign.advertiser_id), f"A{word}"],
            "member": people,
            "person": people,
            "request": [str(asked.id), code_of(asked.id), f"r{word}@example.com", str(asked_myself.id)],
            "file": [str(file.id), file.name],
            "email": [invited.email, str(person.email)],
        },
        {
            word,
            str(campaign.advertiser_id),
            *(str(id) for id in (owner.tenant_id, person.id, campaign.id, plan.id, session.id, job.id, asked.id)),
        },
    )


async def rows(engine: AsyncEngine, owner: Actor) -> dict[str, list[Any]]:
    """Every row of the tenant, by table."""
    found = {}
    async with as_tenant(engine, owner.tenant_id) as connection:
        for table in TENANT_TABLES:
            chosen = select(table).order_by(*table.primary_key.columns)
            found[table.name] = list((await connection.execute(chosen)).all())
    return found
