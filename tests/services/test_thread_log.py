"""The whole log of a conversation, however long it is."""

import pytest

from services.events import EventType, NewEvent
from services.sessions import OpenSession
from services.thread_log import BATCH, ThreadLog
from tests.contracts.samples import DONE
from tests.services.conftest import Product


@pytest.mark.parametrize("count", [0, 3, BATCH, BATCH + 3])
async def test_the_log_comes_whole_and_in_order(product: Product, count: int) -> None:
    actor = await product.new_actor()
    session = await product.sessions.open(actor, OpenSession())
    happened = NewEvent(session_id=session.id, type=EventType.AGENT_STARTED, agent="workspace")
    if count:
        async with product.begin(actor) as work:
            await work.transcript.log(*[happened] * count)
            await work.commit(DONE)
    found = await ThreadLog(product.events).events(actor.tenant_id, session.id)
    assert [event.seq for event in found] == list(range(1, count + 1))
