"""Plans as files that leave the product: read, written out, kept under a link that expires."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from pydantic import Field

from domain.errors import Forbidden, NotFound
from domain.ids import CampaignId, UserId
from domain.plans.media_plans import PlanVersion
from domain.tenants import Permission
from services.access_views import MemberView
from services.actor import Actor, authorize
from services.commands import Command
from services.file_views import FileView
from services.files import Files
from services.gateways import PlanWriter
from services.plan_briefs import planning_brief
from services.plan_charts import ChartKind, ChartView, plan_chart
from services.plan_document import ExportFormat, PlanDocument
from services.plan_documents import Planned, plan_document
from services.ports import Clock
from services.queries import PlanView
from services.unit_of_work import Begin


class ExportPlan(Command):
    format: ExportFormat = Field(
        default=ExportFormat.XLSX, description="xlsx: a workbook; mediaplan_json: the standard."
    )
    version: int | None = Field(default=None, ge=1, le=1_000_000, description="Left out: the current version.")


class Answers(Protocol):
    """The two of `Queries` that a document needs."""

    async def plan(self, actor: Actor, campaign_id: CampaignId, number: int | None = None) -> PlanView: ...
    async def member(self, actor: Actor, user_id: UserId) -> MemberView: ...


class Exports:
    def __init__(
        self,
        begin: Begin,
        files: Files,
        writers: Mapping[ExportFormat, PlanWriter],
        answers: Answers,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._files = files
        self._writers = writers
        self._answers = answers
        self._clock = clock

    async def export(self, actor: Actor, campaign_id: CampaignId, command: ExportPlan) -> FileView:
        """A file of the campaign, with a link for whoever asked.

        Raises as `document` and Files.keep.
        """
        authorize(actor, Permission.EXPORT_CREATE, campaign_id)
        document = await self.document(actor, campaign_id, command.version)
        data = await asyncio.to_thread(self.render, document, command.format)
        name = f"{document.file_stem}.{command.format.ending}"
        return await self._files.keep(actor, name, command.format.media_type, data, campaign_id=campaign_id)

    async def document(self, actor: Actor, campaign_id: CampaignId, number: int | None = None) -> PlanDocument:
        """Raises NotFound `campaign_not_found`, `no_plan`, `plan_version_not_found`; Forbidden `not_permitted`."""
        planned = await self._planned(actor, campaign_id, number)
        return await asyncio.to_thread(plan_document, planned, self._clock.now())

    def render(self, document: PlanDocument, format: ExportFormat) -> bytes:
        """Takes a while for a long plan, and waits for nothing."""
        return self._writers[format].write(document)

    async def chart(
        self, actor: Actor, campaign_id: CampaignId, kind: ChartKind, number: int | None = None
    ) -> ChartView:
        """Raises as `document`; InvalidInput `nothing_to_chart` where the plan has none of what the chart shows."""
        return await asyncio.to_thread(plan_chart, await self._planned(actor, campaign_id, number), kind)

    async def _planned(self, actor: Actor, campaign_id: CampaignId, number: int | None) -> Planned:
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor.only_reading()) as work:
            brief = await planning_brief(work, await work.campaigns.get(campaign_id))
            plan = await work.plans.of_campaign(campaign_id)
            version: PlanVersion = plan.current if number is None else await work.plans.version(plan, number)
            workspace = await work.members.tenant_name()
        view = await self._answers.plan(actor, campaign_id, version.number)
        return Planned(brief, version, view, workspace, await self._maker(actor, version) or workspace)

    async def _maker(self, actor: Actor, version: PlanVersion) -> str | None:
        try:
            return (await self._answers.member(actor, version.created_by)).name
        except (NotFound, Forbidden):
            return None
