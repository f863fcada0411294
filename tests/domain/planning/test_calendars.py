from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.planning.flighting.calendars import Calendar, Month, broadcast_weeks, by_month, month_of
from domain.planning.flighting.weeks import Flighting, Week, spread, weeks_of

calendars = st.sampled_from(Calendar)


def test_a_broadcast_month_ends_with_its_last_sunday() -> None:
    """The broadcast calendar of 2026: January begins on 29 December and has four weeks, March on 23 February."""
    months = {month: broadcast_weeks(Month(2026, month)) for month in range(1, 13)}
    assert months[1][0] == Week(date(2025, 12, 29), 7)
    assert months[1][-1].end == date(2026, 1, 25)
    assert (months[3][0].start, months[3][-1].end) == (date(2026, 2, 23), date(2026, 3, 29))
    assert [len(weeks) for weeks in months.values()] == [4, 4, 5, 4, 5, 4, 4, 5, 4, 4, 5, 4]


@given(st.dates())
def test_every_day_is_in_the_broadcast_month_of_its_weeks_sunday(day: date) -> None:
    month = month_of(day, Calendar.BROADCAST)
    if day < date(9999, 12, 27):
        assert any(week.start <= day <= week.end for week in broadcast_weeks(month))
    assert month in (month_of(day), month_of(min(day, date.max - timedelta(days=6)) + timedelta(days=6)))


@given(
    st.integers(0, 10**12),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.integers(1, 400),
    st.integers(0, 6),
    calendars,
)
def test_the_months_add_up_to_the_weeks(
    total: int, start: date, days: int, first_weekday: int, calendar: Calendar
) -> None:
    weeks = weeks_of(start, start + timedelta(days=days - 1), first_weekday)
    months = by_month(weeks, spread(total, weeks, Flighting.FRONT_LOADED), calendar)
    assert sum(months.values()) == total
    assert list(months) == sorted(months)


def test_a_week_over_two_months_is_split_by_days() -> None:
    """30 March 2026 is a Monday: two days of March, five of April."""
    weeks = weeks_of(date(2026, 3, 23), date(2026, 4, 5), 0)
    assert by_month(weeks, [7_00, 10_00]) == {Month(2026, 3): 9_86, Month(2026, 4): 7_14}
    assert by_month(weeks, [7_00, 10_00], Calendar.BROADCAST) == {Month(2026, 3): 7_00, Month(2026, 4): 10_00}
    assert [str(month) for month in by_month(weeks, [1, 1])] == ["2026-03", "2026-04"]


@pytest.mark.parametrize(("year", "month"), [(2026, 0), (2026, 13), (0, 1), (10_000, 1)])
def test_a_month_that_is_none_is_refused(year: int, month: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Month(year, month)
    assert refusal.value.code == "bad_month"
