"""What there is to talk to: the server, and its one assistant."""

from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Body

from domain.errors import NotFound
from server.api.auth import Acting, TheApplication
from server.api.langgraph.payloads import AssistantSearch, refuse
from server.api.langgraph.views import GRAPH, assistant, assistant_id, chosen
from services.actor import Actor

Json = dict[str, Any]

router = APIRouter(tags=["langgraph"])

_ANY = AssistantSearch()
_MESSAGES = {"type": "array", "items": {"type": "object"}, "description": "LangChain messages."}


@router.get("/ok")
async def langgraph_ok(actor: Acting) -> dict[str, bool]:
    return {"ok": True}


@router.get("/info")
async def langgraph_info(actor: Acting) -> Json:
    return {
        "version": version("media-planner"),
        "langgraph_py_version": version("langgraph"),
        "flags": {"assistants": True, "crons": False, "langsmith": False},
    }


@router.post("/assistants/search")
async def search_assistants(
    actor: Acting, application: TheApplication, wanted: Annotated[AssistantSearch, Body()] = _ANY
) -> list[Json]:
    refuse(wanted, "metadata")
    one = assistant(actor.tenant_id, application.clock.now())
    fits = wanted.graph_id in (None, GRAPH) and (wanted.name or "").casefold() in GRAPH and not wanted.offset
    return [chosen(one, wanted.select)] if fits else []


@router.get("/assistants/{assistant_id}")
async def get_assistant(actor: Acting, application: TheApplication, assistant_id: str) -> Json:
    must_be_ours(actor, assistant_id)
    return assistant(actor.tenant_id, application.clock.now())


@router.get("/assistants/{assistant_id}/schemas")
async def get_assistant_schemas(actor: Acting, assistant_id: str) -> Json:
    must_be_ours(actor, assistant_id)
    active = {name: {"type": ["string", "null"]} for name in ("active_agent", "active_campaign_id")}
    state = {"type": "object", "properties": {"messages": _MESSAGES, **active}}
    return {
        "graph_id": GRAPH,
        "input_schema": {"type": "object", "properties": {"messages": _MESSAGES}, "required": ["messages"]},
        "output_schema": state,
        "state_schema": state,
        "config_schema": None,
        "context_schema": None,
    }


def must_be_ours(actor: Actor, named: str) -> None:
    if named not in (GRAPH, assistant_id(actor.tenant_id)):
        raise NotFound("There is no such assistant.", code="assistant_not_found")
