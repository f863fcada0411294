"""Two processes on one database and one Redis: what one is asked, the other does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from langchain_core.messages import AIMessage
from pydantic import SecretStr

from agents.models import ChatModels
from domain.ids import SessionId, TurnId
from domain.sessions import OnBusy, TurnStatus
from server.bootstrap import System, bootstrap
from server.settings import Settings
from services.actor import Actor
from services.session_views import TurnView
from services.sessions import OpenSession
from services.turns import PostTurn
from tests.agents.scripted import ScriptedModel
from tests.conftest import NewActor
from tests.drivers import SERVER_SECRET

LEASE_SECONDS = 600.0  # no heartbeat comes before a test ends


@dataclass(frozen=True)
class Two:
    """One where a model says nothing until it is asked a second time, and one that only asks."""

    busy: System
    model: ScriptedModel
    other: System


@pytest.fixture
async def two(app_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Two]:
    settings = Settings(
        home=tmp_path,
        database_url=app_url,
        redis_url=redis_url,
        signing_key=SecretStr(ECKey.generate_key("P-256").as_pem(private=True).decode()),
        server_secret=SecretStr(SERVER_SECRET.decode()),
        turn_lease_seconds=LEASE_SECONDS,
    )
    model = ScriptedModel(steps=[AIMessage("never said"), AIMessage("Yes?")], gates={0: asyncio.Event()})
    async with AsyncExitStack() as stack:
        busy = await stack.enter_async_context(bootstrap(settings, ChatModels(model, None, "scripted"), sweeps=False))
        other = await stack.enter_async_context(bootstrap(settings, sweeps=False))
        yield Two(busy, model, other)


async def running(two: Two, actor: Actor) -> tuple[SessionId, TurnId]:
    application = two.busy.application
    session_id = (await application.sessions.open(actor, OpenSession())).id
    turn = await application.turns.accept(actor, session_id, PostTurn(message="hello"))
    two.busy.runner.poke(actor.tenant_id, session_id)
    while not two.model.asked:
        await asyncio.sleep(0.01)
    return session_id, turn.id


async def ended(two: Two, actor: Actor, turn_id: TurnId) -> TurnView:
    while not (turn := await two.other.application.queries.turn(actor, turn_id)).status.ended:
        await asyncio.sleep(0.01)
    return turn


async def test_a_turn_is_cancelled_from_another_process(two: Two, tenant: NewActor) -> None:
    actor = await tenant()
    _, turn_id = await running(two, actor)
    await two.other.application.turns.cancel(actor, turn_id)
    assert (await ended(two, actor, turn_id)).status is TurnStatus.CANCELLED


async def test_a_message_to_one_process_interrupts_the_turn_of_the_other(two: Two, tenant: NewActor) -> None:
    actor = await tenant()
    session_id, turn_id = await running(two, actor)
    message = PostTurn(message="who is on the team?", on_busy=OnBusy.INTERRUPT)
    new = await two.other.application.turns.accept(actor, session_id, message)
    two.other.runner.poke(actor.tenant_id, session_id)
    assert (await ended(two, actor, turn_id)).status is TurnStatus.CANCELLED
    assert (await ended(two, actor, new.id)).status is TurnStatus.COMPLETED


async def test_a_turn_that_is_let_go_is_taken_up_by_the_other_at_once(two: Two, tenant: NewActor) -> None:
    actor = await tenant()
    _, turn_id = await running(two, actor)
    await two.busy.runner.drain(0)
    assert (await ended(two, actor, turn_id)).status is TurnStatus.COMPLETED
    assert len(two.model.asked) == 1
