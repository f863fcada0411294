"""The whole product on one screen: every capability, and what it is built from."""

from dataclasses import dataclass

from services.campaigns import Campaigns
from services.jobs import Jobs
from services.planning_job import PlanningJob
from services.plans import Plans
from services.ports import Clock, EventReader, LiveFeed, PasswordHasher, Wakeups
from services.queries import Directory, Queries
from services.sessions import Sessions
from services.sign_in import SignIn
from services.tenants import Tenants
from services.turns import Turns
from services.unit_of_work import Begin
from services.watching import Watching


@dataclass(frozen=True, slots=True)
class Application:
    sign_in: SignIn
    tenants: Tenants
    campaigns: Campaigns
    plans: Plans
    sessions: Sessions
    turns: Turns
    watching: Watching
    jobs: Jobs
    planning_job: PlanningJob
    queries: Queries
    directory: Directory
    wakeups: Wakeups
    begin: Begin
    feed: LiveFeed
    clock: Clock


@dataclass(frozen=True, slots=True)
class Limits:
    turn_lease_seconds: float = 15.0
    message_chars: int = 20_000


@dataclass(frozen=True, slots=True)
class Drivers:
    """What the outside world lends: one of each port."""

    begin: Begin
    queries: Queries
    directory: Directory
    wakeups: Wakeups
    events: EventReader
    feed: LiveFeed
    clock: Clock
    hasher: PasswordHasher


def assemble(drivers: Drivers, limits: Limits) -> Application:
    begin, clock = drivers.begin, drivers.clock
    jobs = Jobs(begin, clock)
    return Application(
        sign_in=SignIn(drivers.directory, drivers.hasher),
        tenants=Tenants(begin),
        campaigns=Campaigns(begin, clock),
        plans=Plans(begin, clock),
        sessions=Sessions(begin, clock),
        turns=Turns(begin, clock, lease_seconds=limits.turn_lease_seconds, message_limit=limits.message_chars),
        watching=Watching(drivers.events, drivers.feed),
        jobs=jobs,
        planning_job=PlanningJob(begin, clock, jobs),
        queries=drivers.queries,
        directory=drivers.directory,
        wakeups=drivers.wakeups,
        begin=begin,
        feed=drivers.feed,
        clock=clock,
    )
