"""A turn under a client's run id that the test answers itself, piece by piece."""

from uuid import UUID

from domain.ids import SessionId
from server.bootstrap import System
from services.actor import system_actor
from services.turns import PostTurn
from tests.server.api.conftest import Person
from tests.server.api.test_streams import Script


async def held(system: System, person: Person, session: str, run_id: str, message: str) -> Script:
    """Accepted and claimed by the test: no process of the product runs it."""
    turns, actor, session_id = system.application.turns, person.actor, SessionId(UUID(session))
    await turns.accept(actor, session_id, PostTurn(message=message), key=run_id)
    lease = await turns.claim(system_actor(actor.tenant_id), session_id, "the test")
    assert lease
    return Script(system, person, session_id, lease)
