"""A line of a media plan: where it runs, how it is bought, what it costs, when, and what it is expected to deliver."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.exchange import ForeignCost
from domain.fees import CostBreakdown, FeeSchedule
from domain.flights import Flight
from domain.ids import LineId, TenantId
from domain.money import Money
from domain.planning.flighting.weeks import FlightPattern
from domain.pricing import Pricing
from domain.text import clean_line

LONGEST_NOTE = 2000
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


@dataclass(frozen=True, slots=True)
class FlightWeek:
    starts: date
    budget_minor: int


@dataclass(frozen=True, slots=True)
class ExpectedDelivery:
    """What a line is expected to deliver over its flight; conversions are an expectation, to a hundredth."""

    impressions: int = 0
    clicks: int = 0
    conversions_hundredths: int = 0
    completed_views: int = 0

    @property
    def conversions(self) -> float:
        return self.conversions_hundredths / 100

    def __add__(self, other: "ExpectedDelivery") -> "ExpectedDelivery":
        return ExpectedDelivery(
            self.impressions + other.impressions,
            self.clicks + other.clicks,
            self.conversions_hundredths + other.conversions_hundredths,
            self.completed_views + other.completed_views,
        )


@dataclass(frozen=True, slots=True)
class Audience:
    """People in the line's target audience, and how many of them see it at least once. Never summed over lines."""

    universe: int
    reached: int


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a line runs, in the planner's words. What nobody said is None."""

    vehicle: str | None = None  # or partner: "YouTube", "Meta"
    format: str | None = None
    market: str | None = None
    audience: str | None = None
    name: str | None = None  # the planner's own; else the line is called by channel and vehicle
    notes: str | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            text = getattr(self, each.name)
            if text is not None:
                longest = LONGEST_NOTE if each.name == "notes" else 200
                object.__setattr__(self, each.name, clean_line(text, field=each.name, longest=longest))


@dataclass(frozen=True, slots=True)
class LineSpec:
    """What a line is to be, before its budget: everything of it that is wanted and nothing that is worked out.

    code        names the line in every version: "search", "social-2"
    pricing     None: as the channel is usually bought, at its benchmark's price
    flight      None: the campaign's
    flighting   None: the plan's
    extension   what an imported document says that has no place of its own here; it survives the round trip
    """

    code: str
    channel: Channel
    placement: Placement = Placement()
    pricing: Pricing | None = None
    fees: FeeSchedule = ()
    foreign: ForeignCost | None = None
    flight: Flight | None = None
    flighting: FlightPattern | None = None
    locked: bool = False
    extension: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise InvalidInput(
                f"{self.code!r} can't name a line: lower-case letters, digits, - and _ do.",
                code="bad_line_code",
                field="line",
            )

    @property
    def label(self) -> str:
        return label_of(self.channel, self.placement)

    def kept(self, locked: bool = True) -> "LineSpec":
        return replace(self, locked=locked)


@dataclass(eq=False)
class PlanLine:
    """A part of a version's budget, week by week. Belongs to one version and never changes.

    `budget` is what the line costs in the plan's currency on the campaign's budget basis; `costs` takes it apart.
    """

    tenant_id: TenantId
    id: LineId
    position: int
    code: str
    channel: Channel
    pricing: Pricing
    budget: Money
    costs: CostBreakdown
    weeks: tuple[FlightWeek, ...]
    delivery: ExpectedDelivery
    source: str  # where rates and curve come from
    audience: Audience | None = None
    placement: Placement = Placement()
    fees: FeeSchedule = ()
    foreign: ForeignCost | None = None
    flight: Flight | None = None
    flighting: FlightPattern | None = None
    locked: bool = False
    priced_by_hand: bool = False  # `pricing` was asked for, not taken from the benchmark
    extension: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.budget.minor < 0:
            raise InvalidInput(f"{self.label} can't cost less than nothing.", code="negative_line", field="budget")
        if sum(week.budget_minor for week in self.weeks) != self.budget.minor:
            raise InvalidInput(
                f"The weeks of {self.label} don't add up to {self.budget}.", code="weeks_do_not_add_up", field="weeks"
            )

    @property
    def label(self) -> str:
        return label_of(self.channel, self.placement)

    @property
    def spec(self) -> LineSpec:
        """What was wanted of this line: a new version's line is built from it."""
        return LineSpec(
            self.code,
            self.channel,
            self.placement,
            self.pricing if self.priced_by_hand else None,
            self.fees,
            self.foreign,
            self.flight,
            self.flighting,
            self.locked,
            self.extension,
        )


def label_of(channel: Channel, placement: Placement) -> str:
    """The planner's own name, else channel and vehicle: "Social (Meta)"."""
    if placement.name:
        return placement.name
    return f"{channel.label} ({placement.vehicle})" if placement.vehicle else channel.label


def code_for(channel: Channel, taken: Collection[str]) -> str:
    """The channel's own word, or with the next number that is free: "social", "social-2"."""
    number = 1
    while (code := channel.value if number == 1 else f"{channel.value}-{number}") in taken:
        number += 1
    return code
