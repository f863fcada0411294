"""Curves of any shape, groups and minimum buys: against every whole split there is, and what can't be is refused."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.objectives import Outcome
from domain.planning.allocation.allocate import BindingBound, allocate
from domain.planning.allocation.constraints import Allocable
from domain.planning.allocation.feasibility import MOST_GROUPS
from domain.planning.allocation.groups import Group
from domain.planning.curves.response_curves import ResponseCurve
from domain.planning.curves.shapes import Hill, MichaelisMenten, Power, Shape
from domain.planning.curves.tabulated import Tabulated

NEARLY = 1e-9
OF_OVERLAPPING = 1e-4


def of(shape: Shape, *, valid_from: float = 0, draws: tuple[Shape, ...] = ()) -> ResponseCurve:
    return ResponseCurve(Outcome.CONVERSIONS, "USD", shape, 1e15, 28, "a test", valid_from=valid_from, draws=draws)


def line(key: str, shape: Shape, **bounds: int | None) -> Allocable:
    return Allocable(key, of(shape), **bounds)  # type: ignore[arg-type]  # the names of its bounds


def allowed(each: Allocable, total: int) -> list[int]:
    amounts = range(each.least, each.most(total) + 1)
    return [a for a in amounts if a == 0 or a >= each.buy] if each.buy else list(amounts)


def kept(total: int, lines: Sequence[Allocable], groups: Sequence[Group], spend: Sequence[int]) -> bool:
    keys = [each.key for each in lines]
    return (
        sum(spend) <= total
        and all(spent in allowed(each, total) for each, spent in zip(lines, spend, strict=True))
        and all(group.low(total) <= group.spend(keys, spend) <= group.high(total) for group in groups)
    )


def outcome(lines: Sequence[Allocable], spend: Sequence[int]) -> float:
    return math.fsum(each.curve.shape.outcome(spent) for each, spent in zip(lines, spend, strict=True))


def every_split(total: int, lines: Sequence[Allocable], groups: Sequence[Group]) -> list[tuple[int, ...]]:
    choices = [allowed(each, total) for each in lines]
    return [spend for spend in product(*choices) if kept(total, lines, groups, spend)]


tiny_shapes: st.SearchStrategy[Shape] = st.one_of(
    st.builds(Hill, st.integers(1, 50), st.integers(1, 20), st.sampled_from([0.7, 1.5, 3.0, 6.0])),
    st.builds(MichaelisMenten, st.integers(1, 50), st.integers(1, 30)),
    st.lists(st.integers(0, 9), min_size=2, max_size=5).map(
        lambda rises: Tabulated(
            tuple(range(0, 5 * len(rises) + 1, 5)), tuple(sum(rises[:k]) + 0.01 * k for k in range(len(rises) + 1))
        )
    ),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[int, list[Allocable], list[Group]]:
    total = draw(st.integers(1, 14))
    lines = []
    for i in range(draw(st.integers(1, 4))):
        bounds: dict[str, int] = {}
        kind = draw(st.sampled_from(["free", "free", "bounded", "locked", "buy"]))
        if kind == "bounded":
            bounds = {"minimum": draw(st.integers(0, 3)), "maximum": draw(st.integers(3, 14))}
        elif kind == "locked":
            bounds = {"locked": draw(st.integers(0, 3))}
        elif kind == "buy":
            bounds = {"minimum_buy": draw(st.integers(1, 8))}
        lines.append(line(str(i), draw(tiny_shapes), **bounds))
    keys = [each.key for each in lines]
    groups = []
    for g in range(draw(st.integers(0, 3))):
        low = draw(st.sampled_from([0, 0, 1, 3]))
        high = draw(st.none() | st.integers(low, 14))
        members = draw(st.frozensets(st.sampled_from(keys), min_size=1))
        groups.append(Group(f"g{g}", members, minimum=low, maximum=high))
    return total, lines, groups


def overlapping(groups: Sequence[Group]) -> bool:
    return any(a.lines & b.lines and not (a.lines <= b.lines or b.lines <= a.lines) for a in groups for b in groups)


@settings(max_examples=250, deadline=None)
@given(cases())
def test_no_whole_split_within_the_bounds_is_better(case: tuple[int, list[Allocable], list[Group]]) -> None:
    total, lines, groups = case
    splits = every_split(total, lines, groups)
    if not splits:
        with pytest.raises(InvalidInput):
            allocate(total, lines, groups)
        return
    answer = allocate(total, lines, groups)
    assert kept(total, lines, groups, answer.spend)
    assert sum(answer.spend) + answer.unspent == total
    best = max(outcome(lines, spend) for spend in splits)
    assert answer.outcome >= best * (1 - (OF_OVERLAPPING if overlapping(groups) else NEARLY))


def test_an_s_curve_gets_enough_or_nothing() -> None:
    """Two equal S-curves: half the money each brings 2 · 1/(1+4²) of a ceiling, all of it to one brings a half."""
    answer = allocate(1_000_00, [line(key, Hill(100, 1_000_00, 4)) for key in "ab"])
    assert sorted(answer.spend) == [0, 1_000_00]
    assert answer.outcome == pytest.approx(50)


def test_a_group_caps_its_lines_and_the_rest_goes_elsewhere() -> None:
    lines = [line(key, MichaelisMenten(top, 1_000_00)) for key, top in (("ctv", 900), ("olv", 900), ("search", 100))]
    groups = [Group("video", frozenset({"ctv", "olv"}), maximum_share=Fraction(3, 5))]
    answer = allocate(1_000_01, lines, groups)
    assert answer.spend == (300_00, 300_00, 400_01)
    assert answer.binding == (BindingBound("video", "group_maximum"),)
    assert answer.marginal_return == pytest.approx(lines[2].curve.gain(400_01, 1))


def test_a_group_reaches_its_minimum_and_is_named_when_that_costs() -> None:
    lines = [line("good", MichaelisMenten(900, 1_000_00)), line("poor", MichaelisMenten(1, 1_000_00))]
    groups = [Group("vendor", frozenset({"poor"}), minimum=123_45, minimum_share=Decimal("0.1"))]
    answer = allocate(1_000_00, lines, groups)
    assert answer.spend == (876_55, 123_45)
    assert answer.binding == (BindingBound("vendor", "group_minimum"),)


def test_caps_that_leave_no_room_leave_money_and_say_why() -> None:
    lines = [line("ctv", MichaelisMenten(9, 100)), line("olv", MichaelisMenten(9, 100), maximum=50)]
    answer = allocate(1000, lines, [Group("video", frozenset({"ctv"}), maximum=300)])
    assert (answer.spend, answer.unspent, answer.marginal_return) == ((300, 50), 650, 0)
    assert answer.unspent_reason == "every line is at its maximum, locked or in a group at its maximum (video)."
    assert answer.binding == (BindingBound("olv", "maximum"), BindingBound("video", "group_maximum"))


def test_a_minimum_buy_is_made_or_left_alone() -> None:
    lines = [
        line("search", MichaelisMenten(100, 500)),
        line("ctv", MichaelisMenten(90, 500), minimum_buy=600),
        line("ooh", MichaelisMenten(10, 500), minimum_buy=600),
    ]
    answer = allocate(1000, lines)
    assert answer.spend == (1000, 0, 0) or answer.spend[1] >= 600
    assert answer.spend[2] == 0
    assert answer.outcome == pytest.approx(max(outcome(lines, (1000 - k, k, 0)) for k in (0, *range(600, 1001))))
    assert BindingBound("ctv", "minimum_buy") in answer.binding


def test_money_below_every_minimum_buy_stays_unspent() -> None:
    lines = [line("a", MichaelisMenten(9, 100), maximum=50), line("b", MichaelisMenten(9, 100), minimum_buy=80)]
    answer = allocate(60, lines)
    assert (answer.spend, answer.unspent) == ((50, 0), 10)
    assert answer.unspent_reason == "every line is at its maximum, locked or out of reach with its minimum buy (b)."


def test_overlapping_groups_are_kept_to_the_unit() -> None:
    lines = [line(key, MichaelisMenten(top, 3_000_01)) for key, top in zip("abcd", (90, 70, 50, 30), strict=True)]
    groups = [
        Group("video", frozenset("ab"), maximum=3_333_33),
        Group("north", frozenset("bc"), minimum=2_000_01, maximum=5_000_00),
        Group("vendor", frozenset("ac"), maximum_share=Fraction(1, 3)),
    ]
    answer = allocate(10_000_00, lines, groups)
    assert kept(10_000_00, lines, groups, answer.spend)
    assert answer.unspent == 0


def test_a_locked_line_counts_towards_its_groups() -> None:
    lines = [line("a", Hill(9, 100, 2), locked=70), line("b", Hill(9, 100, 2)), line("c", Hill(1, 100, 2))]
    answer = allocate(300, lines, [Group("g", frozenset("ab"), maximum=100)])
    assert answer.spend == (70, 30, 200)


def test_draws_tell_how_sure_an_uplift_is() -> None:
    shape = MichaelisMenten(100, 1000)
    sure = Allocable("a", of(shape, draws=tuple(MichaelisMenten(90 + k, 1000) for k in range(21))))
    other = Allocable("b", of(shape, draws=tuple(MichaelisMenten(60 + 3 * k, 1000) for k in range(21))))
    answer = allocate(2000, [sure, other], current=(2000, 0))
    assert answer.spend == (1000, 1000)
    told = answer.uncertainty
    assert told is not None
    assert told.draws == 21
    assert told.uplift is not None
    assert told.chance_of_uplift == 1  # ½·90 + ½·60 is more than ⅔·90, and so on up to 110 and 120
    assert (told.outcome.low, told.outcome.high) == pytest.approx((0.5 * (91 + 63), 0.5 * (109 + 117)))
    ratio = [(90 + k) / 2 + (60 + 3 * k) / 2 - (90 + k) * 2 / 3 for k in range(21)]
    assert (told.uplift.low, told.uplift.high) == pytest.approx((ratio[1], ratio[19]))
    assert allocate(2000, [sure, other]).uncertainty.uplift is None  # type: ignore[union-attr]  # there are draws


def test_without_draws_nothing_is_claimed_and_unlike_draws_are_refused() -> None:
    shape = MichaelisMenten(100, 1000)
    assert allocate(10, [line("a", shape)], current=[5]).uncertainty is None
    two, three = (Allocable(str(n), of(shape, draws=(shape,) * n)) for n in (2, 3))
    for lines, current, code in (([two, three], None, "draws_differ"), ([two], [1, 2], "bad_current")):
        with pytest.raises(InvalidInput) as refusal:
            allocate(10, lines, current=current)
        assert refusal.value.code == code


def test_spend_below_the_measured_range_is_flagged_too() -> None:
    answer = allocate(100, [Allocable("a", of(MichaelisMenten(9, 9), valid_from=101))])
    assert answer.extrapolated == ("a",)


PAIR = [line("a", Power(1, 0.5)), line("b", Power(1, 0.5), maximum=40)]
A, B, BOTH = frozenset("a"), frozenset("b"), frozenset("ab")


@pytest.mark.parametrize(
    ("groups", "code", "named"),
    [
        ([Group("g", B, minimum=41)], "group_minimum_unreachable", {"groups": ["g"], "lines": ["b"]}),
        ([Group("g", A, minimum=50, maximum_share=Fraction(1, 4))], "group_minimum_above_maximum", {"groups": ["g"]}),
        (
            [Group("g", A, minimum_share=Decimal("0.7")), Group("h", B, minimum_share=Decimal("0.4"))],
            "shares_over_100_percent",
            {"groups": ["g", "h"]},
        ),
        (
            [Group("g", A, minimum=70), Group("h", B, minimum=40)],
            "group_minimums_exceed_budget",
            {"groups": ["g", "h"]},
        ),
        ([Group("g", A, minimum=90), Group("h", BOTH, maximum=80)], "constraints_conflict", {"groups": ["g", "h"]}),
        ([Group("g", frozenset("ax"))], "unknown_line", {"groups": ["g"], "lines": ["x"]}),
        ([Group("g", A), Group("g", B)], "duplicate_group", {"groups": ["g"]}),
        ([Group(str(n), A) for n in range(MOST_GROUPS + 1)], "too_many_groups", {}),
    ],
)
def test_groups_that_cannot_hold_together_are_refused_and_named(
    groups: list[Group], code: str, named: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        allocate(100, PAIR, groups)
    assert refusal.value.code == code
    assert {key: refusal.value.details[key] for key in named} == named
    assert all(str(name) in refusal.value.message for names in named.values() for name in names)  # type: ignore[attr-defined]


def test_locks_above_a_groups_cap_are_refused_and_named() -> None:
    lines = [line("a", Power(1, 0.5), locked=60), line("b", Power(1, 0.5), minimum=10), line("c", Power(1, 0.5))]
    with pytest.raises(InvalidInput) as refusal:
        allocate(100, lines, [Group("tv", frozenset("abc"), maximum=69)])
    assert refusal.value.code == "group_maximum_exceeded"
    assert refusal.value.details == {"groups": ["tv"], "lines": ["a", "b"]}


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        ({"maximum_share": Fraction(11, 10)}, "share_over_100_percent"),
        ({"minimum_share": Decimal("1.0001")}, "share_over_100_percent"),
        ({"minimum_share": Decimal("NaN")}, "bad_share"),
        ({"minimum_share": 0.5}, "bad_share"),
        ({"minimum_share": Fraction(-1, 2)}, "bad_share"),
        ({"maximum": -1}, "bad_amount"),
        ({"minimum": math.nan}, "bad_amount"),
    ],
)
def test_a_group_of_impossible_bounds_is_refused(bounds: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Group("g", A, **bounds)  # type: ignore[arg-type]  # on purpose
    assert (refusal.value.code, refusal.value.field) == (code, next(iter(bounds)))


def test_a_group_of_no_lines_and_a_buy_above_the_maximum_are_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        Group("g", frozenset())
    assert refusal.value.code == "empty_group"
    with pytest.raises(InvalidInput) as refusal:
        line("a", Power(1, 0.5), minimum_buy=100, maximum=99)
    assert refusal.value.code == "minimum_buy_above_maximum"
