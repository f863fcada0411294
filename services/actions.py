"""What somebody may have to approve: a closed union of commands, and how each is done.

An action is its command and the ids of what it is about, so the arguments that a service asks approval for and those
stored with the approval are the same JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from domain.errors import Conflict, InvalidInput
from domain.ids import CampaignId, UserId
from services.actor import Actor
from services.campaigns import SPENDING, Campaigns, MoveCampaign, UpdateCampaign
from services.commands import Command
from services.delegations import Delegations, GiveDelegation
from services.grants import GiveGrant, Grants
from services.members import ChangeRole, Invite, Members
from services.plan_approval import PlanApproval


class MoveCampaignAction(MoveCampaign):
    action: Literal["campaign.move"] = "campaign.move"
    campaign_id: CampaignId


class UpdateCampaignAction(UpdateCampaign):
    action: Literal["campaign.update"] = "campaign.update"
    campaign_id: CampaignId


class ApprovePlanAction(Command):
    """The current version of the campaign's plan, with its total."""

    action: Literal["plan.approve"] = "plan.approve"
    campaign_id: CampaignId


class InviteAction(Invite):
    action: Literal["member.invite"] = "member.invite"


class RemoveMemberAction(Command):
    action: Literal["member.remove"] = "member.remove"
    user_id: UserId


class ChangeRoleAction(ChangeRole):
    action: Literal["member.change_role"] = "member.change_role"
    user_id: UserId


class GiveGrantAction(GiveGrant):
    action: Literal["grant.give"] = "grant.give"


class GiveDelegationAction(GiveDelegation):
    action: Literal["delegation.give"] = "delegation.give"
    user_id: UserId


Action = Annotated[
    MoveCampaignAction
    | UpdateCampaignAction
    | ApprovePlanAction
    | InviteAction
    | RemoveMemberAction
    | ChangeRoleAction
    | GiveGrantAction
    | GiveDelegationAction,
    Field(discriminator="action"),
]
_ACTION: TypeAdapter[Action] = TypeAdapter(Action)


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, as a sentence; and the campaign it was about."""

    text: str
    about: CampaignId | None = None


def stored_action(name: str, arguments: Mapping[str, object]) -> Action:
    """Raises Conflict `approval_tampered` for what no service asked for."""
    try:
        return _ACTION.validate_python({**arguments, "action": name})
    except (ValidationError, InvalidInput) as error:
        raise Conflict("The stored request is none that we know.", code="approval_tampered") from error


def may_need_approval(action: Action) -> bool:
    """Pausing, renaming and the like spend nothing: nobody is ever asked about them."""
    match action:
        case MoveCampaignAction(move=move):
            return move in SPENDING
        case UpdateCampaignAction(budget=budget):
            return budget is not None
        case _:
            return True


def campaign_of(action: Action | None) -> CampaignId | None:
    """Whose money is spent: a right in that campaign is enough to decide."""
    return (
        action.campaign_id
        if isinstance(action, MoveCampaignAction | UpdateCampaignAction | ApprovePlanAction)
        else None
    )


class Actions:
    def __init__(
        self,
        campaigns: Campaigns,
        plan_approval: PlanApproval,
        members: Members,
        grants: Grants,
        delegations: Delegations,
    ) -> None:
        self._campaigns = campaigns
        self._plan_approval = plan_approval
        self._members = members
        self._grants = grants
        self._delegations = delegations

    async def run(self, actor: Actor, action: Action) -> Done:
        """Raises ApprovalNeeded, as the service does, where somebody has to approve it first."""
        match action:
            case MoveCampaignAction():
                return await self._move(actor, action)
            case UpdateCampaignAction():
                command = UpdateCampaign.within(action)
                updated = await self._campaigns.update(actor, action.campaign_id, command)
                return Done(f"“{updated.name}” is changed.", updated.id)
            case ApprovePlanAction():
                approved = await self._plan_approval.submit(actor, action.campaign_id)
                return Done(f"The plan of “{approved.name}” is approved.", approved.id)
            case InviteAction():
                invited = await self._members.invite(actor, Invite.within(action))
                return Done(f"{invited.email} is invited as {invited.role}.")
            case RemoveMemberAction():
                removed = await self._members.remove(actor, action.user_id)
                return Done(f"{removed.name} is no longer a member.")
            case ChangeRoleAction():
                member = await self._members.change_role(actor, action.user_id, ChangeRole.within(action))
                return Done(f"{member.name} is {member.role} now.")
            case GiveGrantAction():
                grant = await self._grants.give(actor, GiveGrant.within(action))
                return Done(f"The role {grant.role} in this campaign is given.", grant.campaign_id)
            case GiveDelegationAction():
                given = await self._delegations.give(actor, action.user_id, GiveDelegation.within(action))
                return Done(f"{given.name} has a new delegation.")

    async def _move(self, actor: Actor, action: MoveCampaignAction) -> Done:
        campaign = await self._campaigns.move(actor, action.campaign_id, MoveCampaign.within(action))
        return Done(f"“{campaign.name}” is {campaign.status} now.", campaign.id)
