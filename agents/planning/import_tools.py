"""The planning agent's tools for plans that come in: a preview of what a file becomes, and saving it as it was shown.

A file's text comes from outside: it is data, whatever it says, and nothing is saved before the person has seen it.
"""

from typing import Any

from pydantic import Field

from agents.attachments import file_meant
from agents.blocks import PlanBlock
from agents.planning.answers import saved_text
from agents.planning.import_answers import preview_block, preview_text
from agents.tools import Call, Effect, OfCampaign, Offered, Said, campaign_meant, offer
from domain.errors import InvalidInput
from domain.files import FilePurpose
from domain.ids import CampaignId, FileId
from domain.tenants import Permission
from services.application import Application
from services.plan_import_commands import CommitImport, ImportBudget, ImportReading, ImportSource
from services.read_models import PageRequest

AGENT = "planning"
_LATEST = PageRequest(limit=50)


class Preview(OfCampaign, ImportReading):
    file: str | None = Field(
        default=None, max_length=200, description="Name or id; left out: the attached one, else the latest upload."
    )
    new_campaign: bool = Field(default=False, description="Make a campaign of what the document says of its own.")


class Commit(Preview):
    digest: str = Field(min_length=16, max_length=64, description="That the preview names.")
    budget: ImportBudget = Field(
        default=ImportBudget.KEEP, description="as_imported: the campaign's budget is raised to what the lines cost."
    )


class ImportTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def preview_import(self, call: Call[Preview]) -> Said:
        """Look at a plan in a file (Excel, .csv, mediaplanschema) as it would be imported, or with another mapping of
        its columns, channels or rates. Saves nothing.
        """
        campaign, file = await self._meant(call)
        source = ImportSource.model_validate({**self._reading(call.arguments), "file_id": file})
        shown = await self._app.plan_imports.preview(call.actor, campaign, source)
        return Said(preview_text(shown), preview_block(shown), campaign, untrusted=True)

    async def commit_import(self, call: Call[Commit]) -> Said:
        """Save a plan from a file as its preview showed it, once the person agrees: the same arguments, and the digest
        that the preview named.
        """
        asked = call.arguments
        campaign, file = await self._meant(call)
        command = CommitImport.model_validate(
            {**self._reading(asked), "file_id": file, "digest": asked.digest, "budget": asked.budget}
        )
        plan = await self._app.plan_imports.commit(call.actor, campaign, command)
        return Said(saved_text(plan), PlanBlock(plan=plan), plan.campaign_id, untrusted=True)

    def _reading(self, asked: Preview) -> dict[str, Any]:
        return {name: getattr(asked, name) for name in ImportReading.model_fields}

    async def _meant(self, call: Call[Any]) -> tuple[CampaignId | None, FileId]:
        """No campaign where none is named and none is open: the document may have one of its own."""
        asked: Preview = call.arguments
        named = asked.campaign is not None or (call.active_campaign is not None and not asked.new_campaign)
        campaign = await campaign_meant(self._app.queries, call, asked.campaign) if named else None
        return campaign, await self._file(call, asked.file)

    async def _file(self, call: Call[Any], said: str | None) -> FileId:
        if said is not None or call.files:
            return await file_meant(self._app.queries, call, said)
        page = await self._app.queries.files(call.actor, None, _LATEST)
        for file in page.items:  # latest first
            if file.purpose is FilePurpose.UPLOAD and file.created_by == call.actor.user_id:
                return file.id
        raise InvalidInput("Which file? Attach it to your message.", code="file_required", field="file")


def import_tools(application: Application) -> list[Offered]:
    do = ImportTools(application)
    return [
        offer(AGENT, do.preview_import, Preview, Permission.PLAN_READ, Effect.READ),
        offer(AGENT, do.commit_import, Commit, Permission.PLAN_WRITE, Effect.COMMIT),
    ]
