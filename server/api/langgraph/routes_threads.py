"""Threads: conversations, their state, and how it came about."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query

from domain.errors import Conflict, NotFound, Unsupported
from server.api.auth import Acting, TheApplication
from server.api.langgraph.payloads import (
    HistoryWanted,
    StateAt,
    ThreadSearch,
    ThreadWanted,
    checkpoint_named,
    refuse,
)
from server.api.langgraph.threads import TheThread, Thread, thread_of
from server.api.langgraph.views import GRAPH, assistant_id, checkpoint_of, chosen, name_of, thread_metadata
from services.actor import Actor
from services.application import Application
from services.read_models import PageRequest
from services.session_views import SessionView

Json = dict[str, Any]
Selected = Annotated[list[str] | None, Query(description="Only these fields.")]

router = APIRouter(prefix="/threads", tags=["langgraph"])

_NEW, _ANY, _LATEST = ThreadWanted(), ThreadSearch(), HistoryWanted()
_PAGE = 200
_OF_THE_LOG = {"values", "status", "interrupts"}


@router.post("")
async def create_thread(
    actor: Acting, application: TheApplication, wanted: Annotated[ThreadWanted, Body()] = _NEW
) -> Json:
    """With `thread_id` under the client's own name for it. Conflict `thread_exists` where there is one."""
    refuse(wanted, "supersteps", "ttl")
    of_graph = (wanted.metadata or {}).get("graph_id")
    if of_graph not in (None, GRAPH) or set(wanted.metadata or ()) - {"graph_id"}:
        raise Unsupported("Threads keep no metadata of clients.", code="unsupported_option", field="metadata")
    if wanted.thread_id is not None and await _exists(application, actor, wanted.thread_id):
        if wanted.if_exists == "raise":
            raise Conflict("There is a thread of that id.", code="thread_exists", field="thread_id")
        return (await (await thread_of(application, actor, wanted.thread_id)).views()).thread()
    session = await application.threads.open(actor, wanted.thread_id)
    return (await Thread(application, actor, session).views()).thread()


@router.post("/search")
async def search_threads(
    actor: Acting, application: TheApplication, wanted: Annotated[ThreadSearch, Body()] = _ANY
) -> list[Json]:
    """Latest first. `metadata` finds by `graph_id`, `assistant_id` and `title`."""
    refuse(wanted, "status", "values", "extract")
    folded = not wanted.select or not _OF_THE_LOG.isdisjoint(wanted.select)
    found = []
    for session in await _sessions(application, actor, wanted):
        views = await Thread(application, actor, session).views(folded=folded)
        found.append(chosen(views.thread(), wanted.select))
    return found


@router.get("/{thread_id}")
async def get_thread(thread: TheThread) -> Json:
    return (await thread.views()).thread()


@router.delete("/{thread_id}", status_code=204)
async def delete_thread(thread: TheThread) -> None:
    await thread.application.sessions.delete(thread.actor, thread.session.id)


@router.get("/{thread_id}/state")
async def get_thread_state(thread: TheThread, subgraphs: bool = False, select: Selected = None) -> Json:
    return chosen((await thread.views()).state(), select)


@router.get("/{thread_id}/state/{checkpoint_id}")
async def get_thread_state_at(
    thread: TheThread, checkpoint_id: str, subgraphs: bool = False, select: Selected = None
) -> Json:
    states = (await thread.views()).history()
    return chosen(states[_place(states, checkpoint_id)], select)


@router.post("/{thread_id}/state/checkpoint")
async def get_thread_state_of(thread: TheThread, wanted: StateAt) -> Json:
    views = await thread.views()
    states, named = views.history(), checkpoint_named(wanted.checkpoint)
    return chosen(states[_place(states, named)] if named else views.state(), wanted.select)


@router.post("/{thread_id}/history")
async def get_thread_history(thread: TheThread, wanted: Annotated[HistoryWanted, Body()] = _LATEST) -> list[Json]:
    """Latest first: two states for each run, as its message was accepted and as it ended."""
    refuse(wanted, "metadata")
    states = (await thread.views()).history()
    if named := checkpoint_named(wanted.checkpoint):
        states = states[_place(states, named) :]
    if before := checkpoint_named(wanted.before):
        states = states[_place(states, before) + 1 :]
    return [chosen(state, wanted.select) for state in states[: wanted.limit]]


async def _exists(application: Application, actor: Actor, thread_id: str) -> bool:
    try:
        await thread_of(application, actor, thread_id)
    except NotFound:
        return False
    return True


async def _sessions(application: Application, actor: Actor, wanted: ThreadSearch) -> list[SessionView]:
    found: list[SessionView] = []
    cursor: str | None = None
    while len(found) < wanted.offset + wanted.limit:
        page = await application.queries.sessions(actor, None, PageRequest(limit=_PAGE, cursor=cursor))
        found += [session for session in page.items if _fits(actor, session, wanted)]
        if (cursor := page.next_cursor) is None:
            break
    return found[wanted.offset : wanted.offset + wanted.limit]


def _fits(actor: Actor, session: SessionView, wanted: ThreadSearch) -> bool:
    facts = thread_metadata(assistant_id(actor.tenant_id), session)
    named = wanted.ids is None or name_of(session) in wanted.ids or str(session.id) in wanted.ids
    return named and (wanted.metadata or {}).items() <= facts.items()


def _place(states: list[Json], checkpoint_id: str) -> int:
    place = checkpoint_of(states, checkpoint_id)
    if place is None:
        raise NotFound("There is no such checkpoint.", code="checkpoint_not_found")
    return place
