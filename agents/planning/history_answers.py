"""How a plan's way through its versions reads."""

from agents.blocks import Table, table
from services.campaign_copies import CopiedCampaign
from services.plan_views import FieldDelta, LineDelta, PlanComparison
from services.queries import DriftView, PlanView

OFFER = "Scale it to fit, optimise it again, or keep it as it is?"


def drift_text(plan: PlanView) -> str:
    """What has moved away from the plan, and what can be done about it; empty where nothing has."""
    moved = _moved(plan.drift)
    if not plan.out_of_sync or not moved:
        return ""
    return f"Version {plan.number} of its plan is out of sync: {' and '.join(moved)}. {OFFER}"


def _moved(drift: DriftView) -> list[str]:
    found = []
    if drift.budget is not None and drift.budget.amount:
        way = "more" if drift.budget.amount > 0 else "less"
        found.append(f"the campaign has {str(drift.budget).lstrip('-')} {way} than it was planned with")
    for what, days in (("starts", drift.start_days), ("ends", drift.end_days)):
        if days:
            found.append(
                f"it {what} {abs(days)} day{'s' if abs(days) > 1 else ''} {'later' if days > 0 else 'earlier'}"
            )
    if drift.basis_changed:
        found.append("its budget is counted on another basis")
    return found


def changes_text(view: PlanComparison) -> str:
    if view.first == view.second:
        head = f"Version {view.first} is the approved one and still current"
        since = "; ".join(_field(change) for change in view.campaign)
        return f"{head}, but its campaign changed since: {since}." if since else f"{head}: nothing changed since."
    said = [line for line in map(line_text, view.lines) if line]
    parts = [
        f"Since version {view.first} was approved ({view.second - view.first} "
        f"version{'s' if view.second - view.first > 1 else ''} ago): {'; '.join(said) or 'no line changed'}.",
        f"Total {view.before.spend} → {view.after.spend}, conversions {view.before.conversions:,} → "
        f"{view.after.conversions:,}.",
    ]
    if view.campaign:
        parts.append(f"The campaign: {'; '.join(_field(change) for change in view.campaign)}.")
    return " ".join(parts)


def line_text(line: LineDelta) -> str:
    """Empty for a line that is the same."""
    if line.kind == "added":
        return f"{line.label} added with {line.after}"
    if line.kind == "removed":
        return f"{line.label} removed, it had {line.before}"
    said = [f"{line.before} → {line.after}"] if line.change.amount else []
    said += [_field(change) for change in line.fields]
    if line.weeks:
        said.append(f"{len(line.weeks)} week{'s' if len(line.weeks) > 1 else ''} changed")
    return f"{line.label} {', '.join(said)}" if said else ""


def changes_block(view: PlanComparison) -> Table:
    return table(
        f"Version {view.first} against version {view.second}",
        [
            ("line", "Line", "left"),
            ("before", f"Version {view.first}", "right"),
            ("after", f"Version {view.second}", "right"),
            ("what", "What changed", "left"),
        ],
        [
            {
                "line": line.label,
                "before": str(line.before),
                "after": str(line.after),
                "what": ", ".join([*map(_field, line.fields), *_weeks(line)])
                or ("" if line.kind == "changed" else line.kind),
            }
            for line in view.lines
        ],
    )


def copied_text(copy: CopiedCampaign) -> str:
    campaign, plan = copy.campaign, copy.plan
    text = f"Copied as “{campaign.name}”: {campaign.objective}, {campaign.budget}, {campaign.start} to {campaign.end}."
    if plan is None:
        return f"{text} There was no plan to copy."
    lines = "; ".join(f"{line.label} {line.budget}" for line in plan.lines)
    weeks = max(len(line.weeks) for line in plan.lines)
    return f"{text} Its plan has {lines}, {plan.total} in all over {weeks} weeks."


def _weeks(line: LineDelta) -> list[str]:
    return [f"week of {week.starts} {week.before} → {week.after}" for week in line.weeks]


def _field(change: FieldDelta) -> str:
    return f"{change.field.replace('_', ' ')} {change.before or 'none'} → {change.after or 'none'}"
