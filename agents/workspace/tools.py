"""The workspace agent's tools: campaigns, conversations and settings here, people and rights in modules beside this."""

from pydantic import Field

from agents.approval_outcomes import said_of
from agents.blocks import PlanBlock
from agents.planning.history_answers import copied_text, drift_text
from agents.tools import Call, Effect, Nothing, OfCampaign, Offered, Said, campaign_meant, offer
from agents.workspace.advertiser_tools import advertiser_tools
from agents.workspace.answers import (
    campaign_block,
    campaign_text,
    campaigns_block,
    campaigns_text,
    members_block,
    sessions_block,
    settings_text,
)
from agents.workspace.approval_tools import approval_tools
from agents.workspace.audit_tools import audit_tools
from agents.workspace.people_tools import people_tools
from domain.campaigns import CampaignStatus
from domain.errors import InvalidInput, NotFound
from domain.ids import CampaignId
from domain.tenants import Permission
from services.actions import MoveCampaignAction, UpdateCampaignAction
from services.application import Application
from services.approvals import Waiting
from services.campaign_copies import CopyCampaign
from services.campaigns import CreateCampaign, MoveCampaign, UpdateCampaign
from services.commands import Command
from services.queries import CampaignFilter
from services.read_models import PageRequest
from services.sessions import RenameSession
from services.tenants import ChangeSettings

AGENT = "workspace"


class Named(Command):
    campaign: str = Field(min_length=1, max_length=200, description="Name or id.")


class Update(OfCampaign, UpdateCampaign):
    pass


class Copying(OfCampaign, CopyCampaign):
    pass


class Moving(OfCampaign, MoveCampaign):
    pass


class Listing(Command):
    search: str | None = Field(default=None, max_length=200)
    status: CampaignStatus | None = None
    include_archived: bool = False


class CampaignTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def create_campaign(self, call: Call[CreateCampaign]) -> Said:
        """Create a campaign with its objective, budget and dates. It becomes the active one."""
        view = await self._app.campaigns.create(call.actor, call.arguments)
        return Said(campaign_text("Created", view), campaign_block(view), view.id)

    async def update_campaign(self, call: Call[Update]) -> Said:
        """Change a campaign's name, objective, budget, dates, advertiser, product, KPI or markets."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        asked = UpdateCampaign.within(call.arguments).model_dump()
        outcome = await self._app.approvals.perform(call.actor, UpdateCampaignAction(campaign_id=campaign, **asked))
        if isinstance(outcome, Waiting):
            return said_of(outcome)
        view = await self._app.queries.campaign(call.actor, campaign)
        drifted = await self._drift(call, campaign) if asked["budget"] or asked["start"] or asked["end"] else ""
        return Said(f"{campaign_text('Updated', view)} {drifted}".rstrip(), campaign_block(view), view.id)

    async def _drift(self, call: Call[Update], campaign: CampaignId) -> str:
        """How far the campaign has moved from its plan: said, never mended silently."""
        try:
            return drift_text(await self._app.queries.plan(call.actor, campaign))
        except NotFound:
            return ""

    async def copy_campaign(self, call: Call[Copying]) -> Said:
        """Copy a campaign with its plan, for example to other dates. The copy becomes the active campaign."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        copy = await self._app.campaign_copies.copy(call.actor, campaign, CopyCampaign.within(call.arguments))
        block = PlanBlock(plan=copy.plan) if copy.plan else campaign_block(copy.campaign)
        return Said(copied_text(copy), block, copy.campaign.id)

    async def list_campaigns(self, call: Call[Listing]) -> Said:
        """List campaigns, by words of the name or advertiser, or by status."""
        wanted = CampaignFilter.model_validate(call.arguments.model_dump())
        page = await self._app.queries.campaigns(call.actor, wanted, PageRequest(limit=25))
        return Said(campaigns_text(page), campaigns_block(page.items))

    async def open_campaign(self, call: Call[Named]) -> Said:
        """Make a campaign the active one and show it."""
        return await self._show(call, call.arguments.campaign)

    async def show_campaign(self, call: Call[OfCampaign]) -> Said:
        """Show a campaign's objective, budget, dates and status."""
        return await self._show(call, call.arguments.campaign)

    async def move_campaign(self, call: Call[Moving]) -> Said:
        """Launch, pause, resume, complete or cancel a campaign. Cancelling needs a reason."""
        asked = call.arguments
        campaign = await campaign_meant(self._app.queries, call, asked.campaign)
        action = MoveCampaignAction(campaign_id=campaign, move=asked.move, reason=asked.reason)
        outcome = await self._app.approvals.perform(call.actor, action)
        if isinstance(outcome, Waiting):
            return said_of(outcome)
        view = await self._app.queries.campaign(call.actor, campaign)
        return Said(campaign_text("Moved", view), campaign_block(view), view.id)

    async def archive_campaign(self, call: Call[OfCampaign]) -> Said:
        """Put a draft, completed or cancelled campaign into the archive."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        view = await self._app.campaigns.archive(call.actor, campaign)
        return Said(campaign_text("Archived", view), campaign_block(view), view.id)

    async def restore_campaign(self, call: Call[Named]) -> Said:
        """Take a campaign back out of the archive."""
        campaign = await campaign_meant(self._app.queries, call, call.arguments.campaign)
        view = await self._app.campaigns.restore(call.actor, campaign)
        return Said(campaign_text("Restored", view), campaign_block(view), view.id)

    async def _show(self, call: Call[Named] | Call[OfCampaign], said: str | None) -> Said:
        campaign = await campaign_meant(self._app.queries, call, said)
        view = await self._app.queries.campaign(call.actor, campaign)
        return Said(campaign_text("This is", view), campaign_block(view), view.id)


class HouseTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def list_members(self, call: Call[Nothing]) -> Said:
        """Who belongs to this workspace, and in which role."""
        members = await self._app.queries.members(call.actor)
        people = "; ".join(f"{member.name} ({member.role}, {member.email})" for member in members)
        return Said(f"{len(members)} member{'' if len(members) == 1 else 's'}: {people}.", members_block(members))

    async def list_sessions(self, call: Call[Nothing]) -> Said:
        """The person's latest conversations."""
        page = await self._app.queries.sessions(call.actor, None, PageRequest(limit=20))
        titles = "; ".join(f"“{session.title}” ({session.updated_at:%Y-%m-%d})" for session in page.items)
        return Said(f"Your latest conversations: {titles}.", sessions_block(page.items))

    async def rename_session(self, call: Call[RenameSession]) -> Said:
        """Give this conversation another title."""
        if call.session_id is None:
            raise InvalidInput("There is no conversation to rename.", code="no_session", field="session")
        view = await self._app.sessions.rename(call.actor, call.session_id, call.arguments)
        return Said(f"This conversation is now called “{view.title}”.")

    async def show_settings(self, call: Call[Nothing]) -> Said:
        """The workspace's locale, time zone, default currency, first weekday and fiscal year."""
        return Said(settings_text(await self._app.queries.settings(call.actor)))

    async def change_settings(self, call: Call[ChangeSettings]) -> Said:
        """Change the workspace's locale, time zone, default currency, first weekday or fiscal year."""
        return Said("Changed. " + settings_text(await self._app.tenants.change_settings(call.actor, call.arguments)))


def workspace_tools(application: Application) -> list[Offered]:
    do, house = CampaignTools(application), HouseTools(application)
    return [
        offer(AGENT, do.create_campaign, CreateCampaign, Permission.CAMPAIGN_WRITE, Effect.DRAFT),
        offer(AGENT, do.update_campaign, Update, Permission.CAMPAIGN_WRITE, Effect.DRAFT),
        offer(AGENT, do.copy_campaign, Copying, Permission.CAMPAIGN_WRITE, Effect.DRAFT),
        offer(AGENT, do.list_campaigns, Listing, Permission.CAMPAIGN_READ, Effect.READ),
        offer(AGENT, do.open_campaign, Named, Permission.CAMPAIGN_READ, Effect.READ),
        offer(AGENT, do.show_campaign, OfCampaign, Permission.CAMPAIGN_READ, Effect.READ),
        offer(AGENT, do.move_campaign, Moving, Permission.CAMPAIGN_WRITE, Effect.SPEND),
        offer(AGENT, do.archive_campaign, OfCampaign, Permission.CAMPAIGN_ARCHIVE, Effect.DRAFT),
        offer(AGENT, do.restore_campaign, Named, Permission.CAMPAIGN_ARCHIVE, Effect.DRAFT),
        offer(AGENT, house.list_members, Nothing, Permission.CAMPAIGN_READ, Effect.READ),
        offer(AGENT, house.list_sessions, Nothing, Permission.SESSION_USE, Effect.READ),
        offer(AGENT, house.rename_session, RenameSession, Permission.SESSION_USE, Effect.DRAFT),
        offer(AGENT, house.show_settings, Nothing, Permission.CAMPAIGN_READ, Effect.READ),
        offer(AGENT, house.change_settings, ChangeSettings, Permission.SETTINGS_WRITE, Effect.DRAFT),
        *advertiser_tools(application),
        *people_tools(application),
        *approval_tools(application),
        *audit_tools(application),
    ]
