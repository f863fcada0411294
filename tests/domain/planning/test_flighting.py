import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR
from domain.planning.flighting.pattern import Flighting, FlightPattern, Pulse
from domain.planning.flighting.weeks import (
    FRONT_LOAD,
    LONGEST_FLIGHT_WEEKS,
    Week,
    blacked_out,
    fitted,
    pinned,
    reopened,
    spread,
    weeks_of,
)

MONDAY, SUNDAY = 0, 6
JUNE = [Week(date(2026, 6, day), 7) for day in (1, 8, 15, 22)]
CUSTOM = FlightPattern(Flighting.CUSTOM, (Decimal(1),))

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


@st.composite
def flighted(draw: st.DrawFn) -> tuple[int, list[Week], FlightPattern]:
    """A budget, its weeks and a pattern that leaves at least the first week open."""
    start = draw(starts)
    weeks = weeks_of(start, start + timedelta(days=draw(lengths) - 1), draw(weekdays))
    total = draw(st.integers(0, LARGEST_MINOR))
    shape = draw(st.sampled_from(Flighting))
    weights = [Decimal(1), *(draw(st.decimals(0, 9, places=2)) for _ in weeks[1:])]
    pulse = Pulse(draw(st.integers(1, 4)), draw(st.integers(1, 4)), draw(st.sampled_from([Decimal(0), Decimal("0.3")])))
    fixed = draw(st.sets(st.sampled_from(weeks[1:]))) if weeks[1:] else set()
    at_amounts = [week for week in fixed if draw(st.booleans())]
    return (
        total,
        weeks,
        FlightPattern(
            shape,
            tuple(weights) if shape is Flighting.CUSTOM else (),
            pulse if shape is Flighting.PULSED else None,
            tuple((week.end, draw(st.integers(0, total // len(at_amounts)))) for week in at_amounts),
            tuple(week.start for week in fixed if week not in at_amounts),
        ),
    )


@given(flighted())
def test_the_weeks_add_up_to_the_budget(case: tuple[int, list[Week], FlightPattern]) -> None:
    total, weeks, pattern = case
    amounts = spread(total, weeks, pattern)
    by_end = {week.end: amount for week, amount in zip(weeks, amounts, strict=True)}
    by_start = {week.start: amount for week, amount in zip(weeks, amounts, strict=True)}
    assert len(amounts) == len(weeks)
    assert sum(amounts) == total
    assert min(amounts) >= 0
    assert all(by_end[day] == minor for day, minor in pattern.pinned)
    assert all(by_start[day] == 0 for day in pattern.blackout)


@given(flighted())
def test_a_pattern_survives_json(case: tuple[int, list[Week], FlightPattern]) -> None:
    assert FlightPattern.from_json(json.loads(json.dumps(case[2].to_json()))) == case[2]


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
    plain = [FlightPattern(shape) for shape in Flighting if shape is not Flighting.CUSTOM]
    assert [spread(999, week, pattern) for pattern in (*plain, CUSTOM)] == [[999]] * 5


def test_back_loaded_is_front_loaded_from_the_other_end() -> None:
    assert spread(2400, JUNE, Flighting.BACK_LOADED) == [300, 500, 700, 900]


def test_pulses_begin_with_the_flight() -> None:
    assert spread(4_00, JUNE, Flighting.PULSED) == [2_00, 2_00, 0, 0]
    assert spread(2_50, JUNE, FlightPattern(Flighting.PULSED, pulse=Pulse(1, 1, Decimal("0.25")))) == [100, 25, 100, 25]
    assert spread(300, JUNE, FlightPattern(Flighting.PULSED, pulse=Pulse(1, 2))) == [150, 0, 0, 150]


def test_a_custom_weight_is_its_weeks_share_whole_or_not() -> None:
    weeks = weeks_of(date(2026, 6, 3), date(2026, 6, 16), MONDAY)
    weights = (Decimal(40), Decimal("35.5"), Decimal("24.5"))
    assert spread(1000, weeks, FlightPattern(Flighting.CUSTOM, weights)) == [400, 355, 245]


def test_the_rest_goes_around_pinned_and_blackout_weeks() -> None:
    """Any day names its week; the shape goes on as if nothing had been fixed."""
    pattern = FlightPattern(pinned=((date(2026, 6, 10), 1_000),), blackout=days(28, 27))
    assert spread(2_401, JUNE, pattern) == [701, 1_000, 700, 0]
    front = replace(pattern, shape=Flighting.FRONT_LOADED)
    assert spread(2_400, JUNE, front) == [900, 1_000, 500, 0]
    assert pattern.pinned_total == 1_000
    assert spread(0, JUNE, FlightPattern(blackout=(date(2026, 6, 1),))) == [0, 0, 0, 0]


def test_a_day_outside_the_flight_names_its_partial_week() -> None:
    """3 and 16 June 2026 are in weeks that began on the 1st and end on the 21st."""
    weeks = weeks_of(date(2026, 6, 3), date(2026, 6, 16), MONDAY)
    assert spread(700, weeks, FlightPattern(blackout=days(1, 21))) == [0, 700, 0]
    assert spread(700, [Week(date(2026, 6, 3), 5)], FlightPattern(pinned=((date(2026, 6, 1), 700),))) == [700]


def test_a_pattern_keeps_what_lies_in_its_new_flight() -> None:
    pattern = FlightPattern(pinned=((date(2026, 6, 10), 1_000),), blackout=(date(2026, 6, 28),))
    assert fitted(pattern, JUNE) == pattern
    assert fitted(pattern, weeks_of(date(2026, 6, 11), date(2026, 6, 21), MONDAY)) == replace(pattern, blackout=())
    assert fitted(pattern, weeks_of(date(2026, 6, 15), date(2026, 6, 23), MONDAY)) == replace(pattern, pinned=())


def test_the_last_word_on_a_week_counts() -> None:
    paused = blacked_out(FlightPattern(pinned=((date(2026, 6, 10), 1_000),)), JUNE, days(8, 22))
    assert paused == FlightPattern(blackout=days(8, 22))
    assert pinned(paused, JUNE, {date(2026, 6, 14): 9}) == FlightPattern(
        pinned=((date(2026, 6, 14), 9),), blackout=days(22)
    )
    assert reopened(paused, JUNE, days(28)) == FlightPattern(blackout=days(8))


def test_another_shape_leaves_fixed_weeks_as_they_are() -> None:
    pulsed = FlightPattern(Flighting.PULSED, pulse=Pulse(1, 1), pinned=((date(2026, 6, 10), 1_000),))
    assert pulsed.shaped(Flighting.EVEN) == FlightPattern(pinned=pulsed.pinned)
    assert pulsed.shaped(Flighting.CUSTOM, CUSTOM.weights).weights == CUSTOM.weights


def days(*of_june: int) -> tuple[date, ...]:
    return tuple(date(2026, 6, day) for day in of_june)


@pytest.mark.parametrize(
    ("refused", "code", "field"),
    [
        (lambda: spread(9, JUNE, FlightPattern(blackout=days(1, 8, 15, 22))), "all_weeks_blacked_out", "blackout"),
        (lambda: spread(9, JUNE, FlightPattern(pinned=((days(1)[0], 10),))), "pinned_exceed_budget", "pinned"),
        (lambda: spread(9, JUNE, FlightPattern(pinned=tuple((d, 1) for d in days(1, 8, 15, 22)))), "no_open_week", ""),
        (lambda: spread(9, JUNE, FlightPattern(Flighting.PULSED, blackout=days(1, 8))), "no_open_week", ""),
        (lambda: spread(9, JUNE, FlightPattern(blackout=(date(2026, 5, 31),))), "week_outside_flight", "blackout"),
        (lambda: spread(9, JUNE, FlightPattern(pinned=((date(2026, 6, 29), 1),))), "week_outside_flight", "pinned"),
        (
            lambda: spread(9, JUNE, FlightPattern(pinned=tuple((d, 1) for d in days(1, 7)))),
            "week_pinned_twice",
            "pinned",
        ),
        (
            lambda: spread(9, JUNE, FlightPattern(pinned=((days(1)[0], 1),), blackout=days(7))),
            "week_pinned_and_blacked_out",
            "pinned",
        ),
        (lambda: pinned(FlightPattern(), JUNE, {date(2026, 5, 31): 1}), "week_outside_flight", "pinned"),
        (lambda: blacked_out(FlightPattern(), JUNE, [date(2026, 6, 29)]), "week_outside_flight", "blackout"),
        (lambda: spread(9, JUNE, CUSTOM), "weights_do_not_match", "weights"),
        (lambda: spread(9, JUNE, Flighting.CUSTOM), "weights_required", "weights"),
        (lambda: FlightPattern(weights=(Decimal(1),)), "weights_not_custom", "weights"),
        (lambda: FlightPattern(Flighting.CUSTOM, (Decimal(0),)), "bad_weights", "weights"),
        (lambda: FlightPattern(Flighting.CUSTOM, (Decimal(-1),)), "bad_rate", "weights"),
        (lambda: FlightPattern(Flighting.CUSTOM, (Decimal("NaN"),)), "bad_rate", "weights"),
        (lambda: FlightPattern(Flighting.CUSTOM, (Decimal(1),) * 522), "too_many_weeks", "weights"),
        (lambda: FlightPattern(pulse=Pulse()), "pulse_not_pulsed", "pulse"),
        (lambda: Pulse(on=0), "bad_pulse", "pulse"),
        (lambda: Pulse(low=Decimal("1.1")), "bad_pulse", "low"),
        (lambda: FlightPattern(pinned=((days(1)[0], -1),)), "bad_amount", "pinned"),
        (lambda: Week(days(1)[0], 0), "week_without_days", "weeks"),
        (lambda: Week(days(1)[0], 8), "week_without_days", "weeks"),
        (lambda: FlightPattern.from_json({"shape": "zigzag"}), "bad_flighting", "shape"),
        (lambda: FlightPattern.from_json({"weights": ["NaN"], "shape": "custom"}), "bad_flighting", "weights.0"),
        (lambda: FlightPattern.from_json({"pinned": [["2026-06-01", -1]]}), "bad_amount", "pinned"),
        (lambda: FlightPattern.from_json([]), "bad_flighting", "flighting"),
    ],
)
def test_a_flighting_that_cannot_be_is_refused(refused: Callable[[], object], code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        refused()
    assert (refusal.value.code, refusal.value.field) == (code, field or "flighting")


def test_a_spread_over_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        spread(100, [], Flighting.EVEN)
    assert refusal.value.code == "no_weeks"


@pytest.mark.parametrize("total", [-1, 1.0, float("nan"), float("inf"), True])
def test_a_budget_that_is_no_amount_is_refused(total: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        spread(total, [Week(date(2026, 6, 3), 2)], Flighting.EVEN)
    assert refusal.value.code == "bad_amount"
