"""Files: brought in one part of a form, fetched by whoever may read them or has a link."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile as Part

from domain.errors import Forbidden, InvalidInput, NotFound
from domain.files import ANY_TYPE, FileKind
from domain.ids import CampaignId
from server.api.auth import Acting, TheApplication
from server.api.limits import per_address, per_user
from server.api.routes.accounts import origin_of
from server.api.routes.parameters import FilePath, PageWanted
from server.telemetry import about
from services.actor import Actor
from services.file_views import FileLink, FileView, OpenFile
from services.files import UploadFile
from services.quotas import LINK_ADDRESS, UPLOAD_USER
from services.read_models import Page

router = APIRouter(prefix="/files", tags=["files"])
linked = APIRouter(prefix="/files", tags=["files"])

_KINDS = {kind.media_type: {"schema": {"type": "string", "format": "binary"}} for kind in FileKind}
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": f"Called {', '.join(f'.{kind}' for kind in FileKind)}, and being one.",
                        }
                    },
                },
                "examples": {"lines": {"value": {"file": "channel,budget\nsearch,100000\n"}}},
            }
        },
    }
}
_CONTENT: dict[int | str, dict[str, Any]] = {200: {"description": "The file, to be saved.", "content": _KINDS}}

OfCampaign = Annotated[CampaignId | None, Query(description="Of a campaign; left out: of its maker, or of all.")]


class FileAnswer(StreamingResponse):
    """Saved, never shown: what a person brought is no page of ours."""

    media_type = ANY_TYPE


@router.get("")
async def list_files(
    actor: Acting, application: TheApplication, page: PageWanted, campaign_id: OfCampaign = None
) -> Page[FileView]:
    return await application.queries.files(actor, campaign_id, page)


@router.post("", status_code=201, openapi_extra=_FORM, dependencies=[per_user(UPLOAD_USER)])
async def upload_file(
    actor: Acting, application: TheApplication, request: Request, response: Response, campaign_id: OfCampaign = None
) -> FileView:
    """As multipart/form-data, one part called `file`. Read only once it is known who sends it."""
    async with request.form(max_files=1, max_fields=0) as form:
        part = form.get("file")
        if not isinstance(part, Part):
            raise InvalidInput("Send the file as the part `file` of a form.", code="file_missing", field="file")
        named = {"name": part.filename or "file", "media_type": part.content_type or ANY_TYPE}
        command = UploadFile.model_validate({**named, "campaign_id": campaign_id})
        view = await application.files.upload(actor, command, part.file)
    response.headers["Location"] = _place(actor, view)
    return view


@router.get("/{file_id}")
async def get_file(actor: Acting, application: TheApplication, file_id: FilePath) -> FileView:
    return await application.queries.file(actor, file_id)


@router.get("/{file_id}/content", response_class=FileAnswer, responses=_CONTENT)
async def get_file_content(actor: Acting, application: TheApplication, file_id: FilePath) -> FileAnswer:
    return _saved(await application.files.open(actor, file_id))


@router.post("/{file_id}/link", status_code=201)
async def link_file(actor: Acting, application: TheApplication, file_id: FilePath) -> FileLink:
    """Opens the file without a token for ten minutes, as long as whoever asked may read it."""
    return await application.files.link(actor, file_id)


@router.delete("/{file_id}", status_code=204)
async def delete_file(actor: Acting, application: TheApplication, file_id: FilePath) -> None:
    await application.files.delete(actor, file_id)


@linked.get("/{token}", response_class=FileAnswer, responses=_CONTENT, dependencies=[per_address(LINK_ADDRESS)])
async def follow_link(request: Request, application: TheApplication, token: str) -> FileAnswer:
    """For who has the link: it says which file, for whom and until when."""
    origin, allowed = origin_of(request), application.files.allowed(token)
    about(tenant_id=allowed.tenant_id, user_id=allowed.user_id)
    try:
        actor = await application.sign_in.enter(allowed.user_id, allowed.tenant_id, origin)
    except (Forbidden, NotFound) as refused:
        await application.audit.tenant_refused(allowed.tenant_id, refused, origin, allowed.user_id)
        raise
    return _saved(await application.files.open(actor, allowed.file_id))


def _saved(opened: OpenFile) -> FileAnswer:
    view = opened.view
    headers = {
        "Content-Disposition": _attachment(view.name),
        "Content-Length": str(view.size),
        "ETag": f'"{view.sha256}"',
    }
    return FileAnswer(opened.pieces, headers=headers, media_type=view.media_type)


def _attachment(name: str) -> str:
    """The name as it is (RFC 6266), and for who can't read that, with what ASCII has of it."""
    plain = "".join(c if c.isascii() and c not in '"\\%' else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _place(actor: Actor, view: FileView) -> str:
    return f"/api/v1/tenants/{actor.tenant_id}/files/{view.id}"
