"""How results about members, invitations and roles in campaigns read."""

from collections.abc import Sequence

from agents.blocks import Table, table
from services.access_views import GrantView, InvitationView


def invitations_text(invitations: Sequence[InvitationView]) -> str:
    if not invitations:
        return "No invitation is open."
    shown = "; ".join(f"{one.email} ({one.role}, good until {one.expires_at:%Y-%m-%d})" for one in invitations)
    return f"{len(invitations)} open invitation{'' if len(invitations) == 1 else 's'}: {shown}."


def invitations_block(invitations: Sequence[InvitationView]) -> Table:
    return table(
        "Open invitations",
        [("email", "E-mail", "left"), ("role", "Role", "left"), ("until", "Good until", "left")],
        [{"email": one.email, "role": one.role, "until": f"{one.expires_at:%Y-%m-%d %H:%M}"} for one in invitations],
    )


def grants_text(grants: Sequence[GrantView]) -> str:
    if not grants:
        return (
            "Nobody has a role of their own in a campaign; what members may do comes from their role in the workspace."
        )
    shown = "; ".join(f"{one.user_name} is {one.role} of “{one.campaign_name}”{_until(one)}" for one in grants)
    return f"{len(grants)} role{'' if len(grants) == 1 else 's'} in campaigns: {shown}."


def grants_block(grants: Sequence[GrantView]) -> Table:
    return table(
        "Roles in campaigns",
        [
            ("member", "Member", "left"),
            ("campaign", "Campaign", "left"),
            ("role", "Role", "left"),
            ("until", "Until", "left"),
        ],
        [
            {
                "member": one.user_name,
                "campaign": one.campaign_name,
                "role": one.role,
                "until": f"{one.expires_at:%Y-%m-%d %H:%M}" if one.expires_at else "",
            }
            for one in grants
        ],
    )


def _until(grant: GrantView) -> str:
    return f" until {grant.expires_at:%Y-%m-%d}" if grant.expires_at else ""
