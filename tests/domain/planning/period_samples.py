"""Lines over periods, and an enumeration of their splits that shares no code with the search."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from domain.objectives import Outcome
from domain.planning.curves.response_curves import ResponseCurve
from domain.planning.curves.shapes import Hill
from domain.planning.periods.adstock import Adstock
from domain.planning.periods.indices import Indices
from domain.planning.periods.lines import PeriodLine

WEEK = 7


def hill(ceiling: float, half_saturation: float, slope: float = 1.0) -> ResponseCurve:
    """Of a week, so that a week's curve is the curve itself."""
    return ResponseCurve(Outcome.CLICKS, "USD", Hill(ceiling, half_saturation, slope), 1e15, WEEK, "a test")


def random_lines(seed: int, lines: int, periods: int, budget: int, *, steepest: float) -> list[PeriodLine]:
    """Geometric and delayed carry-over of up to three periods, prices and seasons; slopes from ½ to `steepest`."""
    draws = np.random.default_rng(seed)
    average = budget / lines / periods
    made = []
    for i in range(lines):
        slope = draws.uniform(1.5, steepest) if steepest > 1 and draws.random() < 0.7 else draws.uniform(0.5, 1)
        curve = hill(draws.uniform(50, 300), average * draws.uniform(0.3, 3), slope)
        geometric, delayed = (
            Adstock.geometric(draws.uniform(0, 0.7), 3),
            Adstock.delayed(draws.uniform(0.1, 0.7), draws.uniform(0, 2), 3),
        )
        indices = Indices(tuple(draws.uniform(0.8, 1.3, periods)), tuple(draws.uniform(0.6, 1.5, periods)))
        adstock = geometric if draws.random() < 0.5 else delayed
        made.append(PeriodLine(str(i), curve, adstock, indices, history=(int(average),)))
    return made


def best_of_a_grid(budget: int, lines: list[PeriodLine], periods: int, steps: int) -> float:
    """The most that any split in whole steps brings beyond the history, carry-over after the end counted in full."""
    count = len(lines) * periods
    bars = np.array(list(combinations(range(steps + count - 1), count - 1)))
    edges = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), steps + count - 1)])
    spend = (np.diff(edges, axis=1) - 1) * (budget / steps)
    brought = sum(
        _brought(line, spend[:, i * periods : (i + 1) * periods]) - _brought(line, np.zeros((1, periods)))
        for i, line in enumerate(lines)
    )
    return float(np.max(brought))


def _brought(line: PeriodLine, spend: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    assert line.indices is not None
    weights, periods, shape = line.adstock.weights, spend.shape[1], line.curve.shape
    assert isinstance(shape, Hill)
    bought = np.hstack([np.tile(np.array(line.history, float), (len(spend), 1)), spend / np.array(line.indices.price)])
    total = np.zeros(len(spend))
    for at in range(periods + len(weights) - 1):
        media = np.zeros(len(spend))
        for lag, weight in enumerate(weights):
            column = at - lag + len(line.history)
            if 0 <= column < bought.shape[1]:
                media += weight * bought[:, column]
        season = line.indices.seasonality[at] if at < periods else 1.0
        total += season * shape.ceiling * media**shape.slope / (shape.half_saturation**shape.slope + media**shape.slope)
    return total


@st.composite
def bounded_lines(draw: st.DrawFn, *, periods: int, budget: int) -> list[PeriodLine]:
    """Lines with bounds that hold together with the budget, but perhaps don't let all of it be spent."""
    lines: list[PeriodLine] = []
    part = budget // 8
    for i in range(draw(st.integers(1, 3))):
        curve = hill(draw(st.integers(10, 500)), draw(st.integers(1, budget)), draw(st.sampled_from([0.6, 1.0])))
        adstock = Adstock.geometric(draw(st.sampled_from([0.0, 0.5])), draw(st.integers(1, 3)))
        blackout = draw(st.frozensets(st.integers(0, periods - 1), max_size=periods - 1))
        if draw(st.integers(0, 4)) == 0:
            locked = tuple(0 if t in blackout else draw(st.integers(0, part // periods)) for t in range(periods))
            lines.append(PeriodLine(str(i), curve, adstock, blackout=blackout, locked=locked))
            continue
        minimum = draw(st.integers(0, part))
        maximum = draw(st.none() | st.integers(minimum, budget))
        each = draw(st.none() | st.integers(part + 1, budget))
        lines.append(
            PeriodLine(str(i), curve, adstock, minimum=minimum, maximum=maximum, maximum_each=each, blackout=blackout)
        )
    return lines
