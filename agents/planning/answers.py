"""How the planning agent's results read: compact sentences for the model, tables for the client."""

from agents.blocks import Table, table
from agents.planning.history_answers import drift_text, line_text
from domain.objectives import Outcome
from domain.plans.states import PlanState
from services.amounts import Amount
from services.optimization_views import OptimizationView
from services.plan_views import PlanComparison, WhatIfView
from services.queries import JobView, PlanView

_MOST_WEEKS = 12


def saved_text(plan: PlanView) -> str:
    """Of a version that was just saved: why comes first."""
    return f"{plan.reason[0].upper()}{plan.reason[1:]}: {plan_text(plan)}"


def optimized_text(plan: PlanView) -> str:
    """Of a version that an optimisation saved: what moved, what it brings, what binds, and what that rests on."""
    found = plan.optimization
    if found is None:
        return saved_text(plan)
    lines = "; ".join(f"{line.label} {line.before} → {line.after} ({signed(line.change)})" for line in found.lines)
    reason = f"{plan.reason[0].upper()}{plan.reason[1:]}"
    parts = [
        f"{reason}: version {plan.number} of the plan for “{plan.campaign_name}”. {lines}. Total {plan.total}.",
        outcome_text(found),
        plan.explanation,
    ]
    if plan.unspent.amount > 0 and not found.unspent.amount:
        parts.append(f"{plan.unspent} of the campaign's {plan.campaign_budget} is unplanned.")
    return " ".join(part for part in [*parts, *found.assumptions] if part)


def outcome_text(found: OptimizationView) -> str:
    unit = unit_of(found.counts, found.budget.currency)
    moved = found.outcome_after - found.outcome_before
    text = f"Expected {unit}: {found.outcome_before:,} → {found.outcome_after:,} ({moved:+,})."
    if known := found.uncertainty:
        text += f" Nine tenths of {known.draws} draws lie between {known.outcome.low:,} and {known.outcome.high:,}"
        chance = known.chance_of_uplift
        text += f"; more than before in {chance:.1%} of them." if chance is not None else "."
    return text


def unit_of(counts: Outcome, currency: str) -> str:
    if counts is Outcome.VALUE:
        return f"value ({currency})"
    return "people reached" if counts is Outcome.REACH else counts.value.replace("_", " ")


def signed(amount: Amount) -> str:
    return f"{'+' if amount.amount > 0 else ''}{amount}"


def plan_text(plan: PlanView) -> str:
    lines = "; ".join(f"{line.label} {line.budget} ({line.share} %)" for line in plan.lines)
    parts = [
        f"version {plan.number} of the plan for “{plan.campaign_name}”: {lines}.",
        f"Total {plan.total}, {plan.flighting.value.replace('_', '-')} flighting over "
        f"{len(plan.lines[0].weeks) if plan.lines else 0} weeks.",
        f"Expected: {plan.impressions:,} impressions, {plan.clicks:,} clicks, {plan.conversions:,} conversions.",
    ]
    if plan.unspent.amount > 0:
        parts.append(f"{plan.unspent} of the campaign's {plan.campaign_budget} is unplanned.")
    if drifted := drift_text(plan):
        parts.append(drifted)
    if plan.state in _SHOWN:
        parts.append(_state_text(plan))
    if plan.explanation:
        parts.append(plan.explanation)
    return " ".join(parts)


def _state_text(plan: PlanView) -> str:
    request = plan.request
    if request is None:
        return f"It is {plan.state}."
    if plan.state is PlanState.SUBMITTED:
        return f"It waits for approval since {request.created_at:%Y-%m-%d}."
    wanted = "; ".join(f"{one.field} {one.required} ({one.reason})" for one in request.conditions)
    reason = f": {wanted or request.reason}" if wanted or request.reason else ""
    return f"{_SHOWN[plan.state]}{reason}."


_SHOWN = {
    PlanState.SUBMITTED: "It waits for approval",
    PlanState.APPROVED: "It is approved",
    PlanState.DENIED: "Its approval was denied",
    PlanState.CONDITIONS: "It would be approved on conditions",
}


def what_if_text(view: WhatIfView) -> str:
    lines = "; ".join(f"{line.label} {line.now} → {line.then}" for line in view.lines)
    return (
        f"With {view.budget}: {lines}. Spend {view.now.spend} → {view.then.spend}, "
        f"conversions {view.now.conversions:,} → {view.then.conversions:,}, clicks {view.now.clicks:,} → "
        f"{view.then.clicks:,}, impressions {view.now.impressions:,} → {view.then.impressions:,}. "
        f"{_weeks_text(view)}{outcome_text(view.optimization)} The plan itself is unchanged. {view.explanation}"
    ).strip()


def _weeks_text(view: WhatIfView) -> str:
    if not view.weeks:
        return ""
    listed = "; ".join(f"{week.starts} {week.now} → {week.then}" for week in view.weeks[:_MOST_WEEKS])
    more = f"; and {len(view.weeks) - _MOST_WEEKS} more" if len(view.weeks) > _MOST_WEEKS else ""
    return f"By week: {listed}{more}. "


def what_if_block(view: WhatIfView) -> Table:
    return table(
        f"What if the budget were {view.budget}",
        [("channel", "Channel", "left"), ("now", "Now", "right"), ("then", "Then", "right")],
        [{"channel": line.label, "now": str(line.now), "then": str(line.then)} for line in view.lines],
    )


def comparison_text(view: PlanComparison) -> str:
    lines = "; ".join(filter(None, map(line_text, view.lines))) or "no line changed"
    return (
        f"Version {view.first} against version {view.second} ({view.reason}): {lines}. "
        f"Total {view.before.spend} → {view.after.spend}, conversions {view.before.conversions:,} → "
        f"{view.after.conversions:,}."
    )


def comparison_block(view: PlanComparison) -> Table:
    return table(
        f"Version {view.first} against version {view.second}",
        [
            ("channel", "Channel", "left"),
            ("before", f"Version {view.first}", "right"),
            ("after", f"Version {view.second}", "right"),
            ("change", "Change", "right"),
        ],
        [
            {
                "channel": line.label,
                "before": str(line.before),
                "after": str(line.after),
                "change": signed(line.change),
            }
            for line in view.lines
        ],
    )


def job_text(job: JobView) -> str:
    progress = f" at {job.percent} % ({job.step})" if job.status == "running" and job.step else ""
    reason = f": {job.error}" if job.error else ""
    return f"The {job.kind.label} is {job.status}{progress}{reason}."
