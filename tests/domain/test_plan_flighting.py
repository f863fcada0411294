"""When the money runs, changed as asked: the weeks move, the lines keep their amounts."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.flights import Flight
from domain.money import Money
from domain.planning.flighting.pattern import Pulse
from domain.planning.flighting.weeks import Flighting, FlightPattern, weeks_of
from domain.plans.brief import PlanningBrief
from domain.plans.drafting import build_lines
from domain.plans.flighting import Days, FlightWish, weeks_meant
from domain.plans.lines import LineSpec
from domain.plans.media_plans import Draft, MediaPlan, PlanVersion
from domain.plans.revision import LineChange, revised_draft
from tests.domain.plan_samples import ADA, NOW, campaign

SEARCH, SOCIAL, CTV = Channel.SEARCH, Channel.SOCIAL, Channel.CTV
OF = campaign()  # 1 March 2027, a Monday, to 30 April
BRIEF = PlanningBrief(OF)
MARCH = Flight(date(2027, 3, 1), date(2027, 3, 31))
LAST_OF_APRIL = Days(date(2027, 4, 24), date(2027, 4, 30))


def usd(major: int) -> Money:
    return Money.of(major, "USD")


def version(ctv: Flight | None = None) -> PlanVersion:
    pattern = FlightPattern()
    wanted = [
        (LineSpec("search", SEARCH), usd(40_000)),
        (LineSpec("social", SOCIAL), usd(20_000)),
        (LineSpec("ctv", CTV, flight=ctv), usd(30_000)),
    ]
    draft = Draft(build_lines(BRIEF, wanted, pattern), pattern, "drafted")
    return MediaPlan.start(OF, draft, by=ADA, now=NOW)[0].current


def weeks(draft: Draft, code: str) -> dict[date, int]:
    line = next(line for line in draft.lines if line.code == code)
    return {week.starts: week.budget_minor for week in line.weeks}


def revised(*wishes: FlightWish, of: PlanVersion | None = None) -> Draft:
    before = of or version()
    draft = revised_draft(BRIEF, before, [], wishes)
    assert [(line.code, line.budget) for line in draft.lines] == [(line.code, line.budget) for line in before.lines]
    return draft


def test_the_last_week_of_april_is_closed_for_every_line() -> None:
    draft = revised(FlightWish(pause=(LAST_OF_APRIL,)))
    assert all(weeks(draft, code)[date(2027, 4, 26)] == 0 for code in ("search", "social", "ctv"))
    assert min(minor for day, minor in weeks(draft, "ctv").items() if day < date(2027, 4, 26)) > 0
    assert (draft.reason, draft.flighting.blackout) == ("nothing in the week of 26 April", (date(2027, 4, 26),))
    opened = FlightWish(resume=(LAST_OF_APRIL,))
    again = revised_draft(BRIEF, _saved(draft), [], [opened])
    assert (again.flighting, weeks(again, "ctv")) == (FlightPattern(), weeks(revised_like(), "ctv"))


def revised_like() -> Draft:
    before = version()
    return Draft(tuple(before.lines), before.flighting, "")


def _saved(draft: Draft) -> PlanVersion:
    return MediaPlan.start(OF, draft, by=ADA, now=NOW)[0].current


def test_one_line_alone_is_closed() -> None:
    draft = revised(FlightWish(channels=(CTV,), pause=(LAST_OF_APRIL,)))
    assert weeks(draft, "ctv")[date(2027, 4, 26)] == 0 < weeks(draft, "search")[date(2027, 4, 26)]
    assert (draft.reason, draft.flighting) == ("CTV nothing in the week of 26 April", FlightPattern())


@pytest.mark.parametrize("shape", [Flighting.FRONT_LOADED, Flighting.BACK_LOADED])
def test_a_shape_keeps_closed_and_fixed_weeks(shape: Flighting) -> None:
    pinned = FlightWish(pins=((date(2027, 3, 3), usd(9_000)),))
    draft = revised(FlightWish(pause=(LAST_OF_APRIL,)), pinned, FlightWish(shape=shape))
    assert [weeks(draft, code)[date(2027, 3, 1)] for code in ("search", "social", "ctv")] == [
        4_000_00,
        2_000_00,
        3_000_00,
    ]
    assert weeks(draft, "search")[date(2027, 4, 26)] == 0
    open_weeks = list(weeks(draft, "search").values())[1:-1]
    assert open_weeks == sorted(open_weeks, reverse=shape is Flighting.FRONT_LOADED)


def test_a_pulse_and_weights_are_shapes() -> None:
    pulsed = revised(FlightWish(pulse=Pulse(2, 1)))
    assert [minor > 0 for minor in weeks(pulsed, "search").values()] == [True, True, False] * 3
    weights = tuple(Decimal(n) for n in range(9))
    custom = revised(FlightWish(codes=("social",), weights=weights))
    assert weeks(custom, "social")[date(2027, 3, 1)] == 0
    assert custom.lines[0].flighting is None


def test_an_amount_for_a_week_is_divided_by_the_lines_that_run() -> None:
    draft = revised(FlightWish(pins=((date(2027, 4, 7), usd(9_000)),)), of=version(ctv=MARCH))
    in_week = [weeks(draft, code).get(date(2027, 4, 5), 0) for code in ("search", "social", "ctv")]
    assert in_week == [6_000_00, 3_000_00, 0]
    assert draft.reason == "9,000.00 USD in the week of 5 April"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.builds(lambda shape: FlightWish(shape=shape), st.sampled_from(list(Flighting)[:3])),
            st.builds(lambda on, off: FlightWish(pulse=Pulse(on, off)), st.integers(1, 3), st.integers(1, 3)),
            st.builds(
                lambda start, long, of: FlightWish(
                    of, pause=(Days(start, min(date.fromordinal(start.toordinal() + long), date(2027, 4, 30))),)
                ),
                st.dates(date(2027, 3, 1), date(2027, 4, 30)),
                st.integers(0, 20),
                st.sampled_from([(), (CTV,), (SEARCH, SOCIAL)]),
            ),
            st.builds(
                lambda day, amount: FlightWish(pins=((day, Money(amount, "USD")),)),
                st.dates(date(2027, 3, 1), date(2027, 3, 31)),
                st.integers(0, 500_000),
            ),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_is_wished_the_weeks_add_up_or_it_is_refused(wishes: list[FlightWish]) -> None:
    try:
        draft = revised(*wishes, of=version(ctv=MARCH))
    except InvalidInput:
        return
    for line in draft.lines:
        assert sum(week.budget_minor for week in line.weeks) == line.budget.minor
        assert all(week.budget_minor >= 0 for week in line.weeks)


@pytest.mark.parametrize(
    ("days", "meant"),
    [
        (LAST_OF_APRIL, [date(2027, 4, 26)]),
        (Days(date(2027, 3, 10), date(2027, 3, 10)), [date(2027, 3, 8)]),
        (Days(date(2027, 3, 11), date(2027, 3, 18)), [date(2027, 3, 8), date(2027, 3, 15)]),
        (Days(date(2027, 5, 3), date(2027, 5, 9)), []),
    ],
)
def test_the_weeks_that_days_mean(days: Days, meant: list[date]) -> None:
    assert weeks_meant(days, weeks_of(OF.flight.start, OF.flight.end, 0)) == meant


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (FlightWish(channels=(Channel.RADIO,), shape=Flighting.EVEN), "channel_not_in_plan"),
        (FlightWish(codes=("radio",), shape=Flighting.EVEN), "line_not_in_plan"),
        (FlightWish(pause=(Days(date(2028, 1, 1), date(2028, 1, 7)),)), "week_outside_flight"),
        (FlightWish(pins=((date(2028, 1, 1), usd(1)),)), "week_outside_flight"),
        (FlightWish(pins=((date(2027, 3, 1), usd(90_001)),)), "pinned_exceed_budget"),
        (FlightWish(pause=(Days(OF.flight.start, OF.flight.end),)), "all_weeks_blacked_out"),
        (FlightWish(weights=(Decimal(1), Decimal(2))), "weights_do_not_match"),
        (FlightWish(shape=Flighting.EVEN), "nothing_to_change"),
    ],
)
def test_what_the_weeks_cannot_be_is_refused(wish: FlightWish, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        revised(wish)
    assert refused.value.code == code


def test_days_do_not_end_before_they_start() -> None:
    with pytest.raises(InvalidInput) as refused:
        Days(date(2027, 3, 2), date(2027, 3, 1))
    assert refused.value.code == "flight_end_before_start"


def test_a_part_of_a_line_moves_to_another() -> None:
    tenth = LineChange(CTV, "move", percent=Decimal(10), to_channel=SEARCH)
    draft = revised_draft(BRIEF, version(), [tenth])
    assert [line.budget for line in draft.lines] == [usd(43_000), usd(20_000), usd(27_000)]
    assert draft.reason == "3,000.00 USD moved from CTV to Search"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (LineChange(CTV, "move", usd(30_001), to_channel=SEARCH), "line_below_zero"),
        (LineChange(CTV, "move", usd(1), to_channel=CTV), "nothing_to_change"),
        (LineChange(CTV, "move", usd(1), to_channel=Channel.RADIO), "channel_not_in_plan"),
        (LineChange(CTV, "move", usd(1)), "line_required"),
        (LineChange(CTV, "move", to_channel=SEARCH), "amount_required"),
    ],
)
def test_a_move_that_cannot_be_is_refused(change: LineChange, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        revised_draft(BRIEF, version(), [change])
    assert refused.value.code == code
