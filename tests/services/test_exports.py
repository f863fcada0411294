"""Exports: who may make one, exactly one for one command, and nothing kept when it fails."""

from dataclasses import dataclass, replace

import pytest

from domain.channels import Channel
from domain.errors import DomainError, Forbidden, NotFound
from domain.files import FilePurpose
from domain.ids import CampaignId, UserId, new_id
from domain.tenants import Permission, Role
from server.documents.writers import PLAN_WRITERS
from server.identity.derived import DerivedSecrets
from services.access_views import MemberView
from services.actor import Actor
from services.exports import ExportPlan, Exports
from services.files import FileRules, Files
from services.plan_charts import ChartKind
from services.plan_commands import DraftPlan
from services.plan_document import ExportFormat
from services.plan_views import plan_view
from services.queries import PlanView
from tests.drivers import SERVER_SECRET
from tests.fakes.files import InMemoryFileStore
from tests.services.conftest import InMemory, keyed, without


@dataclass(frozen=True)
class Entities:
    """Answers from the entities in memory; nobody is a member any more."""

    memory: InMemory

    async def plan(self, actor: Actor, campaign_id: CampaignId, number: int | None = None) -> PlanView:
        async with self.memory.begin(actor) as work:
            plan = await work.plans.of_campaign(campaign_id)
            shown = plan.current if number is None else await work.plans.version(plan, number)
            return plan_view(await work.campaigns.get(campaign_id), plan, shown)

    async def member(self, actor: Actor, user_id: UserId) -> MemberView:
        raise NotFound("They have left.", code="member_not_found")


@dataclass(frozen=True)
class Desk:
    memory: InMemory
    store: InMemoryFileStore
    exports: Exports


@pytest.fixture
def desk(memory: InMemory) -> Desk:
    store = InMemoryFileStore(memory.clock)
    files = Files(
        memory.begin, store, DerivedSecrets(SERVER_SECRET), memory.clock, FileRules(), "https://plans.example"
    )
    return Desk(memory, store, Exports(memory.begin, files, PLAN_WRITERS, Entities(memory), memory.clock))


@pytest.mark.parametrize("format", list(ExportFormat))
async def test_an_export_is_a_file_of_the_campaign_with_a_link(desk: Desk, format: ExportFormat) -> None:
    owner = desk.memory.owner()
    plan = await desk.memory.planned(owner)
    file = await desk.exports.export(owner, plan.campaign_id, ExportPlan(format=format))
    assert (file.name, file.media_type) == (f"Spring - plan v1.{format.ending}", format.media_type)
    assert (file.purpose, file.campaign_id) == (FilePurpose.EXPORT, plan.campaign_id)
    assert file.expires_at is not None
    assert file.link is not None
    assert [len(data) for data, _ in desk.store.bytes.values()] == [file.size]
    assert desk.memory.actions(owner.tenant_id)[-2:] == ["file.exported", "file.linked"]


async def test_the_same_command_makes_one_file(desk: Desk) -> None:
    owner = desk.memory.owner()
    plan = await desk.memory.planned(owner)
    first, again = [await desk.exports.export(keyed(owner), plan.campaign_id, ExportPlan()) for _ in range(2)]
    assert first.id == again.id
    assert len(desk.store.bytes) == 1
    other = await desk.exports.export(keyed(owner, "turn:other"), plan.campaign_id, ExportPlan())
    assert other.id != first.id


async def test_an_earlier_version_can_be_exported(desk: Desk) -> None:
    owner = desk.memory.owner()
    plan = await desk.memory.planned(owner)
    await desk.memory.plans.draft(owner, plan.campaign_id, DraftPlan(channels=[Channel.CTV]))
    document = await desk.exports.document(owner, plan.campaign_id, 1)
    assert (document.plan.number, document.standing) == (1, "Superseded by version 2")
    assert len(document.lines) == 3
    assert document.made_by == document.workspace  # whoever made it has left
    assert desk.exports.render(document, ExportFormat.XLSX) == desk.exports.render(document, ExportFormat.XLSX)


async def test_what_cannot_be_exported_leaves_nothing(desk: Desk) -> None:
    owner, stranger = desk.memory.owner(), desk.memory.owner()
    plan = await desk.memory.planned(owner)
    empty = await desk.memory.campaign(owner, "Autumn")
    before = desk.memory.written()
    tries: list[tuple[Actor, CampaignId, int | None, type[DomainError], str]] = [
        (owner, empty.id, None, NotFound, "no_plan"),
        (owner, plan.campaign_id, 7, NotFound, "plan_version_not_found"),
        (stranger, plan.campaign_id, None, NotFound, "campaign_not_found"),
        (owner, CampaignId(new_id()), None, NotFound, "campaign_not_found"),
        (without(owner, Permission.EXPORT_CREATE), plan.campaign_id, None, Forbidden, "not_permitted"),
        (without(owner, Permission.PLAN_READ), plan.campaign_id, None, Forbidden, "not_permitted"),
    ]
    for actor, campaign_id, version, kind, code in tries:
        with pytest.raises(kind) as refused:
            await desk.exports.export(actor, campaign_id, ExportPlan(version=version))
        assert refused.value.code == code
    assert not desk.store.bytes
    assert desk.memory.written() == before


async def test_who_reads_a_plan_sees_its_charts_and_needs_more_to_export_it(desk: Desk) -> None:
    owner = desk.memory.owner()
    plan = await desk.memory.planned(owner)
    viewer = desk.memory.colleague(owner, Role.VIEWER)
    chart = await desk.exports.chart(viewer, plan.campaign_id, ChartKind.BUDGET)
    assert len(chart.spec["data"]["values"]) == 3
    with pytest.raises(Forbidden):
        await desk.exports.export(viewer, plan.campaign_id, ExportPlan())
    analyst = replace(viewer, grants={plan.campaign_id: Role.ANALYST.permissions})
    assert (await desk.exports.export(analyst, plan.campaign_id, ExportPlan())).created_by == viewer.user_id
