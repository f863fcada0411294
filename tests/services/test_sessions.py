import asyncio

import pytest

from domain.errors import InvalidInput, NotFound, StaleVersion
from domain.ids import SessionId, new_id
from domain.sessions import NEW_TITLE
from services.sessions import OpenSession, RenameSession
from services.turns import PostTurn
from tests.services.conftest import InMemory, Product, keyed


async def test_a_conversation_is_opened_renamed_and_deleted(product: Product) -> None:
    actor = await product.new_actor()
    opened = await product.sessions.open(actor, OpenSession())
    renamed = await product.sessions.rename(actor, opened.id, RenameSession(title=" Northwind "), expected=1)
    assert (opened.title, renamed.title, renamed.version) == (NEW_TITLE, "Northwind", 2)
    await product.turns.accept(actor, opened.id, PostTurn(message="hello"))
    assert (await product.sessions.delete(actor, opened.id)).id == opened.id
    assert await product.log(actor, opened.id) == []
    with pytest.raises(NotFound):
        await product.sessions.delete(actor, opened.id)


async def test_one_key_opens_one_conversation(product: Product) -> None:
    actor = keyed(await product.new_actor())
    opened = await asyncio.gather(*(product.sessions.open(actor, OpenSession()) for _ in range(4)))
    assert len({session.id for session in opened}) == 1


async def test_a_colleagues_conversation_looks_like_none(memory: InMemory) -> None:
    ada = memory.owner()
    bob = memory.colleague(ada)
    session_id = await memory.session(bob)
    before = memory.written()
    for id in (session_id, SessionId(new_id())):
        for act in (
            memory.sessions.rename(ada, id, RenameSession(title="Mine")),
            memory.sessions.delete(ada, id),
            memory.turns.accept(ada, id, PostTurn(message="hello")),
        ):
            with pytest.raises(NotFound) as refused:
                await act
            assert (refused.value.code, refused.value.message) == (
                "session_not_found",
                "There is no such conversation.",
            )
    assert memory.written() == before


async def test_another_tenants_conversation_looks_like_none(product: Product) -> None:
    ours, theirs = await product.new_actor(), await product.new_actor()
    session_id = await product.session(theirs)
    with pytest.raises(NotFound):
        await product.sessions.rename(ours, session_id, RenameSession(title="Mine"))


async def test_an_older_version_is_not_renamed(memory: InMemory) -> None:
    actor = memory.owner()
    session_id = await memory.session(actor)
    await memory.sessions.rename(actor, session_id, RenameSession(title="One"))
    with pytest.raises(StaleVersion):
        await memory.sessions.rename(actor, session_id, RenameSession(title="Two"), expected=1)


async def test_a_title_is_a_line(memory: InMemory) -> None:
    actor = memory.owner()
    for title in ("a\x00", "   ", "a\nb"):
        with pytest.raises(InvalidInput):
            await memory.sessions.open(actor, OpenSession(title=title))
