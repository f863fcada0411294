"""How the reach of a plan builds up: people of each line's audience who have seen it by the end of each week."""

from collections.abc import Iterator

from domain.errors import InvalidInput
from domain.planning.reach.build import BuildingLine, reach_build
from domain.planning.reach.vehicles import OnePoint
from domain.plans.lines import PlanLine
from services.plan_documents import Planned, by_week, calendar_weeks
from services.vega import WEEK, Drawing, field, listed, spec

MOST_LINES = 8


def reach_chart(planned: Planned) -> Drawing:
    """Line by line: audiences overlap by what nobody has measured, so that no total is drawn."""
    lines, first_weekday = planned.version.lines, planned.brief.first_weekday
    weeks = calendar_weeks(lines, first_weekday)
    title = f"{planned.brief.campaign.name}: reach by week"
    known = [line for line in lines if line.audience and line.audience.reached and line.delivery.impressions]
    largest = sorted(known, key=lambda line: -line.budget.minor)[:MOST_LINES]
    values = [
        {"week": week.isoformat(), "line": line.label, "reach": round(reached)}
        for line in largest
        for week, reached in zip(
            weeks, _build(line, [m.minor for m in by_week(line, weeks, first_weekday)]), strict=True
        )
    ]
    encoding = {
        "x": field("week", "ordinal", "By the end of the week from", timeUnit="yearmonthdate", axis=WEEK),
        "y": field("reach", "quantitative", "People reached at least once", axis={"format": "~s"}),
        "color": field("line", "nominal", "Line"),
        "tooltip": [
            field("line", "nominal", "Line"),
            field("week", "temporal", "Week from", format="%-d %b %Y"),
            field("reach", "quantitative", "People", format=","),
        ],
    }
    drawn = spec(title, values, {"type": "line", "point": True, "interpolate": "monotone"}, encoding)
    reached = [f"{line.label} {line.audience.reached:,} people" for line in largest if line.audience]
    return Drawing(title, drawn, f"Reached at least once by the end: {listed(reached)}. Lines overlap.")


def _build(line: PlanLine, spent: list[int]) -> Iterator[float]:
    """People reached by the end of each week. A week has the part of the impressions that it has of the money."""
    audience, impressions = line.audience, line.delivery.impressions
    assert audience is not None
    weekly = tuple(impressions * minor / line.budget.minor for minor in spent)
    try:
        vehicle = OnePoint.fitted(audience.universe, impressions, audience.reached)
    except InvalidInput:  # nearly everybody: the curve through that point would rise above the audience
        vehicle = OnePoint(audience.universe, audience.universe)
    build = reach_build([BuildingLine(line.code, vehicle, weekly)], audience.universe)
    return (distribution.reach for distribution in build.by_line[line.code])
