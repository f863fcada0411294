from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR
from domain.objectives import Objective, Outcome
from domain.planning.allocation.allocate import BindingBound, allocate
from domain.planning.allocation.constraints import MOST_LINES, Allocable
from domain.planning.curves.benchmarks import benchmark
from domain.planning.curves.response_curves import curve_for
from domain.planning.curves.shapes import Hill, Logarithmic, LogisticSaturation, MichaelisMenten, Power, Shape
from tests.domain.planning.samples import best_outcome_found, budgets_over_lines, curve, exact_gain, total_outcome

FLOAT_NOISE = Fraction(1, 10**12)

PLAIN = Allocable("plain", curve(10, 10))

small = budgets_over_lines(most_lines=3, largest_budget=18, largest_parameter=60)
large = budgets_over_lines(most_lines=12, largest_budget=10**11, largest_parameter=10**10)


def enumerated_best(total: int, lines: list[Allocable]) -> Fraction:
    """Every whole split within the bounds that spends as much as can be spent, in exact fractions."""
    choices = [range(line.least, line.most(total) + 1) for line in lines]
    spendable = min(total, sum(line.most(total) for line in lines))
    return max(total_outcome(lines, spends) for spends in product(*choices) if sum(spends) == spendable)


@given(small)
def test_no_split_of_the_units_is_better(case: tuple[int, list[Allocable]]) -> None:
    total, lines = case
    best = enumerated_best(total, lines)
    assert best - best_outcome_found(total, lines) <= best * FLOAT_NOISE


@settings(max_examples=50)
@given(large)
def test_every_minor_unit_is_accounted_for_and_every_bound_kept(case: tuple[int, list[Allocable]]) -> None:
    total, lines = case
    answer = allocate(total, lines)
    assert sum(answer.spend) + answer.unspent == total
    assert len(answer.spend) == len(lines)
    for line, spend in zip(lines, answer.spend, strict=True):
        if line.locked is not None:
            assert spend == line.locked
        else:
            assert line.minimum <= spend
            assert line.maximum is None or spend <= line.maximum


@settings(max_examples=50)
@given(large)
def test_money_stays_unspent_only_where_nothing_has_room(case: tuple[int, list[Allocable]]) -> None:
    total, lines = case
    answer = allocate(total, lines)
    room = any(line.could_take_more(spend) for line, spend in zip(lines, answer.spend, strict=True))
    assert not (answer.unspent and room)
    assert (answer.unspent_reason is not None) == (answer.unspent > 0)
    assert (answer.marginal_return > 0) == room


@settings(max_examples=50)
@given(large)
def test_no_exchange_of_one_minor_unit_improves_the_outcome(case: tuple[int, list[Allocable]]) -> None:
    total, lines = case
    split = list(zip(lines, allocate(total, lines).spend, strict=True))
    gains = [exact_gain(line, spend) for line, spend in split if spend < line.most(total)]
    losses = [exact_gain(line, spend - 1) for line, spend in split if spend > line.least]
    if gains and losses:
        assert max(gains) <= min(losses) * (1 + FLOAT_NOISE)


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(10**6, 10**9)), min_size=2, max_size=10))
def test_lines_inside_their_bounds_have_the_same_marginal_return(parameters: list[tuple[int, int]]) -> None:
    lines = [Allocable(str(i), curve(top, half)) for i, (top, half) in enumerate(parameters)]
    answer = allocate(10**9, lines)
    inside = [line.curve.marginal(spend) for line, spend in zip(lines, answer.spend, strict=True) if spend]
    assert inside == pytest.approx([answer.marginal_return] * len(inside), rel=1e-5)


@settings(max_examples=60)
@given(small)
def test_the_shadow_price_is_what_one_more_unit_brings(case: tuple[int, list[Allocable]]) -> None:
    total, lines = case
    answer = allocate(total, lines)
    # One unit more is one unit more of room too, for the lines without a maximum of their own.
    more = best_outcome_found(total + 1, lines) - total_outcome(lines, answer.spend)
    assert answer.marginal_return == pytest.approx(float(more), rel=1e-9, abs=1e-12)


@settings(max_examples=60)
@given(small)
def test_a_bound_binds_when_loosening_it_by_one_unit_improves_the_outcome(case: tuple[int, list[Allocable]]) -> None:
    total, lines = case
    answer = allocate(total, lines)
    binding = {bound.key: bound.bound for bound in answer.binding}
    before = total_outcome(lines, answer.spend)
    for i, line in enumerate(lines):
        if line.locked is not None:
            assert binding[line.key] == "locked"
            continue
        looser = [
            Allocable(line.key, line.curve, max(line.minimum - 1, 0), line.maximum),
            Allocable(line.key, line.curve, line.minimum, None if line.maximum is None else line.maximum + 1),
        ]
        improves = [
            best_outcome_found(total, [*lines[:i], changed, *lines[i + 1 :]]) - before > before * FLOAT_NOISE
            for changed in looser
        ]
        if not answer.marginal_return:  # every line is full, so more budget could only go where a maximum gave way
            assert binding[line.key] == "maximum"
        else:
            assert binding.get(line.key) == {(True, False): "minimum", (False, True): "maximum"}.get(
                (improves[0], improves[1])
            )


@settings(max_examples=50)
@given(large)
def test_the_outcome_is_that_of_the_spend(case: tuple[int, list[Allocable]]) -> None:
    total, lines = case
    answer = allocate(total, lines)
    assert answer.outcome == pytest.approx(float(total_outcome(lines, answer.spend)), rel=1e-12)


@given(st.permutations([(900, 40), (500, 10), (100, 300), (70, 7)]))
def test_the_order_of_the_lines_does_not_matter(parameters: list[tuple[int, int]]) -> None:
    """By hand: k + x stands as √(c·k) and sums to 1357, so k + x is 2.977 times 189.7, 70.7, 173.2 and 22.1."""
    answer = allocate(1000, [Allocable(f"{top}", curve(top, half)) for top, half in parameters])
    by_ceiling = dict(zip((top for top, _ in parameters), answer.spend, strict=True))
    assert by_ceiling == {900: 525, 500: 200, 100: 216, 70: 59}


def test_equal_lines_share_equally_and_the_odd_unit_goes_to_the_first() -> None:
    assert allocate(101, [Allocable(key, curve(10, 50)) for key in "abcd"]).spend == (26, 25, 25, 25)


def test_a_split_known_by_hand() -> None:
    """At equal slopes c·k/(k+x)², k + x stands as √(c·k), here 200 : 100; they sum to 500, so x is 233⅓ and 66⅔."""
    answer = allocate(300, [Allocable("four times", curve(400, 100)), Allocable("once", curve(100, 100))])
    assert answer.spend == (233, 67)
    assert answer.outcome == pytest.approx(400 * 233 / 333 + 100 * 67 / 167)
    assert answer.marginal_return == pytest.approx(400 * 100 / (333 * 334))


def test_a_locked_line_stays_and_the_rest_is_optimised() -> None:
    lines = [
        Allocable("ctv", curve(1, 10**9), minimum=10**6, maximum=10**7, locked=5_000_000),
        Allocable("search", curve(10**6, 10**6)),
        Allocable("social", curve(10**6, 10**6)),
    ]
    answer = allocate(10_000_001, lines)
    assert answer.spend == (5_000_000, 2_500_001, 2_500_000)
    assert answer.binding == (BindingBound("ctv", "locked"),)


def test_bounds_that_hold_the_optimum_are_named() -> None:
    answer = allocate(
        1000,
        [
            Allocable("good", curve(1000, 100), maximum=200),
            Allocable("poor", curve(1, 100), minimum=300),
            Allocable("fair", curve(100, 100), minimum=1, maximum=10_000),
        ],
    )
    assert answer.spend == (200, 300, 500)
    assert answer.binding == (BindingBound("good", "maximum"), BindingBound("poor", "minimum"))


def test_when_every_maximum_is_reached_the_rest_stays_unspent() -> None:
    lines = [Allocable("a", curve(10, 10), maximum=30), Allocable("b", curve(10, 10), locked=20)]
    answer = allocate(100, lines)
    assert answer.spend == (30, 20)
    assert answer.unspent == 50
    assert answer.unspent_reason == "every line is at its maximum or locked."
    assert answer.marginal_return == 0
    assert answer.binding == (BindingBound("a", "maximum"), BindingBound("b", "locked"))


def test_spend_beyond_the_valid_range_is_flagged() -> None:
    lines = [Allocable("inside", curve(10, 10, valid_to=50)), Allocable("outside", curve(10, 10, valid_to=49))]
    assert allocate(100, lines).extrapolated == ("outside",)


def test_more_budget_never_takes_from_a_line() -> None:
    lines = [Allocable(str(i), curve(10**i, 7 * 10**i + i)) for i in range(1, 6)]
    splits = [allocate(total, lines).spend for total in range(1, 2000, 37)]
    for smaller, greater in pairwise(splits):
        assert all(less <= more for less, more in zip(smaller, greater, strict=True))


@pytest.mark.parametrize("budget", [1, 99, 50_000_00, 10**13, LARGEST_MINOR])
def test_extreme_budgets_over_extreme_curves_are_spent_exactly(budget: int) -> None:
    parameters = [(1e-12, 1e16), (1e30, 1e-12), (1e30, 1e16), (1e-12, 1e-12), (1, 1), (1e6, 1e9)]
    lines = [Allocable(str(i), curve(top, half)) for i, (top, half) in enumerate(parameters)]
    assert sum(allocate(budget, lines).spend) == budget


@pytest.mark.parametrize("budget", [1, 7, 10_000, 10**9, LARGEST_MINOR])
def test_concave_families_mix_though_some_start_upright_and_some_end_flat(budget: int) -> None:
    shapes: list[Shape] = [
        Power(3, 0.5),
        Hill(1000, 5000, 0.6),
        Logarithmic(40, 900),
        LogisticSaturation(500, 1e-3),
        MichaelisMenten(700, 10**6),
    ]
    lines = [Allocable(shape.family, replace(PLAIN.curve, shape=shape)) for shape in shapes]
    answer = allocate(budget, lines)
    assert sum(answer.spend) == budget
    split = list(zip(lines, answer.spend, strict=True))
    most_gained = max(line.curve.gain(spend, 1) for line, spend in split)
    assert all(line.curve.gain(spend - 1, 1) >= most_gained * (1 - 1e-9) for line, spend in split if spend)


def test_money_beyond_all_that_any_curve_can_tell_is_still_spent() -> None:
    flat = LogisticSaturation(500, 1e-3)
    lines = [Allocable(key, replace(PLAIN.curve, shape=flat)) for key in "ab"]
    assert sum(allocate(10**12, lines).spend) == 10**12


def test_a_thousand_lines_are_split_exactly_and_one_more_is_refused() -> None:
    lines = [Allocable(str(i), curve(1 + i % 17, 1000 + i)) for i in range(MOST_LINES + 1)]
    assert sum(allocate(123_456_789, lines[:-1]).spend) == 123_456_789
    assert _code(123_456_789, lines) == "too_many_lines"


@pytest.mark.parametrize("objective", Objective)
def test_benchmark_curves_spread_a_budget_instead_of_backing_one_channel(objective: Objective) -> None:
    channels = (Channel.SEARCH, Channel.SOCIAL, Channel.OLV, Channel.CTV, Channel.DISPLAY)
    lines = [Allocable(c.value, curve_for(benchmark(c, "EUR"), objective, 42)) for c in channels]
    answer = allocate(500_000_00, lines)
    assert sum(answer.spend) == 500_000_00
    assert sum(spend > 0 for spend in answer.spend) >= 2
    assert max(answer.spend) < 450_000_00


def _code(total: object, lines: list[Allocable]) -> str:
    with pytest.raises(InvalidInput) as refusal:
        allocate(total, lines)  # type: ignore[arg-type]  # some tests pass what the type checker would stop
    return refusal.value.code


@pytest.mark.parametrize("total", [-1, LARGEST_MINOR + 1, 1.0, float("nan"), float("inf"), True, "100", None])
def test_a_budget_that_is_no_amount_is_refused(total: object) -> None:
    assert _code(total, [PLAIN]) == "bad_amount"


@pytest.mark.parametrize("bound", ["minimum", "maximum", "locked"])
@pytest.mark.parametrize("amount", [-1, 1.5, float("nan"), float("inf"), True, LARGEST_MINOR + 1])
def test_a_bound_that_is_no_amount_is_refused(bound: str, amount: object) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Allocable("search", curve(10, 10), **{bound: amount})  # type: ignore[arg-type]  # on purpose
    assert (refusal.value.code, refusal.value.field) == ("bad_amount", bound)
    assert "search" in refusal.value.message


def test_a_minimum_above_the_maximum_is_refused_and_named() -> None:
    with pytest.raises(InvalidInput) as refusal:
        Allocable("search", curve(10, 10), minimum=200_00, maximum=100_00)
    assert refusal.value.code == "minimum_above_maximum"
    assert refusal.value.message == "The minimum of search (200.00 USD) is above its maximum (100.00 USD)."
    assert refusal.value.details == {"lines": ["search"]}


def test_minimums_above_the_budget_are_refused_and_named() -> None:
    lines = [
        Allocable("search", curve(10, 10), minimum=60_00),
        Allocable("ctv", curve(10, 10), locked=41_00),
        Allocable("social", curve(10, 10)),
    ]
    with pytest.raises(InvalidInput) as refusal:
        allocate(100_00, lines)
    assert refusal.value.code == "minimums_exceed_budget"
    assert refusal.value.details == {"lines": ["search", "ctv"]}
    assert refusal.value.message == (
        "The minimums and locked amounts of search, ctv come to 101.00, above the budget of 100.00 USD."
    )
    assert allocate(101_00, lines).spend == (60_00, 41_00, 0)


def test_locks_above_the_budget_are_refused_before_any_minimum() -> None:
    lines = [Allocable("ctv", curve(10, 10), locked=101), Allocable("search", curve(10, 10), minimum=5)]
    with pytest.raises(InvalidInput) as refusal:
        allocate(100, lines)
    assert refusal.value.code == "locked_exceeds_budget"
    assert refusal.value.details == {"lines": ["ctv"]}


def test_lines_that_cannot_share_a_budget_are_refused() -> None:
    assert _code(0, [PLAIN]) == "budget_not_positive"
    assert _code(100, []) == "no_lines"
    assert _code(100, [PLAIN, PLAIN]) == "duplicate_line"
    assert _code(100, [PLAIN, Allocable("reach", curve(1, 1, counts=Outcome.REACH))]) == "mixed_outcomes"
    assert _code(100, [PLAIN, Allocable("euro", curve(1, 1, currency="EUR"))]) == "currency_mismatch"
