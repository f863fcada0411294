"""Eval cases as data: what is given, what is said, and what the database must hold afterwards (docs/evals.md)."""

from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from domain.approvals import Verdict as ApprovalVerdict
from domain.campaigns import Move
from domain.channels import Channel
from domain.delegations import DelegationKind
from domain.jobs import JobStatus
from domain.objectives import Objective
from domain.planning.flighting.weeks import Flighting
from domain.sessions import AgentName
from domain.tenants import Role, TenantSettings
from services.amounts import Amount

ANY = "any"  # a field that is not graded
UNNAMED = "*"  # a new campaign whose name nobody said


def _amount(value: object) -> object:
    """ "250000.00 USD" is how a person writes it."""
    if isinstance(value, str):
        amount, _, currency = value.partition(" ")
        return {"amount": amount, "currency": currency}
    return value


Price = Annotated[Amount, BeforeValidator(_amount)]
Cents = Annotated[str, BeforeValidator(str)]  # a decimal of major units, compared as a number


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GivenPlan(Part):
    """One version with exactly these amounts."""

    lines: dict[Channel, Cents]
    flighting: Flighting = Flighting.EVEN


class GivenCampaign(Part):
    name: str
    objective: Objective = Objective.CONVERSIONS
    budget: Price
    start: date = date(2026, 4, 1)
    end: date = date(2026, 5, 31)
    advertiser: str | None = None
    product: str | None = None
    kpi: str | None = None
    markets: list[str] = []
    plan: GivenPlan | None = None
    moves: list[Move] = []
    archived: bool = False


class GivenDelegation(Part):
    kind: DelegationKind = DelegationKind.FULL
    cap: Price | None = None  # without: no limit
    markets: list[str] = []


class GivenMember(Part):
    name: str
    role: Role
    email: str | None = None  # without: one that nobody else has
    delegation: GivenDelegation | None = None
    grants: dict[str, Role] = Field(default={}, description="By campaign.")


class GivenRequest(Part):
    """Something that a member has asked approval for."""

    by: str
    move: Move | None = None
    campaign: str | None = None
    invite: str | None = None
    role: Role = Role.VIEWER


class Given(Part):
    """`role`, `delegation` and `grants` are of the person who talks; an owner may do anything without limit."""

    settings: TenantSettings = TenantSettings()
    role: Role = Role.OWNER
    delegation: GivenDelegation | None = None
    grants: dict[str, Role] = {}
    campaigns: list[GivenCampaign] = []
    members: list[GivenMember] = []
    invitations: dict[str, Role] = {}
    requests: list[GivenRequest] = []


class Verdict(Part):
    """Between two lines, somebody else decides what waits."""

    by: str
    decides: ApprovalVerdict
    reason: str | None = None
    conditions: dict[str, str] = {}

    def __str__(self) -> str:
        return f"({self.by} decides: {self.decides})"


class PlanExpected(Part):
    """Of the current version. `moved` is against the version before, and every other line keeps its amount."""

    versions: int
    total: Price
    channels: set[Channel] | None = None
    flighting: Flighting | None = None
    lines: dict[Channel, Cents] = {}
    at_least: dict[Channel, Cents] = {}
    at_most: dict[Channel, Cents] = {}
    moved: dict[Channel, Cents] | None = None
    kept: set[Channel] = set()
    locked: set[Channel] | None = None
    weeks: dict[date, Cents] = Field(default={}, description="By first day: what all lines together have in it.")
    idle_weeks: set[date] | None = Field(default=None, description="Weeks without money, all of them.")


class JobExpected(Part):
    campaign: str
    status: JobStatus
    channels: set[Channel]


class SessionExpected(Part):
    title: str | None = None
    active_agent: AgentName | None = None
    active_campaign: str | None = None


class Figures(Part):
    """Figures of a campaign's current plan, as the database has them, that the last answer must give."""

    campaign: str
    figures: list[Literal["total", "impressions", "clicks", "conversions"]]


Changes = dict[str, dict[str, Any] | None]


class AccessExpected(Part):
    """The fields that differ, by name; None: gone."""

    members: Changes = {}
    delegations: Changes = {}
    grants: Changes = {}
    invitations: Changes = {}
    approvals: Changes = {}
    denied: list[str] | None = Field(default=None, description="Codes of the refusals that the audit has of it.")


class Expected(Part):
    """What is not named here must be as it was. A campaign with None is gone (renamed)."""

    campaigns: dict[str, dict[str, Any] | None] = {}
    plans: dict[str, PlanExpected] = {}
    jobs: list[JobExpected] | None = None
    settings: dict[str, Any] = {}
    session: SessionExpected = SessionExpected()
    access: AccessExpected = AccessExpected()
    refused: list[str] = []
    tools: list[str] | None = Field(default=None, description="In order, without handoffs.")
    says: list[str] = []
    never_says: list[str] = []
    quotes: Figures | None = None


class Case(Part):
    name: str
    agent: AgentName
    about: str
    today: date | Literal["now"] = date(2026, 3, 2)
    given: Given = Given()
    turns: list[str | Verdict] = Field(min_length=1)
    expect: Expected


def load_cases() -> list[Case]:
    """Every case of evals/cases/*.yaml. Raises ValueError for a name that comes twice."""
    folder = files("evals") / "cases"
    texts = [file.read_text("utf-8") for file in sorted(folder.iterdir(), key=str) if file.name.endswith(".yaml")]
    cases = [Case.model_validate(one) for text in texts for one in yaml.safe_load(text)]
    names = [case.name for case in cases]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two cases are called {', '.join(sorted(twice))}")
    return cases


def chosen(cases: Sequence[Case], words: Sequence[str]) -> list[Case]:
    """Those with any of the words in their name; all without words."""
    return [case for case in cases if not words or any(word in case.name for word in words)]
