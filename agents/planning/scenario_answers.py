"""How scenarios read: one, a list, and several side by side."""

from collections.abc import Sequence
from typing import Literal

from agents.blocks import Table, table
from agents.planning.answers import unit_of
from domain.objectives import Outcome
from services.amounts import Amount
from services.scenario_views import ScenarioColumn, ScenarioComparison, ScenarioList, ScenarioView

Row = tuple[str, list[str]]


def scenario_text(did: str, view: ScenarioView) -> str:
    parts = [f"{did} scenario “{view.name}” ({view.reason}): {view.total} of {view.budget}."]
    if view.out_of_sync:
        parts.append("The campaign has another budget or other dates than it was made for.")
    return " ".join(parts)


def scenarios_text(found: ScenarioList) -> str:
    if not found.items:
        return "The plan has no scenarios yet. Save a what-if as one to keep it."
    said = "; ".join(f"{number}. “{one.name}” ({one.reason}, {one.total})" for number, one in enumerate(found.items, 1))
    return f"{len(found.items)} scenario{'' if len(found.items) == 1 else 's'}: {said}."


def comparison_text(view: ScenarioComparison) -> str:
    """Every figure is one of the table's."""
    now, *others = view.columns
    unit = unit_of(view.counts, now.figures.spend.currency)
    said = "; ".join(f"“{one.name}” {_column(one, unit)}" for one in others)
    return f"{now.name} of the plan: {_figures(now, unit)}. Against it: {said}."


def comparison_block(view: ScenarioComparison) -> Table:
    columns = [("what", "", "left"), *((f"c{i}", one.name, "right") for i, one in enumerate(view.columns))]
    rows = [*((line.label, [_amount(amount) for amount in line.amounts]) for line in view.lines), *_totals(view)]
    return table(
        "Scenarios side by side",
        _aligned(columns),
        [{"what": label, **{f"c{i}": cell for i, cell in enumerate(cells)}} for label, cells in rows],
    )


def _totals(view: ScenarioComparison) -> list[Row]:
    each = [one.figures for one in view.columns]
    unit = unit_of(view.counts, each[0].spend.currency).capitalize()
    rows: list[Row] = [
        ("Spend", [str(one.spend) for one in each]),
        (unit, [f"{one.outcome:,}" for one in each]),
        (f"{unit}, change", [f"{one.outcome_change:+,}" if one.outcome_change else "–" for one in view.columns]),
    ]
    if view.counts is not Outcome.REACH:
        rows.append(("People reached", [f"{one.reach:,}" if one.reach is not None else "–" for one in each]))
    rows.append(("Cost per conversion", [str(one.cpa) if one.cpa else "–" for one in each]))
    if any(one.roas is not None for one in each):
        rows.append(("ROAS", [f"{one.roas:,}" if one.roas is not None else "–" for one in each]))
    return rows


def _column(column: ScenarioColumn, unit: str) -> str:
    return f"{_figures(column, unit)} ({column.outcome_change:+,} {unit})"


def _figures(column: ScenarioColumn, unit: str) -> str:
    found = column.figures
    cpa = f", {found.cpa} per conversion" if found.cpa else ""
    return f"spends {found.spend} for {found.outcome:,} {unit}{cpa}"


def _amount(amount: Amount | None) -> str:
    return str(amount) if amount else "–"


def _aligned(columns: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, Literal["left", "right"]]]:
    return [(key, label, "left" if align == "left" else "right") for key, label, align in columns]
