"""What several routes take: ids in the path, a page of a list."""

from typing import Annotated

from fastapi import Depends, Path, Query

from domain.ids import (
    AdvertiserId,
    ApprovalId,
    BenchmarkId,
    CampaignId,
    CurveId,
    FileId,
    GrantId,
    InvitationId,
    JobId,
    PlanId,
    ServiceTokenId,
    SessionId,
    TurnId,
    UserId,
)
from services.read_models import PageRequest

CampaignPath = Annotated[CampaignId, Path()]
PlanPath = Annotated[PlanId, Path()]
SessionPath = Annotated[SessionId, Path()]
TurnPath = Annotated[TurnId, Path()]
JobPath = Annotated[JobId, Path()]
MemberPath = Annotated[UserId, Path()]
InvitationPath = Annotated[InvitationId, Path()]
GrantPath = Annotated[GrantId, Path()]
TokenPath = Annotated[ServiceTokenId, Path()]
ApprovalPath = Annotated[ApprovalId, Path()]
FilePath = Annotated[FileId, Path()]
AdvertiserPath = Annotated[AdvertiserId, Path()]
BenchmarkPath = Annotated[BenchmarkId, Path()]
CurvePath = Annotated[CurveId, Path()]


async def page_request(
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=2_000, description="`next_cursor` of the page before.")] = None,
) -> PageRequest:
    return PageRequest(limit=limit, cursor=cursor)


PageWanted = Annotated[PageRequest, Depends(page_request)]
