"""What more money buys, and how many people a plan reaches."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.money import Money
from domain.planning.flighting.weeks import FlightPattern
from domain.plans.brief import PlanningBrief
from domain.plans.drafting import build_lines
from domain.plans.lines import LineSpec, Placement, PlanLine
from domain.plans.media_plans import PlanVersion
from domain.plans.questions import returns_of, with_more
from domain.plans.reach import best_weight, people_reached, reach_of, with_cap
from domain.plans.split import outcome_of_plan
from tests.domain.plan_samples import campaign, started

SEARCH, SOCIAL, CTV, OTHER = Channel.SEARCH, Channel.SOCIAL, Channel.CTV, Channel.OTHER
BRIEF = PlanningBrief(campaign(100_000_00))


def usd(major: int) -> Money:
    return Money.of(major, "USD")


def version(*locked: Channel) -> PlanVersion:
    return started(BRIEF.campaign, {SEARCH: 30_000_00, SOCIAL: 40_000_00, CTV: 20_000_00}, *locked).current


def placed(*lines: tuple[str, Channel, Placement, int]) -> tuple[PlanLine, ...]:
    wanted = [(LineSpec(code, channel, placement), usd(major)) for code, channel, placement, major in lines]
    return build_lines(BRIEF, wanted, FlightPattern())


@settings(max_examples=25, deadline=None)
@given(st.integers(-89_999_99, 500_000_00))
def test_more_money_moves_no_line_down_and_less_none_up(minor: int) -> None:
    now = version()
    split = with_more(BRIEF, now, Money(minor, "USD"))
    present = {line.code: line.budget for line in now.lines}
    assert split.spent == now.total + Money(minor, "USD")
    assert all((split.amounts[code] - before).minor * minor >= 0 for code, before in present.items())
    outcome = outcome_of_plan(BRIEF.economics([line.spec for line in now.lines]), present)
    assert (split.outcome - outcome) * minor >= 0


def test_kept_lines_get_nothing_of_more() -> None:
    split = with_more(BRIEF, version(SEARCH), usd(10_000))
    assert split.amounts["search"] == usd(30_000)
    everything = with_more(BRIEF, version(SEARCH, SOCIAL, CTV), usd(10_000))
    assert (everything.unspent, bool(everything.unspent_reason)) == (usd(10_000), True)


def test_a_plan_cannot_give_more_than_it_has() -> None:
    with pytest.raises(InvalidInput) as refused:
        with_more(BRIEF, version(), -usd(90_000))
    assert refused.value.code == "nothing_left"


def test_the_line_worth_more_money_is_the_one_that_would_get_it() -> None:
    now = version()
    first, *others = returns_of(BRIEF, now)
    assert all(first.next_outcome >= other.next_outcome for other in others)
    split = with_more(BRIEF, now, Money(1, "USD"))
    assert split.amounts[first.line.code] == first.line.budget + Money(1, "USD")


def test_people_are_counted_once_across_channels() -> None:
    lines = version().lines
    found = reach_of(lines)
    universe, reached = people_reached(lines) or (0, 0)
    each = [line.audience.reached for line in lines if line.audience]
    assert universe == 500_000
    assert found.total.reach == pytest.approx(reached, abs=2)
    assert max(each) < reached < sum(each)
    assert found.total.grp == pytest.approx(100 * sum(line.delivery.impressions for line in lines) / universe)
    assert found.total.grp == pytest.approx(100 * found.total.reach_share * (found.total.average_frequency or 0))
    for line in lines:
        assert found.lines[line.code].reach == pytest.approx(line.audience.reached if line.audience else 0, rel=1e-6)


def test_more_overlap_means_fewer_people() -> None:
    apart, chance, close = (reach_of(version().lines, factor).total for factor in (0, 1, 2))
    assert apart.reach > chance.reach > close.reach
    assert apart.impressions == pytest.approx(close.impressions)


def test_lines_of_one_audience_share_its_people_and_markets_have_their_own() -> None:
    meta, tiktok = Placement(vehicle="Meta"), Placement(vehicle="TikTok")
    one = placed(("social", SOCIAL, meta, 40_000))
    two = placed(("social", SOCIAL, meta, 20_000), ("social-2", SOCIAL, tiktok, 20_000))
    assert people_reached(two) == pytest.approx(people_reached(one), abs=2)
    germany, france = Placement(market="Germany"), Placement(market="France")
    markets = placed(("social", SOCIAL, germany, 20_000), ("social-2", SOCIAL, france, 20_000))
    found = reach_of(markets)
    assert found.total.universe == 1_000_000
    assert found.total.reach == pytest.approx(sum(line.audience.reached for line in markets if line.audience), abs=2)


def test_a_line_without_audience_is_left_out_by_name() -> None:
    (search,) = placed(("search", SEARCH, Placement(), 1_000))
    event = replace(search, code="event", channel=OTHER, audience=None)
    found = reach_of([search, event])
    assert (list(found.lines), found.unmeasured) == (["search"], ("Other",))
    assert people_reached([event]) is None
    with pytest.raises(InvalidInput) as refused:
        reach_of([event])
    assert refused.value.code == "no_audience"


@pytest.mark.parametrize("minor", [0, 1, 3, 1000, 10**9])
def test_a_line_of_any_size_has_a_distribution(minor: int) -> None:
    (line,) = build_lines(BRIEF, [(LineSpec("ctv", CTV), Money(minor, "USD"))], FlightPattern())
    found = reach_of([line]).total
    assert found.reach == pytest.approx(line.audience.reached if line.audience else 0, abs=1)
    assert found.impressions == line.delivery.impressions


def test_frequency_has_a_best_and_a_cap() -> None:
    ctv = version().line("ctv")
    best = best_weight(ctv, 3)
    assert best.average_frequency > 1
    capped = with_cap(ctv, 1)
    assert capped.reach_reinvested > capped.reach_before
    assert 0 < capped.wasted_share < 1
