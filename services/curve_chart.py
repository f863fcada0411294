"""What money does on each line: the response curves, what is spent, and where the best split would stand."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from domain.errors import InvalidInput
from domain.money import Money
from domain.objectives import Outcome
from domain.planning.curves.response_curves import ResponseCurve
from domain.plans.bounds import Limits, bounds_of
from domain.plans.lines import PlanLine
from domain.plans.splitting import split_budget
from services.plan_assumptions import curves_of
from services.plan_documents import Planned
from services.vega import Drawing, field, layered, listed, money_axis

MOST_CURVES = 8
STEPS = 40
BEYOND = 1.6  # times the larger of planned and best spend that a curve is drawn to

Row = dict[str, Any]


def curve_chart(planned: Planned) -> Drawing:
    brief, lines = planned.brief, planned.version.lines
    every = list(curves_of(brief, lines))
    known = sorted(every, key=lambda each: -each[0].budget.minor)[:MOST_CURVES]
    best = _best(planned, {line.code for line, _, _ in every})
    title = f"{brief.campaign.name}: response of the lines"
    rows = [row for line, curve, working in known for row in _rows(line, curve, working, best.get(line.code))]
    counted = known[0][1].counts if known else Outcome.CONVERSIONS
    legend = "Circle on a line: planned." + (" Diamond: the best split of the same total." if best else "")
    drawn = layered(title, rows, _layers(brief.currency, _label(counted, brief.currency)), subtitle=legend)
    return Drawing(title, drawn, _told(known, best))


def _told(known: Sequence[tuple[PlanLine, ResponseCurve, int]], best: Mapping[str, int]) -> str:
    parts = []
    for line, curve, working in known:
        optimum = best.get(line.code)
        parts.append(
            f"{line.label} planned {line.budget}"
            + (f", at the optimum {Money(optimum, line.budget.currency)}" if optimum is not None else "")
            + (", beyond the range its curve speaks for" if curve.extrapolates(working) else "")
        )
    return f"{listed(parts)}."


def _best(planned: Planned, curved: Collection[str]) -> dict[str, int]:
    """Minor units by line at the optimum of the same total. What is fixed, or has no curve, stays as it is.

    Empty where the campaign of today allows none.
    """
    version = planned.version
    without_curve = [line.code for line in version.lines if line.code not in curved]
    try:
        split = split_budget(planned.brief, Limits(tuple(bounds_of(version, [], without_curve))), version.total)
    except InvalidInput:
        return {}
    return {code: amount.minor for code, amount in split.amounts.items()}


def _rows(line: PlanLine, curve: ResponseCurve, working: int, best: int | None) -> Iterator[Row]:
    flat = line.budget.minor - working
    optimum = None if best is None else max(best - flat, 0)
    end = max(working, optimum or 0, 1) * BEYOND
    stops = sorted({*np.linspace(0, end, STEPS).tolist(), *(edge for edge in _edges(curve) if edge < end)})
    for at in stops:
        beyond = curve.extrapolates(at)
        yield _row("curve", line, curve, at + flat, at, beyond=beyond)
        if not beyond and at in _edges(curve):  # both parts meet here
            yield _row("curve", line, curve, at + flat, at, beyond=True)
    yield _row("planned", line, curve, line.budget.minor, working, beyond=curve.extrapolates(working))
    if optimum is not None:
        yield _row("optimum", line, curve, optimum + flat, optimum, beyond=curve.extrapolates(optimum))


def _edges(curve: ResponseCurve) -> list[float]:
    return [edge for edge in (curve.valid_from, curve.valid_to) if edge > 0]


def _row(kind: str, line: PlanLine, curve: ResponseCurve, minor: float, working: float, *, beyond: bool) -> Row:
    money = Money(round(minor), line.budget.currency)
    outcome = curve.outcome(working)
    if curve.counts is Outcome.VALUE:
        outcome = float(Money(round(outcome), curve.currency).major)
    return {
        "kind": kind,
        "line": line.label,
        "spend": float(money.major),
        "outcome": round(outcome, 4),
        "beyond": "extrapolated" if beyond else "in its valid range",
    }


def _layers(currency: str, counted: str) -> list[dict[str, Any]]:
    x = field("spend", "quantitative", f"Spend ({currency})", axis=money_axis())
    y = field("outcome", "quantitative", counted, axis=money_axis())
    color = field("line", "nominal", "Line")
    tooltip = [
        field("line", "nominal", "Line"),
        field("spend", "quantitative", f"Spend ({currency})", format=",.2f"),
        field("outcome", "quantitative", counted, format=",.1f"),
    ]

    def only(kind: str, mark: Row, encoding: Row) -> Row:
        return {"transform": [{"filter": {"field": "kind", "equal": kind}}], "mark": mark, "encoding": encoding}

    dash = field("beyond", "nominal", "Curve")
    dash["scale"] = {"domain": ["in its valid range", "extrapolated"], "range": [[1, 0], [5, 4]]}
    return [
        only("curve", {"type": "line", "clip": True}, {"x": x, "y": y, "color": color, "strokeDash": dash}),
        only("planned", {"type": "rule", "strokeWidth": 1.5, "opacity": 0.7}, {"x": x, "color": color}),
        only("planned", {"type": "point", "size": 50}, {"x": x, "y": y, "color": color, "tooltip": tooltip}),
        only(
            "optimum",
            {"type": "point", "shape": "diamond", "filled": True, "size": 110},
            {"x": x, "y": y, "color": color, "tooltip": tooltip},
        ),
    ]


def _label(counts: Outcome, currency: str) -> str:
    if counts is Outcome.VALUE:
        return f"Expected value ({currency})"
    return f"Expected {'people reached' if counts is Outcome.REACH else counts.value.replace('_', ' ')}"
