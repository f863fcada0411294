"""Budgets over lines that are held singly, in groups, in percent, by minimum buys and by their own fees."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.channels import Channel, ChannelFamily
from domain.errors import InvalidInput
from domain.fees import Fee, FeeBasis, FeeKind
from domain.money import Money
from domain.plans.bounds import Limits, LineBounds, LineGroup, Room, bounds_of
from domain.plans.brief import PlanningBrief
from domain.plans.explanation import explained
from domain.plans.lines import LineSpec
from domain.plans.split import Split, outcome_of_plan
from domain.plans.splitting import split_budget
from tests.domain.plan_samples import campaign, started

SEARCH, SOCIAL, CTV, OLV, DISPLAY = Channel.SEARCH, Channel.SOCIAL, Channel.CTV, Channel.OLV, Channel.DISPLAY
MIX = [SEARCH, SOCIAL, CTV, OLV, DISPLAY]
BRIEF = PlanningBrief(campaign(100_000_00))
VIDEO = frozenset(channel.value for channel in MIX if channel in ChannelFamily.VIDEO.channels)
ANYTHING = Room()
SERVING = Fee(FeeKind.AD_SERVING, FeeBasis.FLAT, Decimal(5000))


def usd(major: int) -> Money:
    return Money.of(major, "USD")


def line(
    channel: Channel, minimum_buy: Money | None = None, room: Room = ANYTHING, fees: tuple[Fee, ...] = ()
) -> LineBounds:
    spec = LineSpec(channel.value, channel, fees=fees)
    return LineBounds(spec, room.least, room.most, None, minimum_buy, room.least_percent, room.most_percent)


def split(*lines: LineBounds, groups: tuple[LineGroup, ...] = (), budget: Money = BRIEF.campaign.budget) -> Split:
    return split_budget(BRIEF, Limits(lines, groups), budget)


def held(found: Split) -> dict[str, str]:
    return {bound.key: bound.held for bound in found.binding}


FREE = [line(channel) for channel in MIX]


def test_a_share_of_the_budget_holds_a_line_and_a_family() -> None:
    shares = [line(SEARCH, room=Room(most_percent=Decimal(45))), *FREE[1:]]
    video = LineGroup("Video", VIDEO, Room(most_percent=Decimal("12.5")))
    found = split(*shares, groups=(video,))
    assert found.amounts["search"] == usd(45_000)
    assert found.amounts["ctv"] + found.amounts["olv"] == usd(12_500)
    assert found.spent == usd(100_000)
    assert held(found) == {"search": "maximum", "Video": "group_maximum"}
    assert "Held: Search at its maximum, Video at its maximum together." in explained(found)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100), st.integers(0, 100), st.integers(1, 10**9))
def test_shares_hold_to_the_cent_whatever_the_budget(least: int, most: int, minor: int) -> None:
    budget = Money(minor, "USD")
    groups = (
        LineGroup("Video", VIDEO, Room(least_percent=Decimal(least))),
        LineGroup("Social", frozenset({"social"}), Room(most_percent=Decimal(most))),
    )
    found = split(*FREE, groups=groups, budget=budget)
    assert found.spent + found.unspent == budget
    assert 100 * (found.amounts["ctv"] + found.amounts["olv"]).minor >= least * minor
    assert 100 * found.amounts["social"].minor <= most * minor


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=5).filter(any), st.integers(1, 10**9), st.booleans())
def test_exact_shares_come_to_what_they_say_whatever_the_budget(sizes: list[int], minor: int, whole: bool) -> None:
    """33.3, 33.3 and 33.4 % are the budget, to the cent."""
    most = sum(sizes) if whole else 5000
    percents = [Decimal(size * 100 * 10**6 // most) / 10**6 for size in sizes]
    if whole:
        percents[-1] += 100 - sum(percents)
    budget = Money(minor, "USD")
    lines = [line(channel, room=Room(None, None, p, p)) for channel, p in zip(MIX, percents, strict=False)]
    found = split(*lines, *FREE[len(lines) :], budget=budget)
    for exact, percent in zip(lines, percents, strict=True):
        assert abs(100 * found.amounts[exact.spec.code].minor - percent * minor) < 100
    together = sum(found.amounts[exact.spec.code].minor for exact in lines)
    assert together == round(sum(map(Fraction, percents)) * minor / 100)
    assert found.spent + found.unspent == budget


def test_exact_shares_are_not_more_than_the_whole() -> None:
    with pytest.raises(InvalidInput, match=r"Search, Social come to 110 %") as refused:
        split(*(line(channel, room=Room(None, None, Decimal(55), Decimal(55))) for channel in (SEARCH, SOCIAL)))
    assert (refused.value.code, refused.value.field) == ("shares_over_100_percent", "minimums")


@pytest.mark.parametrize(("budget", "bought"), [(100_000, True), (20_000, False)])
def test_a_minimum_buy_is_nothing_or_enough(budget: int, bought: bool) -> None:
    found = split(line(SEARCH), line(SOCIAL, minimum_buy=usd(15_000)), budget=usd(budget))
    assert (found.amounts["social"] >= usd(15_000)) is bought
    assert found.amounts["social"] == Money.zero("USD") or bought
    assert held(found).get("social") == (None if bought else "minimum_buy")


def test_a_flat_fee_that_costs_more_than_the_line_brings_is_not_paid() -> None:
    found = split(line(SEARCH), line(DISPLAY, fees=(SERVING,)), budget=usd(6_000))
    assert (found.amounts["display"], found.amounts["search"]) == (Money.zero("USD"), usd(6_000))
    assert explained(found).endswith("Not bought, since its flat fees would cost more than it brings: Display.")


def test_a_maximum_below_the_flat_fee_buys_nothing() -> None:
    found = split(line(SEARCH), line(DISPLAY, room=Room(most=usd(100)), fees=(SERVING,)))
    assert found.amounts["display"] == Money.zero("USD")


def test_a_group_counts_fees_and_kept_lines_too() -> None:
    kept = replace(line(CTV), kept=usd(30_000))
    found = split(
        kept, line(OLV, fees=(SERVING,)), line(SEARCH), groups=(LineGroup("Video", VIDEO, Room(most=usd(40_000))),)
    )
    assert found.amounts["ctv"] == usd(30_000)
    assert found.amounts["olv"] <= usd(10_000)
    assert found.spent == usd(100_000)


@pytest.mark.parametrize(
    ("groups", "code", "named"),
    [
        ([("Video", VIDEO, Room(least=usd(200_000)))], "group_minimums_exceed_budget", "Video"),
        (
            [
                ("Video", VIDEO, Room(least_percent=Decimal(60))),
                ("Search", frozenset({"search"}), Room(least_percent=Decimal(50))),
            ],
            "group_minimums_exceed_budget",
            "Video, Search",
        ),
        ([("Video", VIDEO, Room(least=usd(10), most=usd(5)))], "group_minimum_above_maximum", "Video"),
    ],
)
def test_groups_that_cannot_hold_are_named(
    groups: list[tuple[str, frozenset[str], Room]], code: str, named: str
) -> None:
    with pytest.raises(InvalidInput, match=named) as refused:
        split(*FREE, groups=tuple(LineGroup(*each) for each in groups))
    assert (refused.value.code, refused.value.field) == (code, "groups")


@pytest.mark.parametrize(
    ("percent", "code"), [("101", "share_over_100_percent"), ("-1", "bad_share"), ("NaN", "bad_share")]
)
def test_a_share_is_of_a_whole(percent: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        Room(least_percent=Decimal(percent))
    assert (refused.value.code, refused.value.field) == (code, "minimum")


def test_no_line_moves_further_than_it_may() -> None:
    present = {SEARCH: 10_000_01, SOCIAL: 40_000_00, CTV: 0}
    version = started(BRIEF.campaign, present).current
    bounds = bounds_of(version, [], [], Decimal(30))
    assert [(b.minimum, b.maximum) for b in bounds] == [
        (Money(7_000_01, "USD"), Money(13_000_01, "USD")),
        (usd(28_000), usd(52_000)),
        (usd(0), usd(0)),
    ]
    found = split_budget(BRIEF, Limits(tuple(bounds)), usd(50_000))
    assert found.spent == usd(50_000)
    assert held(found)["search"] == "maximum"


def test_the_outcome_of_a_split_is_the_plans_own() -> None:
    found = split(*FREE)
    economics = BRIEF.economics([one.spec for one in FREE])
    assert outcome_of_plan(economics, found.amounts) == pytest.approx(found.outcome)
