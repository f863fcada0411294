"""Identities. Every id is a server-made uuid7: unique without asking, and ordered by creation."""

from typing import NewType
from uuid import UUID

from uuid_utils.compat import uuid7

TenantId = NewType("TenantId", UUID)
UserId = NewType("UserId", UUID)
CampaignId = NewType("CampaignId", UUID)
PlanId = NewType("PlanId", UUID)
PlanVersionId = NewType("PlanVersionId", UUID)
LineId = NewType("LineId", UUID)
SessionId = NewType("SessionId", UUID)
TurnId = NewType("TurnId", UUID)
JobId = NewType("JobId", UUID)
SignInId = NewType("SignInId", UUID)
InvitationId = NewType("InvitationId", UUID)
ServiceTokenId = NewType("ServiceTokenId", UUID)
GrantId = NewType("GrantId", UUID)
ApprovalId = NewType("ApprovalId", UUID)
FileId = NewType("FileId", UUID)
AdvertiserId = NewType("AdvertiserId", UUID)
BenchmarkId = NewType("BenchmarkId", UUID)
CurveId = NewType("CurveId", UUID)


def new_id() -> UUID:
    return uuid7()
