"""A run is wanted: a message becomes a turn, a verdict the turn that it is told in."""

from dataclasses import replace

from fastapi import Request

from domain.errors import NotFound, Unsupported
from server.api.auth import idempotency_key
from server.api.langgraph.payloads import (
    RunWanted,
    checkpoint_named,
    last_words,
    modes_of,
    on_busy,
    refuse_options,
)
from server.api.langgraph.routes_about import must_be_ours
from server.api.langgraph.threads import Thread, thread_of
from server.api.langgraph.verdicts import resume
from server.bootstrap import System
from server.telemetry import about
from services.actor import Actor
from services.session_views import TurnView
from services.turns import PostTurn


async def accepted(
    system: System, actor: Actor, request: Request, thread_id: str, wanted: RunWanted
) -> tuple[Thread, TurnView]:
    """The same `Idempotency-Key` finds the same run. Everything is refused before anything is begun."""
    refuse_options(wanted)
    modes_of(wanted.stream_mode)
    strategy = on_busy(wanted.multitask_strategy)
    if wanted.command is not None and wanted.input is not None:
        raise Unsupported("A command comes without input.", code="unsupported_input", field="input")
    words = last_words(wanted.input) if wanted.command is None else None
    thread = await _thread(system, actor, thread_id, wanted)
    must_be_ours(actor, wanted.assistant_id)
    await _must_be_latest(thread, checkpoint_named(wanted.checkpoint) or wanted.checkpoint_id)
    if words is None:
        return await thread.now(), await resume(thread, wanted.command or {})
    acting = actor.through(replace(actor.origin, effect_key=None))  # a turn keeps its own account of keys
    command = PostTurn(message=words, on_busy=strategy)
    turn = await system.runner.answer(acting, thread.session.id, command, key=idempotency_key(request))
    about(turn_id=turn.id)
    return thread, turn


async def _thread(system: System, actor: Actor, thread_id: str, wanted: RunWanted) -> Thread:
    try:
        return await thread_of(system.application, actor, thread_id)
    except NotFound:
        if wanted.if_not_exists == "reject":
            raise
    session = await system.application.threads.open(actor, thread_id)
    return Thread(system.application, actor, session)


async def _must_be_latest(thread: Thread, checkpoint_id: str | None) -> None:
    if checkpoint_id is None:
        return
    states = (await thread.views()).history()
    if not states or states[0]["checkpoint"]["checkpoint_id"] != checkpoint_id:
        raise Unsupported(
            "A run goes on from the thread's latest state: conversations don't branch.",
            code="unsupported_branch",
            field="checkpoint",
        )
