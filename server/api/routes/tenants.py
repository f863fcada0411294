"""Tenants as wholes: found one, suspend it, let it go on, take everything along, erase it."""

from typing import Annotated

from fastapi import APIRouter, Body, Request
from fastapi.responses import StreamingResponse

from domain.errors import Forbidden, NotFound
from server.api.auth import Acting, Bearing, SignedIn, TenantPath, TheApplication, tenant_named
from server.api.routes.accounts import origin_of
from services.access_views import TenantView
from services.estates import Erased, EraseTenant
from services.tenants import FoundTenant

router = APIRouter(prefix="/tenants", tags=["tenant"])
of_tenant = APIRouter(tags=["tenant"])

_NEW = {"agency": {"value": {"name": "Acme Media"}}}
_ERASE = {"agency": {"value": {"name": "Acme Media"}}}


class Archive(StreamingResponse):
    media_type = "application/zip"


@router.post("", status_code=201)
async def found_tenant(
    request: Request,
    user_id: SignedIn,
    application: TheApplication,
    command: Annotated[FoundTenant, Body(openapi_examples=_NEW)],
) -> TenantView:
    """For somebody who owns one already; they are its first owner."""
    return await application.tenants.create(user_id, command, origin_of(request))


@router.post("/{tenant_id}/resume")
async def resume_tenant(
    request: Request, bearer: Bearing, application: TheApplication, tenant_id: TenantPath
) -> TenantView:
    """For an owner of a suspended one."""
    tenant, origin = tenant_named(tenant_id), origin_of(request)
    try:
        return await application.tenants.resume(bearer.user_id, tenant, origin)
    except (Forbidden, NotFound) as refused:
        await application.audit.tenant_refused(tenant, refused, origin, bearer.user_id, bearer.sign_in_id)
        raise


@of_tenant.post("/suspend")
async def suspend_tenant(actor: Acting, application: TheApplication) -> TenantView:
    """Nobody enters any more until an owner resumes it; everything is kept."""
    return await application.tenants.suspend(actor)


@of_tenant.post("/export", response_class=Archive)
async def export_tenant(actor: Acting, application: TheApplication) -> Archive:
    """A zip archive: JSON lines of everything the tenant has, of one moment, and a manifest that counts them."""
    name = f"media-planner-{actor.tenant_id}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Archive(await application.estates.export(actor), headers=headers)


@of_tenant.post("/erase")
async def erase_tenant(
    actor: Acting, application: TheApplication, command: Annotated[EraseTenant, Body(openapi_examples=_ERASE)]
) -> Erased:
    """For good: everything but the audit, and the people who are in no other tenant."""
    return await application.estates.erase(actor, command)
