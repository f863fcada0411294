"""How the workspace agent's results read."""

from calendar import month_name
from collections.abc import Sequence

from agents.blocks import Table, table
from services.access_views import MemberView, SettingsView
from services.queries import CampaignView
from services.read_models import Page
from services.session_views import SessionView


def campaign_text(did: str, campaign: CampaignView) -> str:
    parts = [
        f"{did} “{campaign.name}”: {campaign.objective}, {campaign.budget}, {campaign.start} to {campaign.end}, "
        f"{'archived ' if campaign.archived else ''}{campaign.status}."
    ]
    for label, value in (("Advertiser", campaign.advertiser), ("product", campaign.product), ("KPI", campaign.kpi)):
        if value:
            parts.append(f"{label} {value}.")
    if campaign.markets:
        parts.append(f"Markets {', '.join(campaign.markets)}.")
    if campaign.status_reason:
        parts.append(f"Reason: {campaign.status_reason}.")
    return " ".join(parts)


def campaigns_text(page: Page[CampaignView]) -> str:
    if not page.items:
        return "No campaign matches."
    shown = "; ".join(
        f"{number}. “{campaign.name}” ({campaign.status}, {campaign.budget}, {campaign.start} to {campaign.end})"
        for number, campaign in enumerate(page.items, 1)
    )
    more = " There are more; narrow the search." if page.next_cursor else ""
    return f"{len(page.items)} campaign{'' if len(page.items) == 1 else 's'}: {shown}.{more}"


def campaign_block(campaign: CampaignView) -> Table:
    return campaigns_block([campaign])


def campaigns_block(campaigns: Sequence[CampaignView]) -> Table:
    return table(
        "Campaigns" if len(campaigns) != 1 else campaigns[0].name,
        [
            ("name", "Campaign", "left"),
            ("objective", "Objective", "left"),
            ("budget", "Budget", "right"),
            ("flight", "Flight", "left"),
            ("status", "Status", "left"),
        ],
        [
            {
                "name": campaign.name,
                "objective": campaign.objective,
                "budget": str(campaign.budget),
                "flight": f"{campaign.start} to {campaign.end}",
                "status": f"{campaign.status}, archived" if campaign.archived else campaign.status,
            }
            for campaign in campaigns
        ],
    )


def members_block(members: Sequence[MemberView]) -> Table:
    return table(
        "Members",
        [("name", "Name", "left"), ("email", "E-mail", "left"), ("role", "Role", "left")],
        [{"name": member.name, "email": member.email, "role": member.role} for member in members],
    )


def sessions_block(sessions: Sequence[SessionView]) -> Table:
    return table(
        "Conversations",
        [("title", "Title", "left"), ("updated", "Last used", "left")],
        [{"title": session.title, "updated": f"{session.updated_at:%Y-%m-%d %H:%M}"} for session in sessions],
    )


def settings_text(view: SettingsView) -> str:
    settings = view.settings
    return (
        f"{view.tenant_name}: locale {settings.locale}, time zone {settings.timezone}, default currency "
        f"{settings.default_currency}, weeks start on {settings.week_start.capitalize()}, the fiscal year in "
        f"{month_name[settings.fiscal_year_start]}."
    )
