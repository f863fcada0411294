import asyncio
from uuid import uuid4

import pytest

from domain.errors import InvalidInput, NotFound
from domain.ids import new_id
from services.sessions import OpenSession
from services.threads import Threads
from services.turns import PostTurn
from tests.services.conftest import InMemory, Product


@pytest.fixture
def threads(product: Product) -> Threads:
    return Threads(product.begin, product.clock)


async def test_a_thread_is_opened_once(product: Product, threads: Threads) -> None:
    actor, name = await product.new_actor(), str(uuid4())
    opened = await asyncio.gather(*(threads.open(actor, name) for _ in range(4)))
    assert len({session.id for session in opened}) == 1
    assert await threads.find(actor, name) == opened[0].id
    assert (await threads.open(actor, None)).id != (await threads.open(actor, None)).id


async def test_a_thread_is_found_by_either_id(product: Product, threads: Threads) -> None:
    actor, other = await product.new_actor(), await product.new_actor()
    session = await product.sessions.open(actor, OpenSession())
    assert await threads.find(actor, str(session.id)) == session.id
    for who, name in ((other, str(session.id)), (actor, "spring"), (actor, str(new_id()))):
        with pytest.raises(NotFound) as refused:
            await threads.find(who, name)
        assert refused.value.code == "session_not_found"


async def test_a_colleagues_thread_looks_like_none(memory: InMemory) -> None:
    ada = memory.owner()
    bob = memory.colleague(ada)
    threads = Threads(memory.begin, memory.clock)
    theirs = await threads.open(bob, "spring")
    for name in ("spring", str(theirs.id)):
        with pytest.raises(NotFound):
            await threads.find(ada, name)
    assert (await threads.open(ada, "spring")).id != theirs.id


async def test_a_run_is_found_by_its_key(product: Product, threads: Threads) -> None:
    actor = await product.new_actor()
    session = await threads.open(actor, "spring")
    turn = await product.turns.accept(actor, session.id, PostTurn(message="hello"), key="r1")
    found = await threads.run(actor, session.id, "r1")
    assert found
    assert found.id == turn.id
    assert await threads.run(actor, session.id, "r2") is None


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201])
async def test_what_is_no_name(product: Product, threads: Threads, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await threads.open(await product.new_actor(), name)
    assert refused.value.code == "bad_thread_id"
