from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.campaigns import Flight
from domain.channels import Channel
from domain.errors import InvalidInput
from domain.money import Money
from domain.planning.flighting.weeks import Flighting, FlightPattern
from domain.plans.brief import PlanningBrief
from domain.plans.flighting import FlightWish
from domain.plans.media_plans import Draft
from domain.plans.revision import LineChange, revised_draft
from tests.domain.plan_samples import PLANNABLE, amounts, campaign, started

SEARCH, SOCIAL, CTV = Channel.SEARCH, Channel.SOCIAL, Channel.CTV
FRONT = FlightPattern(Flighting.FRONT_LOADED)


def brief() -> PlanningBrief:
    return PlanningBrief(campaign())


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def spend(draft: Draft) -> dict[Channel, int]:
    return {line.channel: line.budget.minor for line in draft.lines}


def expected_after(change: LineChange, before: int) -> int:
    step = change.amount.minor if change.amount else round(before * Fraction(change.percent or 0) / 100)
    return {"set": step, "increase": before + step, "decrease": before - step}[change.action]


@settings(max_examples=60, deadline=None)
@given(amounts(10_000_000, channels=2), st.data())
def test_one_change_is_one_change(before: dict[Channel, int], data: st.DataObject) -> None:
    version = started(campaign(), before, next(iter(before))).current
    channel = data.draw(st.sampled_from(list(before)))
    change = LineChange(
        channel,
        data.draw(st.sampled_from(["set", "increase", "decrease"])),
        *data.draw(
            st.one_of(
                st.tuples(st.integers(0, 10**6).map(usd), st.none()),
                st.tuples(st.none(), st.decimals("0.5", "100", places=1)),
            )
        ),
    )
    after = expected_after(change, before[channel])
    unlocks = channel is next(iter(before))
    if after < 0 or (after == before[channel] and not unlocks):
        with pytest.raises(InvalidInput) as refused:
            revised_draft(brief(), version, [change])
        assert refused.value.code == ("line_below_zero" if after < 0 else "nothing_to_change")
        return
    draft = revised_draft(brief(), version, [change])
    assert spend(draft) == {**before, channel: after}
    assert list(spend(draft)) == list(before)
    locked = {line.channel for line in draft.lines if line.locked}
    assert locked == {next(iter(before))} - {channel}
    for line in draft.lines:
        assert sum(week.budget_minor for week in line.weeks) == line.budget.minor


@settings(max_examples=30, deadline=None)
@given(amounts(10_000_000, channels=1))
def test_another_flighting_moves_no_money_between_lines(before: dict[Channel, int]) -> None:
    version = started(campaign(), before, *before).current
    draft = revised_draft(brief(), version, [], [FlightWish(shape=Flighting.FRONT_LOADED)])
    assert (spend(draft), draft.flighting) == (before, FRONT)
    assert all(line.locked for line in draft.lines)
    for line in draft.lines:
        assert sum(week.budget_minor for week in line.weeks) == line.budget.minor


def test_lines_are_added_and_removed() -> None:
    version = started(campaign(), {SEARCH: 100, SOCIAL: 200}).current
    changes = [LineChange(SEARCH, "remove"), LineChange(CTV, "add", usd(50))]
    draft = revised_draft(brief(), version, changes)
    assert (spend(draft), draft.reason) == ({SOCIAL: 200, CTV: 50}, "Search removed, CTV added")


def test_changes_follow_each_other() -> None:
    version = started(campaign(), {SEARCH: 100, SOCIAL: 200}).current
    changes = [LineChange(SEARCH, "decrease", usd(40)), LineChange(SEARCH, "increase", percent=Decimal(50))]
    assert spend(revised_draft(brief(), version, changes)) == {SEARCH: 90, SOCIAL: 200}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ([], "nothing_to_change"),
        ([LineChange(SEARCH, "set", usd(100))], "nothing_to_change"),
        ([LineChange(SEARCH, "increase", usd(5)), LineChange(SEARCH, "decrease", usd(5))], "nothing_to_change"),
        ([LineChange(SEARCH, "decrease", usd(101))], "line_below_zero"),
        ([LineChange(SEARCH, "set", usd(-1))], "negative_amount"),
        ([LineChange(SEARCH, "set", Money(1, "EUR"))], "currency_mismatch"),
        ([LineChange(SEARCH, "add", usd(1))], "duplicate_line"),
        ([LineChange(CTV, "remove")], "channel_not_in_plan"),
        ([LineChange(CTV, "increase", usd(1))], "channel_not_in_plan"),
        ([LineChange(CTV, "add", percent=Decimal(5))], "amount_required"),
        ([LineChange(SEARCH, "set")], "amount_required"),
        ([LineChange(SEARCH, "set", usd(1), Decimal(5))], "amount_required"),
        ([LineChange(CTV, "add", usd(-1))], "negative_amount"),
        ([LineChange(SEARCH, "increase", usd(-1))], "negative_amount"),
        ([LineChange(SEARCH, "decrease", usd(-1))], "negative_amount"),
    ],
)
def test_a_change_that_cannot_be_made_is_refused(changes: list[LineChange], code: str) -> None:
    version = started(campaign(), {SEARCH: 100, SOCIAL: 200}).current
    with pytest.raises(InvalidInput) as refused:
        revised_draft(brief(), version, changes, [FlightWish(shape=Flighting.EVEN)])
    assert refused.value.code == code


def test_a_kept_line_set_to_what_it_has_is_free_again() -> None:
    version = started(campaign(), {SEARCH: 100, SOCIAL: 200}, SEARCH).current
    draft = revised_draft(brief(), version, [LineChange(SEARCH, "set", usd(100))])
    assert [line.locked for line in draft.lines] == [False, False]


def test_after_the_dates_moved_the_same_amounts_are_a_change() -> None:
    one = campaign()
    version = started(one, {SEARCH: 100}).current
    moved = campaign(flight=Flight(date(2027, 6, 1), date(2027, 6, 30)))
    draft = revised_draft(PlanningBrief(moved), version, [LineChange(SEARCH, "set", usd(100))])
    assert (spend(draft), draft.lines[0].weeks[0].starts) == ({SEARCH: 100}, date(2027, 6, 1))


@given(st.sampled_from(PLANNABLE))
def test_a_revision_leaves_the_version_it_came_from(channel: Channel) -> None:
    version = started(campaign(), dict.fromkeys(PLANNABLE, 100), channel).current
    lines = [replace(line) for line in version.lines]
    revised_draft(brief(), version, [LineChange(channel, "set", usd(1))], [FlightWish(shape=FRONT.shape)])
    assert [(line.budget, line.locked, line.weeks) for line in version.lines] == [
        (line.budget, line.locked, line.weeks) for line in lines
    ]
