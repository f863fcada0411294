"""How the insights agent's results read."""

from collections.abc import Sequence

from agents.blocks import Table, table
from services.queries import BudgetGrouping, BudgetRow, PlanView


def summary_text(plan: PlanView) -> str:
    biggest = max(plan.lines, key=lambda line: line.budget.amount)
    split = "; ".join(f"{line.label} {line.budget} ({line.share} %)" for line in plan.lines)
    weeks = plan.lines[0].weeks
    parts = [
        f"“{plan.campaign_name}”, plan version {plan.number} ({plan.reason}): {plan.total} of {plan.campaign_budget} "
        f"for {plan.objective}.",
        f"Split: {split}. The largest line is {biggest.label} with {biggest.budget}.",
        f"It runs {len(weeks)} weeks from {weeks[0].starts}, {plan.flighting.value.replace('_', '-')} flighting.",
        f"Expected: {plan.impressions:,} impressions, {plan.clicks:,} clicks, {plan.conversions:,} conversions.",
    ]
    if plan.out_of_sync:
        parts.append("The campaign's budget or dates changed since this version.")
    return " ".join(parts)


def forecast_text(plan: PlanView) -> str:
    lines = "; ".join(
        f"{line.label} {line.impressions:,} impressions, {line.clicks:,} clicks, {line.conversions:,} conversions"
        for line in plan.lines
    )
    sources = ", ".join(sorted({line.source for line in plan.lines}))
    cost = f"{plan.total}, {plan.cpa} for each conversion" if plan.cpa else str(plan.total)
    return (
        f"Version {plan.number} for “{plan.campaign_name}” is expected to bring {plan.impressions:,} impressions, "
        f"{plan.clicks:,} clicks and {plan.conversions:,} conversions for {cost}: {lines}. Rates: {sources}."
    )


def forecast_block(plan: PlanView) -> Table:
    return table(
        f"Forecast of version {plan.number}",
        [
            ("channel", "Channel", "left"),
            ("budget", "Budget", "right"),
            ("impressions", "Impressions", "right"),
            ("clicks", "Clicks", "right"),
            ("conversions", "Conversions", "right"),
        ],
        [
            {
                "channel": line.label,
                "budget": str(line.budget),
                "impressions": f"{line.impressions:,}",
                "clicks": f"{line.clicks:,}",
                "conversions": f"{line.conversions:,}",
            }
            for line in plan.lines
        ],
    )


def overview_text(by: BudgetGrouping, rows: Sequence[BudgetRow]) -> str:
    if not rows:
        return "There is no campaign yet, so there is no budget to show."
    shown = "; ".join(
        f"{row.group}: {f'budget {row.budget}, ' if row.budget else ''}planned {row.planned}" for row in rows[:12]
    )
    more = f"; and {len(rows) - 12} more" if len(rows) > 12 else ""
    return f"Budget by {by}: {shown}{more}."
