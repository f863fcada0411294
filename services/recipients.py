"""Whom the product writes to, where that can't be read from the thing it writes about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.delegations import Delegation
from domain.ids import CampaignId, TenantId
from domain.users import User


@dataclass(frozen=True, slots=True)
class Approver:
    user: User
    delegation: Delegation


class Recipients(Protocol):
    async def approvers(self, tenant_id: TenantId, campaign_id: CampaignId | None, now: datetime) -> list[Approver]:
        """The members who have a delegation and the right to approve, in the tenant or in that campaign; by name."""
        ...
