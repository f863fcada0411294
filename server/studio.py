"""The graph for LangGraph Studio (langgraph.json): the product's own, as the demo user where Studio doesn't say who.

Studio calls the factory for every run and lets nothing in its event loop block, so what has to read files happens in a
thread, once per process. It brings a checkpointer of its own; turns are not journaled here.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict

from agents.context import RunContext
from agents.journaling import Journals
from agents.language.intents import owner_of
from agents.models import chat_models
from agents.state import ConversationState
from agents.supervisor import build
from agents.turn import MOST_STEPS, CompiledGraph
from domain.errors import NotFound
from domain.ids import TenantId, UserId
from domain.tenants import Permission, TenantSettings
from server.bootstrap import application_of
from server.seed import DEMO_EMAIL
from server.settings import Settings
from services.application import Application

StudioGraph = StateGraph[ConversationState, "StudioContext", ConversationState, ConversationState]


class StudioContext(BaseModel):
    """What may be set in Studio; whatever is left out is the demo user's."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    tenant_id: TenantId | None = None
    user_id: UserId | None = None
    permissions: frozenset[Permission] | None = None
    timezone: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Studio:
    """Connections stay open until the process ends."""

    graph: StudioGraph
    connections: AsyncExitStack


_studios: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[Studio]] = WeakKeyDictionary()


async def graph() -> StudioGraph:
    """The factory that Studio calls. Raises InvalidInput without the parts' URLs, NotFound without a demo user."""
    loop = asyncio.get_running_loop()
    opening = _studios.get(loop)
    if opening is None or (opening.done() and opening.exception()):
        opening = _studios[loop] = asyncio.create_task(_open())
    return (await asyncio.shield(opening)).graph


async def _open() -> Studio:
    settings = await asyncio.to_thread(_warm)
    connections = AsyncExitStack()
    application = await connections.enter_async_context(application_of(settings))
    demo = await _demo_context(application)
    conversation = await asyncio.to_thread(_compiled, settings, application, demo)
    return Studio(_as_somebody(conversation, demo), connections)


async def _demo_context(application: Application) -> RunContext:
    found = await application.directory.credentials(DEMO_EMAIL)
    if found is None:
        raise NotFound(f"There is no demo user {DEMO_EMAIL}.", code="demo_user_missing")
    user_id, _ = found
    tenant = (await application.directory.tenants_of(user_id))[0]
    actor = await application.sign_in.enter(user_id, TenantId(tenant.tenant_id))
    settings = (await application.queries.settings(actor)).settings
    return RunContext(
        tenant_id=actor.tenant_id,
        user_id=actor.user_id,
        permissions=actor.permissions,
        timezone=settings.timezone,
        locale=settings.locale,
    )


def _warm() -> Settings:
    """Reads what is read once per process: time zones, currencies, the rules of the offline model."""
    TenantSettings()
    owner_of("draft a plan on search from 1 March to 30 April for 250k")
    return Settings()


def _compiled(settings: Settings, application: Application, demo: RunContext) -> CompiledGraph:
    ZoneInfo(demo.timezone)
    models = chat_models(settings.model, base_url=settings.model_base_url)
    return build(application, models, Journals()).compile()


def _as_somebody(conversation: CompiledGraph, demo: RunContext) -> StudioGraph:
    async def converse(state: ConversationState, *, runtime: Runtime[StudioContext]) -> dict[str, Any]:
        given = runtime.context.model_dump(exclude_none=True) if runtime.context else {}
        somebody = demo.model_copy(update=given)
        said: dict[str, Any] = await conversation.ainvoke(state, {"recursion_limit": MOST_STEPS}, context=somebody)
        return said

    studio: StudioGraph = StateGraph(ConversationState, context_schema=StudioContext)
    studio.add_node("conversation", converse)
    studio.add_edge(START, "conversation")
    studio.add_edge("conversation", END)
    return studio
