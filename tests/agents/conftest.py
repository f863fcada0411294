"""The product without a web: services on the real Postgres, the graph with real checkpoints, a feed in memory."""

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from langchain_core.language_models import BaseChatModel
from sqlalchemy.ext.asyncio import AsyncEngine

from agents.journaling import Journals
from agents.leased import LeasedTurns
from agents.models import ChatModels, chat_models
from agents.runner import TurnRunner
from agents.supervisor import build
from domain.ids import FileId, SessionId, TurnId
from domain.sessions import OnBusy
from server.embedded.parts import Parts
from server.postgres.checkpoints import CheckpointPool, TenantPostgresSaver, open_pool
from services.actor import Actor
from services.application import Application, Limits, assemble
from services.events import EventType, Position, SessionEvent
from services.file_views import FileView
from services.files import UploadFile
from services.ports import EventReader, Recorded, Signals
from services.session_views import TurnView
from services.sessions import OpenSession
from services.turns import PostTurn
from tests.conftest import NewActor
from tests.drivers import drivers_on
from tests.fakes.feed import InMemoryFeed
from tests.fakes.signals import InMemorySignals, NoSignals
from tests.server.postgres.databases import migrated_database, opened

LEASE_SECONDS, LONG_LEASE_SECONDS = 3.0, 300.0


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class PlainHasher:
    async def hash(self, password: str) -> str:
        return f"hash of {password}"

    async def matches(self, password: str, hashed: str) -> bool:
        return hashed == f"hash of {password}"


@dataclass(frozen=True)
class Conversation:
    """One person's session, and the process that answers in it."""

    app: Application
    actor: Actor
    session_id: SessionId
    runner: TurnRunner
    another_process: Callable[..., TurnRunner]  # of a chat model, and one for the router
    reader: EventReader

    async def post(self, message: str, on_busy: OnBusy = OnBusy.ENQUEUE, files: Sequence[FileId] = ()) -> TurnId:
        command = PostTurn(message=message, on_busy=on_busy, files=list(files))
        person = await self.app.sign_in.enter(self.actor.user_id, self.actor.tenant_id)  # as with every request
        return (await self.runner.answer(person, self.session_id, command)).id

    async def say(self, message: str, *files: FileId) -> TurnView:
        return await self.ended(await self.post(message, files=files))

    async def bring(self, name: str = "plan.csv", data: bytes = b"channel,budget\n") -> FileView:
        return await self.app.files.upload(self.actor, UploadFile(name=name), io.BytesIO(data))

    async def ended(self, turn_id: TurnId) -> TurnView:
        async with asyncio.timeout(30):
            while not (turn := await self.app.queries.turn(self.actor, turn_id)).status.ended:
                await asyncio.sleep(0.02)
        return turn

    async def rows(self, turn_id: TurnId) -> list[Recorded]:
        async with self.app.begin(self.actor) as work:
            return await work.transcript.of_turn(turn_id)

    async def events(self) -> list[SessionEvent]:
        return await self.reader.events_after(self.actor.tenant_id, self.session_id, Position(), 1000)

    async def answer(self, turn_id: TurnId) -> str:
        """What the person reads at the turn's end."""
        said = [e for e in await self.events() if e.turn_id == turn_id and e.type is EventType.MESSAGE]
        return str(said[-1].data["text"])


Talk = Callable[..., Awaitable[Conversation]]


@pytest.fixture(scope="session")
async def app_url(parts: Parts) -> AsyncIterator[str]:
    """Of a database of their own: a process of another test that looks for forgotten turns must not find these."""
    async with migrated_database(parts.database_admin_url, parts.database_url) as url:
        yield url


@pytest.fixture(scope="session")
async def engine(app_url: str) -> AsyncIterator[AsyncEngine]:
    async with opened(app_url) as engine:
        yield engine


@pytest.fixture(scope="session")
async def pool(app_url: str) -> AsyncIterator[CheckpointPool]:
    async with open_pool(app_url, 5) as pool:
        yield pool


@pytest.fixture
async def talk(engine: AsyncEngine, pool: CheckpointPool, tenant: NewActor) -> AsyncIterator[Talk]:
    """Opens a conversation of a new tenant's owner with a model; the offline one by default."""
    async with _conversations(engine, pool, tenant, InMemorySignals(), LEASE_SECONDS) as start:
        yield start


@pytest.fixture
async def talk_patiently(engine: AsyncEngine, pool: CheckpointPool, tenant: NewActor) -> AsyncIterator[Talk]:
    """With leases that outlive every test: what happens soon, happens because somebody was told."""
    async with _conversations(engine, pool, tenant, InMemorySignals(), LONG_LEASE_SECONDS) as start:
        yield start


@pytest.fixture
async def talk_unheard(engine: AsyncEngine, pool: CheckpointPool, tenant: NewActor) -> AsyncIterator[Talk]:
    """Nobody is told anything: what is to be known is in the database."""
    async with _conversations(engine, pool, tenant, NoSignals(), LEASE_SECONDS) as start:
        yield start


@asynccontextmanager
async def _conversations(
    engine: AsyncEngine, pool: CheckpointPool, tenant: NewActor, signals: Signals, lease_seconds: float
) -> AsyncIterator[Talk]:
    clock, runners, listening = SystemClock(), list[TurnRunner](), list[asyncio.Task[None]]()
    drivers = drivers_on(engine, clock, InMemoryFeed(), signals)
    app = assemble(drivers, Limits(turn_lease_seconds=lease_seconds))

    def process(model: BaseChatModel | None, router: BaseChatModel | None = None) -> TurnRunner:
        models = ChatModels(model, router, "scripted") if model else chat_models("offline")
        journals, saver = Journals(), TenantPostgresSaver(pool)
        graph = build(app, models, journals).compile(checkpointer=saver)
        turns = LeasedTurns(app, graph, journals, saver.tenant, lease_seconds=lease_seconds, turn_seconds=30)
        runner = TurnRunner(app, turns, owner=f"process {len(runners)}")
        runners.append(runner)
        listening.append(asyncio.create_task(runner.hear()))
        return runner

    async def start(
        model: BaseChatModel | None = None, *, by: Actor | None = None, router: BaseChatModel | None = None
    ) -> Conversation:
        actor = by or await tenant()
        session = await app.sessions.open(actor, OpenSession())
        return Conversation(app, actor, session.id, process(model, router), process, drivers.events)

    yield start
    for runner in runners:
        await runner.drain(0)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
