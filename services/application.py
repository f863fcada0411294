"""The whole product on one screen: every capability, and what it is built from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypedDict

from services.account_work import BeginAccounts
from services.accounts import Accounts
from services.actions import Actions
from services.advertisers import Advertisers
from services.approvals import Approvals
from services.audit import Audit
from services.audit_store import AuditStore
from services.benchmarks import OwnBenchmarks
from services.budgets import USUAL, Budgets
from services.campaign_copies import CampaignCopies
from services.campaigns import Campaigns
from services.correspondence import Correspondence
from services.curves import Curves
from services.delegations import Delegations
from services.estates import Estates, EstateStore, TenantTraces
from services.export_job import ExportJob
from services.exports import Exports
from services.file_upkeep import FileUpkeep
from services.files import FileRules, Files
from services.gateways import FileStore, IdentityProvider, PlanReader, PlanWriter, Post, RateLimits, Secrets
from services.grants import Grants
from services.invitations import Invited
from services.jobs import Jobs
from services.letters import Letters
from services.members import Members
from services.passwords import Passwords
from services.plan_approval import PlanApproval
from services.plan_document import ExportFormat
from services.plan_history import PlanHistory
from services.plan_imports import PlanImports
from services.plan_questions import PlanQuestions
from services.planning_job import PlanningJob
from services.plans import Plans
from services.ports import Clock, EventReader, LiveFeed, PasswordHasher, Signals, Wakeups
from services.queries import Directory, Queries
from services.recipients import Recipients
from services.retention import Retention
from services.scenarios import Scenarios
from services.service_tokens import ServiceTokens
from services.sessions import Sessions
from services.sign_in import SignIn
from services.sweep_job import SweepJob
from services.tenants import Tenants
from services.thread_log import ThreadLog
from services.threads import Threads
from services.turns import Turns
from services.unit_of_work import Begin
from services.watching import Watching
from services.year_job import YearJob


@dataclass(frozen=True, slots=True)
class Application:
    accounts: Accounts
    passwords: Passwords
    sign_in: SignIn
    tenants: Tenants
    members: Members
    invited: Invited
    grants: Grants
    service_tokens: ServiceTokens
    estates: Estates
    files: Files
    file_upkeep: FileUpkeep
    exports: Exports
    plan_imports: PlanImports
    campaigns: Campaigns
    campaign_copies: CampaignCopies
    advertisers: Advertisers
    benchmarks: OwnBenchmarks
    curves: Curves
    approvals: Approvals
    delegations: Delegations
    plans: Plans
    plan_history: PlanHistory
    scenarios: Scenarios
    plan_questions: PlanQuestions
    plan_approval: PlanApproval
    sessions: Sessions
    retention: Retention
    threads: Threads
    thread_log: ThreadLog
    turns: Turns
    watching: Watching
    jobs: Jobs
    planning_job: PlanningJob
    sweep_job: SweepJob
    year_job: YearJob
    export_job: ExportJob
    queries: Queries
    directory: Directory
    wakeups: Wakeups
    begin: Begin
    feed: LiveFeed
    signals: Signals
    clock: Clock
    budgets: Budgets
    rate_limits: RateLimits
    identity_provider: IdentityProvider | None
    audit: Audit
    correspondence: Correspondence


@dataclass(frozen=True, slots=True)
class Limits:
    turn_lease_seconds: float = 15.0
    message_chars: int = 20_000
    budgets: Budgets = USUAL
    address: str = "http://127.0.0.1:8080"  # where people reach the page: letters lead there
    session_retention: timedelta | None = None  # None: conversations stay until they are deleted
    files: FileRules = field(default_factory=FileRules)


@dataclass(frozen=True, slots=True)
class Drivers:
    """What the outside world lends: one of each port."""

    begin: Begin
    accounts: BeginAccounts
    queries: Queries
    directory: Directory
    wakeups: Wakeups
    events: EventReader
    feed: LiveFeed
    signals: Signals
    clock: Clock
    hasher: PasswordHasher
    secrets: Secrets
    post: Post
    rate_limits: RateLimits
    estates: EstateStore
    file_store: FileStore
    plan_writers: Mapping[ExportFormat, PlanWriter]
    plan_reader: PlanReader
    traces: TenantTraces
    audit: AuditStore
    audit_key: bytes = field(repr=False)
    recipients: Recipients
    identity_provider: IdentityProvider | None = None


def assemble(drivers: Drivers, limits: Limits) -> Application:
    begin, clock = drivers.begin, drivers.clock
    sign_in, files = SignIn(drivers.directory, clock), _files(drivers, limits)
    campaigns, delegations = Campaigns(begin, clock), Delegations(begin, clock)
    tenancy = _tenancy(drivers)
    plan_approval = PlanApproval(begin, clock)
    actions = Actions(campaigns, plan_approval, tenancy["members"], tenancy["grants"], delegations)
    account = (drivers.accounts, drivers.hasher, drivers.secrets, drivers.rate_limits, clock)
    return Application(
        accounts=Accounts(*account),
        passwords=Passwords(*account),
        sign_in=sign_in,
        **tenancy,
        **files,
        **_jobs(begin, clock, files["exports"]),
        campaigns=campaigns,
        campaign_copies=CampaignCopies(begin, clock),
        approvals=Approvals(begin, clock, sign_in, drivers.wakeups, actions),
        delegations=delegations,
        plans=Plans(begin, clock),
        plan_history=PlanHistory(begin, clock),
        scenarios=Scenarios(begin, clock),
        plan_questions=PlanQuestions(begin),
        plan_approval=plan_approval,
        sessions=Sessions(begin, clock, drivers.traces),
        retention=_retention(drivers, limits),
        threads=Threads(begin, clock),
        thread_log=ThreadLog(drivers.events),
        turns=_turns(drivers, limits),
        watching=Watching(drivers.events, drivers.feed),
        queries=drivers.queries,
        directory=drivers.directory,
        wakeups=drivers.wakeups,
        begin=begin,
        feed=drivers.feed,
        signals=drivers.signals,
        clock=clock,
        budgets=limits.budgets,
        rate_limits=drivers.rate_limits,
        identity_provider=drivers.identity_provider,
        **_records(drivers, limits),
    )


class _Jobs(TypedDict):
    jobs: Jobs
    planning_job: PlanningJob
    sweep_job: SweepJob
    year_job: YearJob
    export_job: ExportJob


def _jobs(begin: Begin, clock: Clock, exports: Exports) -> _Jobs:
    jobs = Jobs(begin, clock)
    return _Jobs(
        jobs=jobs,
        planning_job=PlanningJob(begin, clock, jobs),
        sweep_job=SweepJob(begin, clock, jobs),
        year_job=YearJob(begin, clock, jobs),
        export_job=ExportJob(begin, clock, jobs, exports),
    )


def _turns(drivers: Drivers, limits: Limits) -> Turns:
    return Turns(
        drivers.begin,
        drivers.clock,
        drivers.signals,
        lease_seconds=limits.turn_lease_seconds,
        message_limit=limits.message_chars,
    )


def _retention(drivers: Drivers, limits: Limits) -> Retention:
    tenants, traces = drivers.directory.all_tenants, drivers.traces
    return Retention(drivers.begin, tenants, traces, drivers.clock, keep=limits.session_retention)


class _Tenancy(TypedDict):
    tenants: Tenants
    members: Members
    invited: Invited
    grants: Grants
    service_tokens: ServiceTokens
    estates: Estates


def _tenancy(drivers: Drivers) -> _Tenancy:
    begin, directory, secrets, clock = drivers.begin, drivers.directory, drivers.secrets, drivers.clock
    return _Tenancy(
        tenants=Tenants(begin, directory, clock),
        members=Members(begin, secrets, clock),
        invited=Invited(begin, drivers.accounts, directory, drivers.hasher, secrets, drivers.rate_limits, clock),
        grants=Grants(begin, clock),
        service_tokens=ServiceTokens(begin, directory, secrets, clock),
        estates=Estates(begin, drivers.estates, drivers.traces, _upkeep(drivers)),
    )


class _Files(TypedDict):
    files: Files
    file_upkeep: FileUpkeep
    exports: Exports
    plan_imports: PlanImports
    advertisers: Advertisers
    benchmarks: OwnBenchmarks
    curves: Curves


def _files(drivers: Drivers, limits: Limits) -> _Files:
    """And what is brought in them."""
    begin, clock = drivers.begin, drivers.clock
    files = Files(begin, drivers.file_store, drivers.secrets, clock, limits.files, limits.address)
    return _Files(
        files=files,
        file_upkeep=_upkeep(drivers),
        exports=Exports(begin, files, drivers.plan_writers, drivers.queries, clock),
        plan_imports=PlanImports(begin, files, drivers.plan_reader, clock),
        advertisers=Advertisers(begin, clock),
        benchmarks=OwnBenchmarks(begin, files, clock),
        curves=Curves(begin, files, clock),
    )


def _upkeep(drivers: Drivers) -> FileUpkeep:
    directory = drivers.directory
    return FileUpkeep(drivers.begin, drivers.file_store, directory.all_tenants, directory.erased_tenants, drivers.clock)


class _Records(TypedDict):
    audit: Audit
    correspondence: Correspondence


def _records(drivers: Drivers, limits: Limits) -> _Records:
    return _Records(
        audit=Audit(drivers.audit, drivers.accounts, drivers.audit_key, drivers.clock),
        correspondence=Correspondence(
            drivers.begin,
            drivers.accounts,
            drivers.wakeups,
            drivers.recipients,
            drivers.audit,
            drivers.post,
            Letters(drivers.secrets, limits.address),
            drivers.clock,
        ),
    )
