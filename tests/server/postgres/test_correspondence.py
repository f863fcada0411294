"""Letters composed from rows: what each says is in the tests of the service."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.approvals import Verdict
from domain.tenants import Membership, Role
from domain.users import Email, User
from services.actions import InviteAction
from services.actor import Actor, Origin
from services.application import Application, Limits, assemble
from services.approvals import Decide, Waiting
from services.gateways import Letter, LetterKind
from tests.conftest import NewActor
from tests.contracts.samples import DONE
from tests.drivers import drivers_on
from tests.fakes.clock import FakeClock
from tests.fakes.feed import InMemoryFeed
from tests.fakes.post import InMemoryPost

ADDRESS = "https://planner.example"


class Desk:
    """The product over Postgres, its post in memory."""

    def __init__(self, engine: AsyncEngine) -> None:
        clock = FakeClock(datetime.now(UTC))
        drivers = drivers_on(engine, clock, InMemoryFeed())
        assert isinstance(drivers.post, InMemoryPost)
        self.application: Application = assemble(drivers, Limits(address=ADDRESS))
        self.post = drivers.post
        self.now = clock.now()

    async def letters_to(self, user: User) -> list[Letter]:
        """The database is shared with other tests: what is theirs is left out."""
        await self.application.correspondence.deliver_due()
        return [letter for letter in self.post.letters if letter.to == user.email.address]

    async def user(self, actor: Actor) -> User:
        async with self.application.begin(actor) as work:
            return await work.people.get(actor.user_id)

    async def colleague(self, actor: Actor, name: str, role: Role) -> tuple[Actor, User]:
        user = User.register(Email.of(f"{name}-{actor.tenant_id}@example.com"), name, None, self.now)
        async with self.application.begin(actor) as work:
            await work.people.add(user)
            work.members.add(Membership(actor.tenant_id, user.id, role, self.now))
            await work.commit(DONE)
        return await self.application.sign_in.enter(user.id, actor.tenant_id), user


@pytest.fixture
def desk(engine: AsyncEngine) -> Desk:
    return Desk(engine)


async def test_a_link_for_a_new_password(desk: Desk, tenant: NewActor) -> None:
    ada = await desk.user(await tenant())
    await desk.application.passwords.ask_reset(ada.email.address)
    (letter,) = await desk.letters_to(ada)
    assert letter.kind is LetterKind.PASSWORD_RESET
    assert f"{ADDRESS}/#reset=" in letter.text
    assert await desk.letters_to(ada) == [letter]


async def test_an_approval_that_is_asked_for_and_decided(desk: Desk, tenant: NewActor) -> None:
    owner = await tenant()
    ada, (eve, user) = await desk.user(owner), await desk.colleague(owner, "eve", Role.ADMIN)
    by_agent = eve.through(Origin(agent="workspace"))
    action = InviteAction(email=f"guest-{owner.tenant_id}@example.com", role=Role.VIEWER)
    waiting = await desk.application.approvals.perform(by_agent, action)
    assert isinstance(waiting, Waiting)
    (asked,) = await desk.letters_to(ada)
    assert (asked.kind, f"{ADDRESS}/#approval={waiting.approval.id}" in asked.text) == (LetterKind.APPROVAL_ASKED, True)
    await desk.application.approvals.decide(owner, waiting.approval.id, Decide(verdict=Verdict.APPROVED))
    (decided,) = await desk.letters_to(user)
    assert (decided.kind, decided.subject) == (LetterKind.APPROVAL_DECIDED, f"Approved: {waiting.approval.title}")
    assert [letter.kind for letter in desk.post.letters if letter.to == action.email] == [LetterKind.INVITATION]
