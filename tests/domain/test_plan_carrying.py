"""Lines carried into another version: as they are, in proportion, along with moved dates. Nothing is ever lost."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.campaigns import BudgetBasis, Campaign, Flight
from domain.channels import Channel
from domain.errors import Conflict, InvalidInput
from domain.fees import Fee, FeeBasis, FeeKind
from domain.money import Money
from domain.planning.flighting.weeks import Flighting, FlightPattern
from domain.plans.brief import PlanningBrief
from domain.plans.carrying import as_it_was, copied, scaled
from domain.plans.drafting import build_lines
from domain.plans.lines import LineSpec
from domain.plans.media_plans import MediaPlan
from domain.plans.versions import Draft, PlanVersion
from tests.domain.plan_samples import ADA, NOW, SPRING, amounts, campaign, started

SEARCH, SOCIAL, CTV = Channel.SEARCH, Channel.SOCIAL, Channel.CTV


def moved_to(of: Campaign, minor: int | None = None, flight: Flight | None = None) -> PlanningBrief:
    of.change(today=NOW.date(), budget=Money(minor, of.budget.currency) if minor else None, flight=flight)
    return PlanningBrief(of)


def made_of(of: Campaign, *wanted: tuple[LineSpec, int], flighting: FlightPattern = FlightPattern()) -> PlanVersion:  # noqa: B008  frozen
    money = [(spec, Money(minor, of.budget.currency)) for spec, minor in wanted]
    draft = Draft(build_lines(PlanningBrief(of), money, flighting), flighting, "drafted")
    return MediaPlan.start(of, draft, by=ADA, now=NOW)[0].current


@settings(max_examples=60, deadline=None)
@given(amounts(10_000_000), st.integers(1, 10**9))
def test_scaling_is_exact_and_keeps_the_share_of_the_budget(wanted: dict[Channel, int], budget: int) -> None:
    of = campaign(10_000_000)
    version = started(of, wanted).current
    if not version.total.minor:
        return
    draft = scaled(moved_to(of, budget), version, "scaled")
    total = sum(line.budget.minor for line in draft.lines)
    assert total == of.budget.times(Fraction(version.total.minor, 10_000_000)).minor
    assert all(sum(week.budget_minor for week in line.weeks) == line.budget.minor for line in draft.lines)
    for before, after in zip(version.lines, draft.lines, strict=True):
        assert abs(after.budget.minor - Fraction(before.budget.minor * total, version.total.minor)) < 1


def test_locked_lines_stay_where_the_others_are_scaled() -> None:
    of = campaign(1000)
    version = started(of, {SEARCH: 400, SOCIAL: 300, CTV: 300}, CTV).current
    draft = scaled(moved_to(of, 1300), version, "scaled")
    assert [line.budget.minor for line in draft.lines] == [571, 429, 300]
    assert draft.lines[2].locked


@pytest.mark.parametrize(
    ("locked", "budget", "error", "code"),
    [((SEARCH,), 500, InvalidInput, "locked_exceeds_budget"), ((SEARCH, SOCIAL), 2000, Conflict, "nothing_to_scale")],
)
def test_what_can_not_be_scaled_is_refused(
    locked: tuple[Channel, ...], budget: int, error: type[InvalidInput | Conflict], code: str
) -> None:
    of = campaign(1000)
    version = started(of, {SEARCH: 600, SOCIAL: 400}, *locked).current
    with pytest.raises(error) as refused:
        scaled(moved_to(of, budget), version, "scaled")
    assert refused.value.code == code


def test_the_same_lines_again_have_every_week_they_had() -> None:
    of = campaign(1000)
    version = started(of, {SEARCH: 400, SOCIAL: 300}).current
    again = as_it_was(moved_to(of, 900, Flight(date(2027, 2, 1), SPRING.end)).campaign, version, "undone")
    assert [(line.code, line.budget, line.weeks) for line in again.lines] == [
        (line.code, line.budget, line.weeks) for line in version.lines
    ]
    assert {line.flight for line in again.lines} == {SPRING}, "so that a later change leaves them there"
    assert not {line.id for line in again.lines} & {line.id for line in version.lines}


@pytest.mark.parametrize(
    ("budget", "flight", "code"),
    [(600, None, "over_budget"), (None, Flight(date(2027, 3, 8), SPRING.end), "flight_outside_campaign")],
)
def test_lines_that_do_not_fit_any_more_are_refused_with_what_to_do(
    budget: int | None, flight: Flight | None, code: str
) -> None:
    of = campaign(1000)
    version = started(of, {SEARCH: 400, SOCIAL: 300}).current
    with pytest.raises(InvalidInput) as refused:
        as_it_was(moved_to(of, budget, flight).campaign, version, "undone")
    assert refused.value.code == code
    assert "scale or optimise" in refused.value.message


def test_on_another_basis_a_line_costs_what_it_did() -> None:
    of = campaign(1_000_000)
    fee = Fee(FeeKind.AD_SERVING, FeeBasis.PERCENT_OF_NET_MEDIA, Decimal(10))
    version = made_of(of, (LineSpec("search", SEARCH, fees=(fee,)), 110_001))
    of.change(today=NOW.date(), budget_basis=BudgetBasis.NET_MEDIA)
    [line] = as_it_was(of, version, "kept").lines
    assert line.budget == version.lines[0].costs.net_media == line.costs.net_media
    assert line.costs == version.lines[0].costs
    assert sum(week.budget_minor for week in line.weeks) == line.budget.minor


def test_a_copy_takes_its_dates_and_fixed_weeks_along() -> None:
    of = campaign(100_000)
    pinned = FlightPattern(pinned=((date(2027, 3, 8), 7000),), blackout=(date(2027, 3, 22),))
    own = LineSpec("social", SOCIAL, flight=Flight(date(2027, 3, 15), date(2027, 4, 4)), locked=True)
    version = made_of(of, (LineSpec("search", SEARCH, flighting=pinned), 60_000), (own, 40_000))
    autumn = campaign(100_000, flight=Flight(date(2027, 9, 6), date(2027, 11, 5)))  # a Monday too
    draft = copied(PlanningBrief(autumn), version, "copied", scale=False)
    assert [(line.budget, line.locked) for line in draft.lines] == [
        (line.budget, line.locked) for line in version.lines
    ]
    weeks = {week.starts: week.budget_minor for week in draft.lines[0].weeks}
    assert (weeks[date(2027, 9, 13)], weeks[date(2027, 9, 27)]) == (7000, 0)
    assert draft.lines[1].flight == Flight(date(2027, 9, 20), date(2027, 10, 10))


def test_a_copy_into_a_shorter_flight_keeps_what_has_a_week_there() -> None:
    of = campaign(100_000)
    custom = FlightPattern(Flighting.CUSTOM, weights=tuple(map(Decimal, [1] * 4 + [3] * 5)))
    version = made_of(of, (LineSpec("search", SEARCH), 90_000), flighting=custom)
    short = campaign(45_000, flight=Flight(date(2027, 9, 6), date(2027, 9, 19)))
    draft = copied(PlanningBrief(short), version, "copied", scale=True)
    assert draft.lines[0].budget.minor == 40_500
    first, second = (week.budget_minor for week in draft.lines[0].weeks)
    assert first < second
    assert first + second == 40_500


def test_a_line_without_a_day_in_the_new_dates_is_named() -> None:
    of = campaign(100_000)
    own = LineSpec("social", SOCIAL, flight=Flight(date(2027, 4, 20), SPRING.end))
    version = made_of(of, (own, 40_000))
    with pytest.raises(InvalidInput, match="Social") as refused:
        scaled(moved_to(of, None, Flight(SPRING.start, date(2027, 4, 10))), version, "scaled")
    assert refused.value.code == "flight_outside_campaign"


def test_no_rate_no_copy_into_another_currency() -> None:
    version = started(campaign(1000), {SEARCH: 400}).current
    with pytest.raises(InvalidInput) as refused:
        copied(PlanningBrief(campaign(1000, "EUR")), version, "copied", scale=False)
    assert refused.value.code == "currency_mismatch"
