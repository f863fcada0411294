"""The audit: what was done and refused in the tenant, and whether its chain of seals holds."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from domain.audit import Decision
from domain.ids import UserId
from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import PageWanted
from services.access_views import AuditFilter, AuditSort, AuditView
from services.audit_check import Head, Verification
from services.read_models import Page

router = APIRouter(prefix="/audit", tags=["audit"])

_SINCE = {"march": {"value": "2026-03-01T00:00:00Z"}}
_ACTION = {
    "one": {"summary": "One action", "value": "campaign.moved"},
    "kind": {"summary": "All about members", "value": "member"},
    "refused": {"summary": "Requests that were refused", "value": "http"},
}
_HEAD = {"noted": {"value": f"128:{'9f' * 32}"}}


async def audit_filter(
    since: Annotated[AwareDatetime | None, Query(openapi_examples=_SINCE)] = None,
    until: Annotated[AwareDatetime | None, Query(description="Not included itself.")] = None,
    user_id: UserId | None = None,
    object_id: Annotated[UUID | None, Query(description="A campaign's, a member's, an approval's …")] = None,
    action: Annotated[str | None, Query(max_length=100, pattern=r"^[a-z_.]+$", openapi_examples=_ACTION)] = None,
    decision: Decision | None = None,
    sort: AuditSort = AuditSort.NEWEST,
) -> AuditFilter:
    return AuditFilter(
        since=since,
        until=until,
        user_id=user_id,
        object_id=object_id,
        action=action,
        decision=decision,
        sort=sort,
    )


@router.get("")
async def list_audit(
    actor: Acting,
    application: TheApplication,
    wanted: Annotated[AuditFilter, Depends(audit_filter)],
    page: PageWanted,
) -> Page[AuditView]:
    """Every change and every refusal, each with who, through what, and when."""
    return await application.queries.audit(actor, wanted, page)


@router.get("/verification")
async def verify_audit(
    actor: Acting,
    application: TheApplication,
    head: Annotated[
        str | None, Query(max_length=100, openapi_examples=_HEAD, description="One that was noted before.")
    ] = None,
) -> Verification:
    """Goes along the whole chain: a row or a seal that was changed, put in or taken away breaks it."""
    return await application.audit.verification(actor, Head.of(head) if head else None)
