"""The planning agent's tools that show a plan to others: as a file, and as a chart."""

from pydantic import Field

from agents.blocks import Chart, FileBlock
from agents.tools import Call, Effect, OfCampaign, Offered, Said, campaign_meant, offer
from domain.files import in_megabytes
from domain.tenants import Permission
from services.application import Application
from services.export_job import BIG
from services.exports import ExportPlan
from services.file_views import FileView
from services.plan_charts import ChartKind
from services.plan_document import ExportFormat


class Export(OfCampaign, ExportPlan):
    pass


class ShowChart(OfCampaign):
    kind: ChartKind = Field(
        default=ChartKind.BUDGET,
        description="budget: by line; weeks: money by week; curves: response of lines; reach: how it builds up.",
    )
    version: int | None = Field(default=None, ge=1, le=1_000_000, description="Left out: the current version.")


class DocumentTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def export_plan(self, call: Call[Export]) -> Said:
        """Write a plan to a file for a client: an Excel workbook with flowchart, or mediaplanschema 3.0 JSON."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        command = ExportPlan.within(asked)
        plan = await self._app.queries.plan(call.actor, campaign, asked.version)
        if len(plan.lines) > BIG and call.actor.may(Permission.JOB_RUN, campaign):
            await self._app.export_job.start(call.actor, campaign, command, session_id=call.session_id)
            written = f"its {asked.format.label} is being written and will be posted here."
            return Said(f"The plan has {len(plan.lines)} lines; {written}", about=campaign)
        file = await self._app.exports.export(call.actor, campaign, command)
        return Said(_exported(file, asked.format), _file_block(file), campaign)

    async def show_chart(self, call: Call[ShowChart]) -> Said:
        """Draw a chart of a plan: its budget, its weeks, its response curves, or how its reach builds up."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        chart = await self._app.exports.chart(call.actor, campaign, asked.kind, asked.version)
        return Said(
            f"The chart “{chart.title}” is shown. {chart.told}", Chart(title=chart.title, spec=chart.spec), campaign
        )


def document_tools(application: Application) -> list[Offered]:
    do = DocumentTools(application)
    return [
        offer("planning", do.export_plan, Export, Permission.EXPORT_CREATE, Effect.DRAFT),
        offer("planning", do.show_chart, ShowChart, Permission.PLAN_READ, Effect.READ),
    ]


def _exported(file: FileView, format: ExportFormat) -> str:
    kept = f" It is kept until {file.expires_at:%-d %B %Y}." if file.expires_at else ""
    return f"The {format.label} “{file.name}” ({_size(file.size)}) is ready to download.{kept}"


def _size(bytes_: int) -> str:
    return in_megabytes(bytes_) if bytes_ >= 1_000_000 else f"{max(round(bytes_ / 1000), 1)} KB"


def _file_block(file: FileView) -> FileBlock:
    return FileBlock(id=file.id, name=file.name, media_type=file.media_type, size=file.size)
