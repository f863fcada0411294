"""A plan by periods as a sentence and a table."""

from collections.abc import Sequence
from decimal import Decimal

from domain.money import Money
from domain.objectives import Outcome
from domain.planning.periods.cuts import Period
from domain.plans.explanation import unit_of
from domain.plans.media_plans import PlanVersion


def year_text(name: str, kept: PlanVersion, counts: Outcome, outcome: Decimal) -> str:
    lines = "; ".join(f"{line.label} {line.budget}" for line in kept.lines)
    return (
        f"The plan of the year finished and is kept as scenario “{name}”: {lines}; {kept.total} in all, for "
        f"{outcome:,} {unit_of(counts)}. {kept.explanation} Promote it to make it the plan."
    )


def year_block(name: str, kept: PlanVersion, totals: Sequence[tuple[Period, dict[str, int]]]) -> dict[str, object]:
    """A table that clients know: a row per period, a column per line, and the sum."""
    currency = kept.total.currency
    columns = [("period", "Period", "left"), *((line.code, line.label, "right") for line in kept.lines)]
    columns.append(("total", "Total", "right"))
    return {
        "kind": "table",
        "title": f"Scenario {name}",
        "columns": [{"key": key, "label": label, "align": align} for key, label, align in columns],
        "rows": [
            {
                "period": f"{period.start} to {period.end}",
                **{code: str(Money(minor, currency)) for code, minor in by_code.items()},
                "total": str(Money(sum(by_code.values()), currency)),
            }
            for period, by_code in totals
        ],
    }
