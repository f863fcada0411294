"""What clients call a conversation: one per tenant and person."""

from dataclasses import replace

import pytest

from domain.errors import Duplicate
from domain.ids import SessionId, new_id
from domain.sessions import AgentSession
from services.actor import Actor
from tests.contracts.conftest import World
from tests.contracts.samples import DONE, NOW


async def opened(world: World, actor: Actor, external_id: str | None) -> SessionId:
    async with world.begin(actor) as work:
        session, change = AgentSession.open(actor.tenant_id, actor.user_id, NOW, external_id=external_id)
        work.sessions.add(session)
        await work.commit(DONE, change)
    return session.id


async def test_a_conversation_is_found_by_what_its_client_calls_it(world: World) -> None:
    actor, other = await world.new_actor(), await world.new_actor()
    session_id = await opened(world, actor, "spring")
    theirs = await opened(world, other, "spring")
    async with world.begin(actor) as work:
        found = await work.sessions.with_external_id(actor.user_id, "spring")
        assert found
        assert (found.id, found.external_id) == (session_id, "spring")
        assert await work.sessions.with_external_id(actor.user_id, "summer") is None
        assert await work.sessions.with_external_id(other.user_id, "spring") is None
    async with world.begin(other) as work:
        found = await work.sessions.with_external_id(other.user_id, "spring")
    assert found
    assert found.id == theirs


async def test_a_name_is_given_once_and_most_have_none(world: World) -> None:
    actor = await world.new_actor()
    await opened(world, actor, "spring")
    with pytest.raises(Duplicate):
        await opened(world, actor, "spring")
    assert await opened(world, actor, None) != await opened(world, actor, None)
    async with world.begin(replace(actor)) as work:
        assert await work.sessions.with_external_id(actor.user_id, str(new_id())) is None
