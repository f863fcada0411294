"""What holds for every allocation, whatever the curves: money, bounds, order, monotony, no better exchange."""

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise, permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.planning.allocation.allocate import Allocation, allocate
from domain.planning.allocation.constraints import MOST_LINES, Allocable
from domain.planning.allocation.groups import Group
from domain.planning.curves.shapes import Hill, Logarithmic, LogisticSaturation, MichaelisMenten, Power, Shape
from tests.domain.planning.test_bounded_allocation import line, outcome

BUDGETS = st.integers(1_000_00, 5_000_000_00)
bends = st.floats(1e4, 1e9)
tops = st.floats(10, 1e4)
concave: st.SearchStrategy[Shape] = st.one_of(
    st.builds(MichaelisMenten, tops, bends),
    st.builds(Hill, tops, bends, st.floats(0.3, 1)),
    st.builds(Logarithmic, tops, bends),
    st.builds(Power, st.floats(0.01, 10), st.floats(0.2, 0.9)),
    st.builds(LogisticSaturation, tops, st.floats(1e-9, 1e-5)),
)
s_shaped: st.SearchStrategy[Shape] = st.builds(Hill, tops, bends, st.floats(1.1, 8))


@st.composite
def bounded(draw: st.DrawFn, shapes: st.SearchStrategy[Shape]) -> tuple[int, list[Allocable], list[Group]]:
    total = draw(BUDGETS)
    lines = []
    for i in range(draw(st.integers(2, 6))):
        share = draw(st.sampled_from([0, 0, total // 20, total // 9 + 1]))
        kind = draw(st.sampled_from(["free", "bounded", "locked"]))
        bounds = {"free": {}, "bounded": {"minimum": share, "maximum": share + total // 3}, "locked": {"locked": share}}
        lines.append(line(str(i), draw(shapes), **bounds[kind]))
    cut = draw(st.integers(1, len(lines) - 1))
    keys = [each.key for each in lines]
    groups = [Group("first", frozenset(keys[:cut]), minimum_share=Fraction(1, 50), maximum_share=Fraction(7, 9))]
    if cut > 1:
        groups.append(Group("inner", frozenset(keys[: cut // 2 + 1]), maximum=max(total // 2, total - 1)))
    return total, lines, groups if draw(st.booleans()) else []


def allocated(total: int, lines: Sequence[Allocable], groups: Sequence[Group]) -> Allocation | None:
    try:
        return allocate(total, lines, groups)
    except InvalidInput:
        return None


def promised(lines: Sequence[Allocable]) -> float:
    """How near the best an answer is, relatively."""
    return 1e-9 if all(each.curve.concave for each in lines) else 1e-4


@settings(max_examples=60, deadline=None)
@given(bounded(st.one_of(concave, s_shaped)))
def test_money_and_bounds_are_kept(case: tuple[int, list[Allocable], list[Group]]) -> None:
    total, lines, groups = case
    if (answer := allocated(total, lines, groups)) is None:
        return
    assert sum(answer.spend) + answer.unspent == total
    assert kept_bounds(total, lines, groups, answer.spend)
    assert (answer.unspent_reason is None) == (answer.unspent == 0)
    assert answer.outcome == pytest.approx(outcome(lines, answer.spend))


def kept_bounds(total: int, lines: Sequence[Allocable], groups: Sequence[Group], spend: Sequence[int]) -> bool:
    keys = [each.key for each in lines]
    within = all(each.least <= spent <= each.most(total) for each, spent in zip(lines, spend, strict=True))
    return within and all(group.low(total) <= group.spend(keys, spend) <= group.high(total) for group in groups)


@settings(max_examples=40, deadline=None)
@given(bounded(concave))
def test_no_exchange_of_a_cent_improves_concave_lines_in_groups(
    case: tuple[int, list[Allocable], list[Group]],
) -> None:
    total, lines, groups = case
    if (answer := allocated(total, lines, groups)) is None:
        return
    for taker, giver in permutations(range(len(lines)), 2):
        moved = list(answer.spend)
        moved[taker] += 1
        moved[giver] -= 1
        if moved[giver] >= 0 and kept_bounds(total, lines, groups, moved):
            gain = lines[taker].curve.gain(answer.spend[taker], 1)
            assert gain <= lines[giver].curve.gain(answer.spend[giver] - 1, 1) * (1 + 1e-9)


@settings(max_examples=15, deadline=None)
@given(bounded(st.one_of(concave, s_shaped)))
def test_more_budget_never_brings_less(case: tuple[int, list[Allocable], list[Group]]) -> None:
    total, lines, _ = case
    answers = [allocated(total + more, lines, ()) for more in (0, 1, total // 10, total // 2, total)]
    for smaller, greater in pairwise(answer.outcome for answer in answers if answer):
        assert greater >= smaller * (1 - promised(lines))


@settings(max_examples=25, deadline=None)
@given(bounded(st.one_of(concave, s_shaped)), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_nothing(
    case: tuple[int, list[Allocable], list[Group]], shuffle: Random
) -> None:
    total, lines, groups = case
    if (answer := allocated(total, lines, groups)) is None:
        return
    turned = list(lines)
    shuffle.shuffle(turned)
    again = allocate(total, turned, groups)
    assert again.outcome == pytest.approx(answer.outcome, rel=promised(lines))
    assert again.unspent == answer.unspent


@settings(max_examples=25, deadline=None)
@given(bounded(s_shaped), st.integers(0, 3))
def test_a_minimum_buy_is_made_or_left_alone_at_any_size(
    case: tuple[int, list[Allocable], list[Group]], place: int
) -> None:
    total, lines, _ = case
    i = place % len(lines)
    lines[i] = line(lines[i].key, lines[i].curve.shape, minimum_buy=total // 4)
    if (answer := allocated(total, lines, ())) is None:
        return
    assert answer.spend[i] == 0 or answer.spend[i] >= total // 4
    assert sum(answer.spend) + answer.unspent == total


def test_many_lines_of_s_curves_in_groups_are_spent_to_the_cent() -> None:
    lines = [line(str(i), Hill(100 + i % 7, 3_000_00 + 11 * i, 1.5 + i % 3)) for i in range(150)]
    groups = [
        Group(str(g), frozenset(str(i) for i in range(g, 150, 5)), maximum_share=Fraction(1, 4)) for g in range(5)
    ]
    answer = allocate(500_000_01, lines, groups)
    assert sum(answer.spend) == 500_000_01
    assert kept_bounds(500_000_01, lines, groups, answer.spend)
    assert math.isfinite(answer.outcome)


@pytest.mark.parametrize("budget", [1, 99, 10**13, 10**15])
def test_extreme_budgets_over_extreme_s_curves_are_spent_exactly(budget: int) -> None:
    parameters = [(1e-12, 1e16, 20), (1e30, 1e-12, 1.1), (1e30, 1e16, 2), (1, 1, 5), (1e6, 1e9, 0.05), (1, 1e3, 1)]
    lines = [line(str(i), Hill(top, half, slope)) for i, (top, half, slope) in enumerate(parameters)]
    assert sum(allocate(budget, lines).spend) == budget


def test_ten_thousand_lines_are_refused() -> None:
    lines = [line(str(i), Power(1, 0.5)) for i in range(10_000)]
    with pytest.raises(InvalidInput) as refusal:
        allocate(100, lines)
    assert (refusal.value.code, refusal.value.field) == ("too_many_lines", "lines")
    assert f"{MOST_LINES:,}" in refusal.value.message
