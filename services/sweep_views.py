"""Budgets side by side: what each would bring, as figures, a table and a sentence."""

from collections.abc import Sequence
from decimal import Decimal

from pydantic import Field

from domain.objectives import Outcome
from domain.plans.explanation import unit_of
from services.amounts import Amount
from services.read_models import ReadModel
from services.scenario_views import ScenarioFigures


class SweepPoint(ReadModel):
    """The optimum of one budget."""

    budget: Amount
    figures: ScenarioFigures
    next_thousand: Decimal = Field(description="Outcome of the next 1,000 major units of budget.")
    lines: dict[str, Amount] = Field(description="By the line's label.")
    explanation: str


class Sweep(ReadModel):
    counts: Outcome
    points: list[SweepPoint]


def sweep_text(sweep: Sweep) -> str:
    first, last = sweep.points[0], sweep.points[-1]
    currency, unit = first.budget.currency, unit_of(sweep.counts)
    parts = [
        f"The comparison of budgets finished: {len(sweep.points)} budgets from {first.budget} to {last.budget}, each "
        f"with its best plan. Expected {unit}: "
        + "; ".join(f"{point.budget} {point.figures.outcome:,}" for point in sweep.points)
        + "."
    ]
    if first.figures.cpa and last.figures.cpa:
        parts.append(f"Cost per conversion {first.figures.cpa} → {last.figures.cpa}.")
    parts.append(
        f"The next 1,000 {currency} bring {first.next_thousand:,} at the lowest and {last.next_thousand:,} at the "
        "highest. The plan itself is unchanged."
    )
    return " ".join(parts)


def sweep_block(sweep: Sweep) -> dict[str, object]:
    """A table that clients know."""
    unit = unit_of(sweep.counts).capitalize()
    columns = [("budget", "Budget"), ("spend", "Spend"), ("outcome", unit), ("cpa", "Cost per conversion")]
    columns += [("next", f"The next 1,000 {sweep.points[0].budget.currency}")]
    labels = list(dict.fromkeys(label for point in sweep.points for label in point.lines))
    columns += [(f"line{i}", label) for i, label in enumerate(labels)]
    return {
        "kind": "table",
        "title": "Budgets side by side",
        "columns": [{"key": key, "label": label, "align": "right"} for key, label in columns],
        "rows": [_row(point, labels) for point in sweep.points],
    }


def _row(point: SweepPoint, labels: Sequence[str]) -> dict[str, str]:
    figures = point.figures
    return {
        "budget": str(point.budget),
        "spend": str(figures.spend),
        "outcome": f"{figures.outcome:,}",
        "cpa": str(figures.cpa) if figures.cpa else "–",
        "next": f"{point.next_thousand:,}",
        **{f"line{i}": str(point.lines[label]) if label in point.lines else "–" for i, label in enumerate(labels)},
    }
