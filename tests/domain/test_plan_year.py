"""A year's optimum as a plan: exact to the cent, in season, around what is kept."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.campaigns import Campaign, Flight
from domain.channels import Channel
from domain.errors import InvalidInput
from domain.fees import Fee, FeeBasis, FeeKind
from domain.money import Money
from domain.planning.flighting.weeks import FlightPattern, weeks_of
from domain.planning.periods.cuts import PeriodLength, into_periods, into_weeks, periods_of
from domain.plans.bounds import LineBounds
from domain.plans.brief import PlanningBrief
from domain.plans.drafting import build_lines
from domain.plans.lines import LineSpec
from domain.plans.media_plans import MediaPlan
from domain.plans.versions import Draft, PlanVersion
from domain.plans.year import YearWishes, totals_of, year_draft, year_split
from tests.domain.plan_samples import ADA, NOW, campaign

SEARCH, SOCIAL, CTV, RADIO = Channel.SEARCH, Channel.SOCIAL, Channel.CTV, Channel.RADIO
YEAR = Flight(date(2027, 1, 1), date(2027, 12, 31))
WEEKS, MONTHS = PeriodLength.WEEKS, PeriodLength.MONTHS


def planned(of: Campaign, *specs: LineSpec) -> PlanVersion:
    each = Money(of.budget.minor // len(specs), of.budget.currency)
    draft = Draft(
        build_lines(PlanningBrief(of), [(spec, each) for spec in specs], FlightPattern()), FlightPattern(), "d"
    )
    return MediaPlan.start(of, draft, by=ADA, now=NOW)[0].current


def wishes(version: PlanVersion, length: PeriodLength, keep: tuple[str, ...] = (), **wanted: object) -> YearWishes:
    lines = tuple(LineBounds(one.spec, kept=one.budget if one.code in keep else None) for one in version.lines)
    return YearWishes(length, version.budget, lines, **wanted)  # type: ignore[arg-type]


@settings(max_examples=20, deadline=None)
@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)), st.integers(1, 420), st.integers(0, 6), st.data())
def test_periods_are_the_flight_and_no_cent_is_lost(start: date, days: int, weekday: int, data: st.DataObject) -> None:
    end = date.fromordinal(start.toordinal() + days)
    weeks = weeks_of(start, end, weekday)
    for length in PeriodLength:
        periods = periods_of(start, end, length, weekday)
        assert (periods[0].start, periods[-1].end) == (start, end)
        assert sum(period.days for period in periods) == days + 1
        amounts = data.draw(st.lists(st.integers(0, 10**9), min_size=len(periods), max_size=len(periods)))
        weekly = into_weeks(amounts, periods, weeks)
        assert sum(weekly) == sum(amounts)
        back = into_periods(weekly, weeks, periods)
        assert sum(back) == sum(amounts)
        if length is WEEKS:
            assert back == amounts


@pytest.mark.parametrize("length", [WEEKS, MONTHS])
def test_the_whole_budget_goes_where_the_season_is(length: PeriodLength) -> None:
    of = campaign(120_000_003, flight=YEAR)
    version, brief = planned(of, LineSpec("search", SEARCH), LineSpec("ctv", CTV)), PlanningBrief(of)
    season = {code: {12: 2.0, 7: 0.5} for code in ("search", "ctv")}
    wanted = wishes(version, length, season=season)
    split = year_split(brief, version, wanted)
    draft = year_draft(brief, version, wanted, split, "year")
    assert sum(line.budget.minor for line in draft.lines) == 120_000_003
    totals = totals_of(draft, brief, MONTHS)
    by_month = {period.start.month: sum(amounts.values()) for period, amounts in totals}
    assert by_month[7] < by_month[6] < by_month[12]
    level = year_split(brief, version, wishes(version, length))
    assert split.outcome > level.outcome * 0.9
    assert split.gap < 0.001


def test_what_is_kept_keeps_its_weeks_and_a_paused_month_has_nothing() -> None:
    of = campaign(90_000_000, flight=YEAR)
    version = planned(of, LineSpec("search", SEARCH), LineSpec("social", SOCIAL), LineSpec("ctv", CTV))
    brief = PlanningBrief(of)
    wanted = wishes(version, MONTHS, keep=("ctv",), paused={"search": frozenset({8})}, retention=0.5)
    draft = year_draft(brief, version, wanted, year_split(brief, version, wanted), "year")
    search, _, ctv = draft.lines
    assert ctv.weeks == version.lines[2].weeks
    assert sum(line.budget.minor for line in draft.lines) == 90_000_000
    august = [week for week in search.weeks if (week.starts.month, week.starts.day) in {(8, d) for d in range(2, 25)}]
    assert august
    assert not any(week.budget_minor for week in august)


def test_flat_fees_are_paid_out_of_the_budget() -> None:
    of = campaign(10_000_000, flight=YEAR)
    fee = Fee(FeeKind.PRODUCTION, FeeBasis.FLAT, Decimal(5000))
    version = planned(of, LineSpec("search", SEARCH, fees=(fee,)))
    wanted = wishes(version, MONTHS)
    split = year_split(PlanningBrief(of), version, wanted)
    assert sum(split.amounts["search"]) == 9_500_000
    [line] = year_draft(PlanningBrief(of), version, wanted, split, "year").lines
    assert line.budget == of.budget
    assert line.costs.fee_total.minor == 500_000


def test_without_a_free_line_there_is_nothing_to_optimise() -> None:
    of = campaign(10_000_000, flight=YEAR)
    version = planned(of, LineSpec("search", SEARCH))
    with pytest.raises(InvalidInput) as refused:
        year_split(PlanningBrief(of), version, wishes(version, MONTHS, keep=("search",)))
    assert refused.value.code == "nothing_to_optimise"
