import math

from domain.planning.allocation.allocate import allocate
from evals.planning_bench.meridian import BUDGET, Example, example


def outcome(case: Example, spend: list[int]) -> float:
    return math.fsum(line.curve.outcome(spent) for line, spent in zip(case.lines, spend, strict=True))


def test_the_published_example_is_matched_and_passed() -> None:
    case = example()
    assert sum(case.current) == sum(case.published) == BUDGET
    assert round(outcome(case, case.current) / 1e3) == 258_493
    assert round(outcome(case, case.published) / 1e2) == 2_652_027
    answer = allocate(BUDGET, case.lines)
    assert sum(answer.spend) == BUDGET
    assert answer.outcome >= 265_203_000
    # A grid of 10,000 steps reaches 265.2047 million; to the cent there is a little more.
    assert answer.outcome >= 265_204_700
    assert [bound.bound for bound in answer.binding] == ["maximum", "maximum", "minimum", "maximum"]
    assert answer.extrapolated == ()
