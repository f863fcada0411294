"""However many approve, and however many carry it out, at the same moment: what was approved is done once."""

import asyncio
from collections import Counter
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.approvals import ApprovalStatus
from domain.campaigns import CampaignStatus
from domain.errors import Conflict
from domain.ids import ApprovalId, CampaignId
from domain.tenants import Role
from server.postgres.audit_tables import audit_log
from server.postgres.directory import PostgresDirectory
from server.postgres.event_reader import PostgresEventReader
from server.postgres.unit_of_work import PostgresWork
from server.postgres.wakeups import PostgresWakeups
from services.access_views import ApprovalView
from services.actor import Actor
from services.events import EventType
from services.queries import CampaignView
from tests.conftest import NewActor
from tests.fakes.clock import FakeClock
from tests.fakes.unit_of_work import unpublished
from tests.security.figures import Figures
from tests.server.postgres.databases import as_tenant
from tests.services.approval_world import APPROVE, Workspace, launch, through_agent, workspace
from tests.services.conftest import Product

AT_ONCE, APPROVERS = 50, 5


@pytest.fixture
async def house(engine: AsyncEngine, tenant: NewActor) -> Workspace:
    clock = FakeClock(datetime.now(UTC))
    work, events = PostgresWork(engine, clock, unpublished), PostgresEventReader(engine)
    product = Product(work, clock, events, tenant, PostgresDirectory(engine))
    return workspace(product, PostgresWakeups(engine), await tenant())


async def asked(house: Workspace, campaign: CampaignView) -> tuple[Actor, ApprovalView]:
    """In a conversation of a planner's, by an agent."""
    planner = await house.colleague(Role.PLANNER)
    session_id = await house.product.session(planner)
    return planner, await house.waits(through_agent(planner, session_id), launch(campaign))


async def launches(engine: AsyncEngine, house: Workspace, campaign_id: CampaignId) -> int:
    query = select(func.count()).where(
        audit_log.c.tenant_id == house.owner.tenant_id,
        audit_log.c.action == "campaign.launch",
        audit_log.c.object_id == campaign_id,
    )
    async with as_tenant(engine, house.owner.tenant_id) as connection:
        return int(await connection.scalar(query) or 0)


async def test_many_approvals_have_one_effect(engine: AsyncEngine, house: Workspace, figures: Figures) -> None:
    campaign = await house.ready_campaign()
    planner, approval = await asked(house, campaign)
    approvers = [await house.colleague(Role.ADMIN, 100_000, name=f"Approver {n}") for n in range(APPROVERS)]

    async def approve(approver: Actor) -> ApprovalStatus | str:
        try:
            return (await house.approvals.decide(approver, approval.id, APPROVE)).status
        except Conflict as late:
            return late.code

    answers = Counter(await asyncio.gather(*(approve(approvers[n % APPROVERS]) for n in range(AT_ONCE))))
    effects = await launches(engine, house, campaign.id)
    figures.put("approval_effects", effects)
    assert effects == 1
    assert answers == {ApprovalStatus.EXECUTED: 1, "already_decided": AT_ONCE - 1}
    assert await house.status(campaign.id) is CampaignStatus.LIVE
    assert await _told(house, planner, approval.id) == 1


async def test_many_that_carry_it_out_have_one_effect(engine: AsyncEngine, house: Workspace, figures: Figures) -> None:
    """As sweeps of many processes would, while the one that decided does so too."""
    campaign = await house.ready_campaign()
    planner, approval = await asked(house, campaign)
    sweeps = (house.approvals.carry_out(house.owner.tenant_id, approval.id) for _ in range(AT_ONCE))
    await asyncio.gather(house.approvals.decide(house.owner, approval.id, APPROVE), *sweeps)
    again = (house.approvals.carry_out(house.owner.tenant_id, approval.id) for _ in range(AT_ONCE))
    assert all(await asyncio.gather(*again))
    effects = await launches(engine, house, campaign.id)
    figures.put("approval_carry_out_effects", effects)
    assert effects == 1
    assert (await house.stored(approval.id)).status is ApprovalStatus.EXECUTED
    assert await _told(house, planner, approval.id) == 1


async def _told(house: Workspace, planner: Actor, approval_id: ApprovalId) -> int:
    """How many turns brought the verdict."""
    stored = await house.stored(approval_id)
    assert stored.session_id
    return (await house.product.types(planner, stored.session_id)).count(EventType.TURN_ENDED)
