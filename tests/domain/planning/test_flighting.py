from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR
from domain.planning.flighting import FRONT_LOAD, LONGEST_FLIGHT_WEEKS, Flighting, Week, spread, weeks_of

MONDAY, SUNDAY = 0, 6

starts = st.dates(date(2000, 1, 1), date(2100, 1, 1))
lengths = st.integers(1, 400)
weekdays = st.integers(MONDAY, SUNDAY)


def test_partial_weeks_at_both_ends() -> None:
    """3 June 2026 is a Wednesday."""
    assert weeks_of(date(2026, 6, 3), date(2026, 6, 16), MONDAY) == [
        Week(date(2026, 6, 3), 5),
        Week(date(2026, 6, 8), 7),
        Week(date(2026, 6, 15), 2),
    ]
    assert [week.days for week in weeks_of(date(2026, 6, 3), date(2026, 6, 16), SUNDAY)] == [4, 7, 3]


def test_a_flight_of_one_day_is_one_week_of_one_day() -> None:
    day = date(2026, 6, 3)
    assert weeks_of(day, day, MONDAY) == [Week(day, 1)]
    assert weeks_of(day, day, MONDAY)[0].end == day


def test_a_flight_can_end_on_the_last_day_there_is() -> None:
    assert [week.days for week in weeks_of(date(9999, 12, 27), date.max, MONDAY)] == [5]


@given(starts, lengths, weekdays)
def test_the_weeks_are_the_flight_cut_at_the_first_weekday(start: date, days: int, first_weekday: int) -> None:
    end = start + timedelta(days=days - 1)
    weeks = weeks_of(start, end, first_weekday)
    assert (weeks[0].start, weeks[-1].end) == (start, end)
    assert sum(week.days for week in weeks) == days
    assert all(1 <= week.days <= 7 for week in weeks)
    for before, after in pairwise(weeks):
        assert after.start == before.end + timedelta(days=1)
        assert after.start.weekday() == first_weekday


def test_an_impossible_flight_is_refused() -> None:
    day = date(2026, 6, 3)
    for end, first_weekday, code in (
        (date(2026, 6, 2), MONDAY, "flight_end_before_start"),
        (day, 7, "bad_weekday"),
        (day, -1, "bad_weekday"),
        (day + timedelta(weeks=LONGEST_FLIGHT_WEEKS), MONDAY, "flight_too_long"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            weeks_of(day, end, first_weekday)
        assert refusal.value.code == code


@given(st.integers(0, LARGEST_MINOR), starts, lengths, st.sampled_from(Flighting))
def test_the_weeks_add_up_to_the_budget(total: int, start: date, days: int, pattern: Flighting) -> None:
    weeks = weeks_of(start, start + timedelta(days=days - 1), MONDAY)
    amounts = spread(total, weeks, pattern)
    assert len(amounts) == len(weeks)
    assert sum(amounts) == total
    assert min(amounts) >= 0


def test_even_is_in_proportion_to_the_days() -> None:
    weeks = weeks_of(date(2026, 6, 3), date(2026, 6, 16), MONDAY)
    assert spread(1400, weeks, Flighting.EVEN) == [500, 700, 200]
    assert spread(1401, weeks, Flighting.EVEN) == [500, 701, 200]


def test_front_loaded_falls_in_a_straight_line_to_a_third() -> None:
    weeks = weeks_of(date(2026, 6, 1), date(2026, 6, 28), MONDAY)
    assert spread(2400, weeks, Flighting.FRONT_LOADED) == [900, 700, 500, 300]
    assert FRONT_LOAD == 900 / 300


def test_front_loaded_weighs_partial_weeks_by_their_days() -> None:
    weeks = [Week(date(2026, 6, 7), 1), Week(date(2026, 6, 8), 7), Week(date(2026, 6, 15), 1)]
    assert spread(18_00, weeks, Flighting.FRONT_LOADED) == [3_00, 14_00, 1_00]


@given(st.integers(0, LARGEST_MINOR), st.integers(1, 60))
def test_front_loaded_never_rises_over_full_weeks(total: int, count: int) -> None:
    weeks = weeks_of(date(2026, 6, 1), date(2026, 6, 1) + timedelta(days=7 * count - 1), MONDAY)
    amounts = spread(total, weeks, Flighting.FRONT_LOADED)
    assert amounts == sorted(amounts, reverse=True)


def test_one_week_takes_it_all() -> None:
    week = [Week(date(2026, 6, 3), 2)]
    assert [spread(999, week, pattern) for pattern in Flighting] == [[999], [999]]


def test_a_spread_over_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        spread(100, [], Flighting.EVEN)
    assert refusal.value.code == "no_weeks"


@pytest.mark.parametrize("total", [-1, 1.0, float("nan"), float("inf"), True])
def test_a_budget_that_is_no_amount_is_refused(total: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        spread(total, [Week(date(2026, 6, 3), 2)], Flighting.EVEN)
    assert refusal.value.code == "bad_amount"
