"""Campaigns and plans of any size, for properties."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from domain.campaigns import Campaign, Flight
from domain.channels import Channel
from domain.ids import TenantId, UserId, new_id
from domain.money import Money
from domain.objectives import Objective
from domain.planning.flighting.weeks import Flighting, FlightPattern
from domain.plans.brief import PlanningBrief
from domain.plans.drafting import build_lines
from domain.plans.lines import LineSpec
from domain.plans.media_plans import Draft, MediaPlan

NOW = datetime(2027, 1, 5, tzinfo=UTC)
ADA = UserId(new_id())
PLANNABLE = [
    Channel.SEARCH,
    Channel.SOCIAL,
    Channel.DISPLAY,
    Channel.OLV,
    Channel.CTV,
    Channel.LINEAR_TV,
    Channel.PODCAST,
]
SPRING = Flight(date(2027, 3, 1), date(2027, 4, 30))


def campaign(minor: int = 10_000_000, currency: str = "USD", flight: Flight = SPRING) -> Campaign:
    made, _ = Campaign.create(
        TenantId(new_id()), "Spring", Objective.CONVERSIONS, Money(minor, currency), flight, by=ADA, now=NOW
    )
    return made


def drafted(
    of: Campaign, amounts: Mapping[Channel, int], flighting: Flighting = Flighting.EVEN, *locked: Channel
) -> Draft:
    pattern = FlightPattern(flighting)
    wanted = [
        (LineSpec(channel.value, channel, locked=channel in locked), Money(minor, of.budget.currency))
        for channel, minor in amounts.items()
    ]
    return Draft(build_lines(PlanningBrief(of), wanted, pattern), pattern, "drafted")


def started(of: Campaign, amounts: Mapping[Channel, int], *locked: Channel) -> MediaPlan:
    plan, _ = MediaPlan.start(of, drafted(of, amounts, Flighting.EVEN, *locked), by=ADA, now=NOW)
    return plan


@st.composite
def campaigns(draw: st.DrawFn) -> Campaign:
    start = draw(st.dates(date(2026, 1, 1), date(2030, 1, 1)))
    days = draw(st.integers(1, 400))
    currency = draw(st.sampled_from(["USD", "EUR", "JPY"]))
    return campaign(draw(st.integers(1, 10**11)), currency, Flight(start, start + timedelta(days=days)))


def amounts(most: int, *, channels: int = 1) -> st.SearchStrategy[dict[Channel, int]]:
    """Of some channels, together no more than `most`."""
    each = st.integers(0, most // len(PLANNABLE))
    return st.dictionaries(st.sampled_from(PLANNABLE), each, min_size=channels)
