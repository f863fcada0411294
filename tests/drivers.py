"""The ports as tests lend them: Postgres where the transaction is what matters, twins in memory for the rest."""

from sqlalchemy.ext.asyncio import AsyncEngine

from server.documents.readers import PlanFileReader
from server.documents.writers import PLAN_WRITERS
from server.identity.derived import DerivedSecrets
from server.postgres.account_work import PostgresAccounts
from server.postgres.audit import PostgresAudit
from server.postgres.directory import PostgresDirectory
from server.postgres.estates import PostgresEstates
from server.postgres.event_reader import PostgresEventReader
from server.postgres.queries import PostgresQueries
from server.postgres.recipients import PostgresRecipients
from server.postgres.unit_of_work import PostgresWork
from server.postgres.wakeups import PostgresWakeups
from services.application import Drivers
from services.audit import KEY_LABEL
from services.ports import Clock, LiveFeed, Signals
from tests.fakes.estates import InMemoryTraces
from tests.fakes.files import InMemoryFileStore
from tests.fakes.post import InMemoryPost
from tests.fakes.rate_limits import InMemoryRateLimits
from tests.fakes.signals import InMemorySignals

SERVER_SECRET = b"a server's secret, only for tests"
AUDIT_KEY = DerivedSecrets(SERVER_SECRET).subkey(KEY_LABEL)


class PlainPasswords:
    """Quick, and good for nothing else."""

    async def hash(self, password: str) -> str:
        return f"plain:{password}"

    async def matches(self, password: str, hashed: str) -> bool:
        return hashed == f"plain:{password}"


def drivers_on(engine: AsyncEngine, clock: Clock, feed: LiveFeed, signals: Signals | None = None) -> Drivers:
    files = InMemoryFileStore(clock)
    return Drivers(
        begin=PostgresWork(engine, clock, feed.publish),
        accounts=PostgresAccounts(engine, clock),
        queries=PostgresQueries(engine),
        directory=PostgresDirectory(engine),
        wakeups=PostgresWakeups(engine),
        events=PostgresEventReader(engine),
        feed=feed,
        signals=signals or InMemorySignals(),
        clock=clock,
        hasher=PlainPasswords(),
        secrets=DerivedSecrets(SERVER_SECRET),
        post=InMemoryPost(),
        rate_limits=InMemoryRateLimits(clock),
        estates=PostgresEstates(engine, clock, files),
        file_store=files,
        plan_writers=PLAN_WRITERS,
        plan_reader=PlanFileReader(),
        traces=InMemoryTraces(),
        audit=PostgresAudit(engine),
        audit_key=AUDIT_KEY,
        recipients=PostgresRecipients(engine),
    )
