"""Curves with whole-number parameters, so that a test can compute with exact fractions what the code does in floats."""

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import strategies as st

from domain.objectives import Outcome
from domain.planning.allocation.allocate import allocate
from domain.planning.allocation.constraints import Allocable
from domain.planning.curves.response_curves import ResponseCurve
from domain.planning.curves.shapes import MichaelisMenten


def curve(
    ceiling: float,
    half_saturation: float,
    *,
    valid_to: float = 1e15,
    counts: Outcome = Outcome.CLICKS,
    currency: str = "USD",
) -> ResponseCurve:
    return ResponseCurve(counts, currency, MichaelisMenten(ceiling, half_saturation), valid_to, 28, "a test")


def curves(largest: int) -> st.SearchStrategy[ResponseCurve]:
    return st.builds(curve, st.integers(1, largest), st.integers(1, largest))


@st.composite
def budgets_over_lines(
    draw: st.DrawFn, *, most_lines: int, largest_budget: int, largest_parameter: int
) -> tuple[int, list[Allocable]]:
    """A budget and lines it can be split over: free, bounded and locked ones, never over-committed."""
    total = draw(st.integers(1, largest_budget))
    responses = draw(st.lists(curves(largest_parameter), min_size=1, max_size=most_lines))
    lines: list[Allocable] = []
    left = total
    for i, response in enumerate(responses):
        least = draw(st.just(0) | st.integers(0, left))
        room = draw(st.none() | st.integers(0, total))
        if draw(st.booleans()):
            line = Allocable(str(i), response, minimum=least, maximum=None if room is None else least + room)
        else:
            line = Allocable(str(i), response, locked=least if room else None)
        left -= line.least
        lines.append(line)
    return total, lines


def exact_outcome(line: Allocable, spend: int) -> Fraction:
    shape = line.curve.shape
    assert isinstance(shape, MichaelisMenten)
    return Fraction(shape.ceiling) * spend / (Fraction(shape.half_saturation) + spend)


def exact_gain(line: Allocable, spend: int) -> Fraction:
    """What the next minor unit brings."""
    return exact_outcome(line, spend + 1) - exact_outcome(line, spend)


def total_outcome(lines: Sequence[Allocable], spends: Sequence[int]) -> Fraction:
    return sum((exact_outcome(line, spend) for line, spend in zip(lines, spends, strict=True)), Fraction(0))


def best_outcome_found(total: int, lines: Sequence[Allocable]) -> Fraction:
    return total_outcome(lines, allocate(total, lines).spend)
