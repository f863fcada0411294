"""Conversations: one's own list, one, its messages, and the stream of what happens in it."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from fastapi.responses import StreamingResponse
from sse_starlette import EventSourceResponse

from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import PageWanted, SessionPath
from server.api.stream import LastEvent, stream_of_session
from server.api.versions import Expected, tag
from services.read_models import Page
from services.session_export import ExportFormat, exported
from services.session_views import MessageView, SessionView
from services.sessions import OpenSession, RenameSession

router = APIRouter(prefix="/sessions", tags=["sessions"])

WantedFormat = Annotated[ExportFormat, Query(description="For people or for programs.")]

_UNTITLED = OpenSession()
_NEW = {"titled": {"value": {"title": "Spring launch"}}}
_EVENTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "AG-UI 1.0 events; each that tells of the conversation has an `id` to come back with.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}

_FILES = {
    ExportFormat.MARKDOWN: ("text/markdown", "md"),
    ExportFormat.JSON: ("application/json", "json"),
}
_EXPORTS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, while it is read.",
        "content": {media_type: {"schema": {"type": "string"}} for media_type, _ in _FILES.values()},
    }
}


@router.get("")
async def list_sessions(
    actor: Acting,
    application: TheApplication,
    page: PageWanted,
    search: Annotated[str | None, Query(max_length=200, description="Words of the title, or of what was said.")] = None,
) -> Page[SessionView]:
    return await application.queries.sessions(actor, search, page)


@router.post("", status_code=201)
async def open_session(
    actor: Acting,
    application: TheApplication,
    response: Response,
    command: Annotated[OpenSession, Body(openapi_examples=_NEW)] = _UNTITLED,
) -> SessionView:
    session = await application.sessions.open(actor, command)
    response.headers["Location"] = f"/api/v1/tenants/{actor.tenant_id}/sessions/{session.id}"
    return _tagged(response, session)


@router.get("/{session_id}")
async def get_session(
    actor: Acting, application: TheApplication, response: Response, session_id: SessionPath
) -> SessionView:
    return _tagged(response, await application.queries.session(actor, session_id))


@router.patch("/{session_id}")
async def rename_session(
    actor: Acting,
    application: TheApplication,
    response: Response,
    session_id: SessionPath,
    command: Annotated[RenameSession, Body(openapi_examples=_NEW)],
    expected: Expected,
) -> SessionView:
    return _tagged(response, await application.sessions.rename(actor, session_id, command, expected=expected))


@router.delete("/{session_id}", status_code=204)
async def delete_session(actor: Acting, application: TheApplication, session_id: SessionPath) -> None:
    await application.sessions.delete(actor, session_id)


@router.get("/{session_id}/messages")
async def list_messages(
    actor: Acting, application: TheApplication, session_id: SessionPath, page: PageWanted
) -> Page[MessageView]:
    return await application.queries.messages(actor, session_id, page)


@router.get("/{session_id}/export", response_class=StreamingResponse, responses=_EXPORTS)
async def export_session(
    actor: Acting, application: TheApplication, session_id: SessionPath, format: WantedFormat = ExportFormat.MARKDOWN
) -> StreamingResponse:
    """The whole transcript in order, with tool calls, their results and times."""
    session = await application.queries.session(actor, session_id)
    media_type, suffix = _FILES[format]
    headers = {"Content-Disposition": f'attachment; filename="conversation-{session_id}.{suffix}"'}
    return StreamingResponse(exported(application.queries, actor, session, format), 200, headers, media_type)


@router.get("/{session_id}/events", response_class=EventSourceResponse, responses=_EVENTS)
async def follow_session(
    actor: Acting, application: TheApplication, session_id: SessionPath, after: LastEvent
) -> EventSourceResponse:
    """From the start of the conversation, or after `Last-Event-ID`; then on as it happens."""
    await application.queries.session(actor, session_id)
    return await stream_of_session(application, actor.tenant_id, session_id, after)


def _tagged(response: Response, session: SessionView) -> SessionView:
    tag(response, session.version)
    return session
