from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.campaigns import Campaign
from domain.channels import Channel
from domain.errors import InvalidInput
from domain.flights import Flight
from domain.money import Money
from domain.planning.flighting.weeks import Flighting, FlightPattern
from domain.plans.bounds import Limits, LineBounds, bounds_of
from domain.plans.brief import LineEconomics, PlanningBrief
from domain.plans.drafting import flight_weeks, optimal_draft
from domain.plans.explanation import explained
from domain.plans.lines import LineSpec
from domain.plans.media_plans import MediaPlan
from domain.plans.splitting import split_budget
from tests.domain.plan_samples import ADA, NOW, PLANNABLE, campaign, campaigns, started

SEARCH, SOCIAL, CTV = Channel.SEARCH, Channel.SOCIAL, Channel.CTV
shapes = st.sampled_from([shape for shape in Flighting if shape is not Flighting.CUSTOM])


def spec(channel: Channel) -> LineSpec:
    return LineSpec(channel.value, channel)


def bound(
    channel: Channel, minimum: Money | None = None, maximum: Money | None = None, kept: Money | None = None
) -> LineBounds:
    return LineBounds(spec(channel), minimum, maximum, kept)


FREE = [bound(channel) for channel in PLANNABLE]


@settings(max_examples=40, deadline=None)
@given(campaigns(), st.lists(st.sampled_from(PLANNABLE), min_size=1, unique=True), shapes, st.data())
def test_an_optimal_draft_spends_the_budget_within_the_bounds(
    of: Campaign, channels: list[Channel], flighting: Flighting, data: st.DataObject
) -> None:
    budget, currency = of.budget, of.budget.currency
    share = budget.minor // len(channels)
    least = {channel: Money(data.draw(st.integers(0, share)), currency) for channel in channels}
    kept = data.draw(st.sampled_from([None, *channels[1:]]))
    bounds = [
        bound(channel, kept=least[channel]) if channel is kept else bound(channel, minimum=least[channel])
        for channel in channels
    ]
    draft = optimal_draft(PlanningBrief(of), bounds, budget, FlightPattern(flighting), "drafted")
    plan, _ = MediaPlan.start(of, draft, by=ADA, now=NOW)
    assert plan.current.total == budget
    assert [line.channel for line in plan.current.lines] == channels
    for line in plan.current.lines:
        assert sum(week.budget_minor for week in line.weeks) == line.budget.minor
        assert line.budget >= least[line.channel]
        assert line.locked is (line.channel is kept)
        assert not line.locked or line.budget == least[line.channel]


@given(campaigns(), st.integers(0, 10**11), shapes, st.integers(0, 6))
def test_weeks_add_up_and_cover_the_flight(of: Campaign, minor: int, flighting: Flighting, first: int) -> None:
    economics = LineEconomics(PlanningBrief(of, first_weekday=first), spec(SEARCH))
    weeks = flight_weeks(economics, Money(minor, of.budget.currency), FlightPattern(flighting))
    assert sum(week.budget_minor for week in weeks) == minor
    assert weeks[0].starts == of.flight.start
    assert {week.starts.weekday() for week in weeks[1:]} <= {first}
    assert 0 <= (of.flight.end - weeks[-1].starts).days < 7


def test_a_maximum_everywhere_leaves_the_rest_unspent_and_says_so() -> None:
    split = split_budget(
        PlanningBrief(campaign()), Limits((bound(SEARCH, maximum=Money(100, "USD")),)), campaign().budget
    )
    assert split.amounts == {"search": Money(100, "USD")}
    assert "99,999.00 USD stay unspent" in explained(split)


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ([], "no_lines"),
        ([bound(SEARCH), bound(SEARCH)], "duplicate_line"),
        ([bound(SEARCH, minimum=Money(1, "EUR"))], "currency_mismatch"),
        ([bound(SEARCH, kept=Money(10**9, "USD"))], "locked_exceeds_budget"),
        ([bound(SEARCH, minimum=Money(10**9, "USD"))], "minimums_exceed_budget"),
        ([bound(SEARCH, Money(2, "USD"), Money(1, "USD"))], "minimum_above_maximum"),
        ([bound(Channel.CINEMA)], "no_benchmark"),
    ],
)
def test_bounds_that_cannot_hold_are_refused(bounds: list[LineBounds], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        split_budget(PlanningBrief(campaign()), Limits(tuple(bounds)), campaign().budget)
    assert refused.value.code == code


def test_a_budget_in_another_currency_needs_a_rate() -> None:
    with pytest.raises(InvalidInput) as refused:
        split_budget(PlanningBrief(campaign()), Limits(tuple(FREE)), Money(1, "EUR"))
    assert refused.value.code == "currency_mismatch"


def test_what_was_kept_stays_kept_unless_the_wish_names_it() -> None:
    version = started(campaign(), {SEARCH: 10, SOCIAL: 20, CTV: 30}, SEARCH, SOCIAL).current
    wish = bound(SOCIAL, minimum=Money(5, "USD"))
    limits = [(one.spec.code, one.minimum, one.kept) for one in bounds_of(version, [wish], ["ctv"])]
    assert limits == [
        ("search", None, Money(10, "USD")),
        ("social", Money(5, "USD"), None),
        ("ctv", None, Money(30, "USD")),
    ]


def test_a_wish_for_a_channel_outside_the_plan_is_refused() -> None:
    version = started(campaign(), {SEARCH: 10}).current
    for wanted, keep in (([bound(CTV)], []), ([], ["ctv"])):
        with pytest.raises(InvalidInput, match="no line ctv"):
            bounds_of(version, wanted, keep)


def test_a_line_follows_the_plans_pattern_as_far_as_it_runs() -> None:
    """The plan pauses its last two weeks; a line that ends before them has nothing to pause."""
    of = campaign()
    last = of.flight.end
    paused = FlightPattern(blackout=(last, last - timedelta(days=7)))
    short = LineSpec("ctv", CTV, flight=Flight(of.flight.start, last - timedelta(days=21)))
    whole, part = (
        flight_weeks(LineEconomics(PlanningBrief(of), wanted), Money(10_000, "USD"), paused)
        for wanted in (spec(CTV), short)
    )
    assert [week.budget_minor for week in whole[-2:]] == [0, 0]
    assert all(week.budget_minor for week in part)


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [(date(2027, 2, 28), date(2027, 3, 9), "start"), (date(2027, 3, 1), date(2027, 5, 1), "end")],
)
def test_a_line_outside_its_campaign_is_refused(start: date, end: date, field: str) -> None:
    economics = LineEconomics(PlanningBrief(campaign()), LineSpec("ctv", CTV, flight=Flight(start, end)))
    with pytest.raises(InvalidInput) as refusal:
        flight_weeks(economics, Money(1, "USD"), FlightPattern())
    assert (refusal.value.code, refusal.value.field) == ("flight_outside_campaign", field)
