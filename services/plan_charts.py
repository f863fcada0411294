"""Charts of a plan as Vega-Lite specifications: data and how it is drawn, for any client that has a Vega."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import Field

from domain.errors import InvalidInput
from domain.money import Money
from services.curve_chart import curve_chart
from services.plan_documents import Planned, by_week, calendar_weeks
from services.reach_chart import reach_chart
from services.read_models import ReadModel
from services.vega import OTHERS, WEEK, Drawing, field, listed, lumped, money_axis, spec

MOST_BARS = 30
MOST_COLOURS = 9


class ChartKind(StrEnum):
    BUDGET = "budget"
    WEEKS = "weeks"
    CURVES = "curves"
    REACH = "reach"


class ChartView(ReadModel):
    kind: ChartKind
    title: str
    told: str = Field(description="What it shows, in words.")
    spec: dict[str, Any]  # Vega-Lite, version 5


def plan_chart(planned: Planned, kind: ChartKind) -> ChartView:
    """Raises InvalidInput `nothing_to_chart`."""
    drawn = _CHARTS[kind](planned)
    if not drawn.spec["data"]["values"]:
        raise InvalidInput(
            f"The plan has nothing for a chart of {kind}.", code="nothing_to_chart", field="kind", kind=kind.value
        )
    return ChartView(kind=kind, title=drawn.title, told=drawn.told, spec=drawn.spec)


def budget_chart(planned: Planned) -> Drawing:
    version = planned.version
    currency = version.total.currency
    title = f"{planned.brief.campaign.name}: {version.total} by line"
    kept = lumped([(line.label, float(line.budget.major)) for line in version.lines], MOST_BARS)
    encoding = {
        "y": field("line", "nominal", None, sort=None),
        "x": field("budget", "quantitative", f"Budget ({currency})", axis=money_axis()),
        "tooltip": [
            field("line", "nominal", "Line"),
            field("budget", "quantitative", f"Budget ({currency})", format=",.2f"),
        ],
    }
    values = [{"line": label, "budget": amount} for label, amount in kept]
    drawn = spec(title, values, {"type": "bar", "cornerRadiusEnd": 2}, encoding)
    largest = sorted(version.lines, key=lambda line: -line.budget.minor)
    told = f"{version.total} in all: {listed([f'{line.label} {line.budget}' for line in largest])}."
    return Drawing(title, drawn | {"height": {"step": 26}}, told)


def week_chart(planned: Planned) -> Drawing:
    version, first_weekday = planned.version, planned.brief.first_weekday
    currency = version.total.currency
    title = f"{planned.brief.campaign.name}: {currency} by week"
    weeks = calendar_weeks(version.lines, first_weekday)
    named = {label for label, _ in lumped([(line.label, line.budget.minor) for line in version.lines], MOST_COLOURS)}
    spent: dict[tuple[str, str], float] = {}
    for line in version.lines:
        label = line.label if line.label in named else OTHERS
        for week, money in zip(weeks, by_week(line, weeks, first_weekday), strict=True):
            spent[week.isoformat(), label] = spent.get((week.isoformat(), label), 0.0) + float(money.major)
    values = [{"week": week, "line": label, "budget": amount} for (week, label), amount in spent.items() if amount]
    encoding = {
        "x": field("week", "ordinal", "Week from", timeUnit="yearmonthdate", axis=WEEK),
        "y": field("budget", "quantitative", f"Budget ({currency})", axis=money_axis(), stack="zero"),
        "color": field("line", "nominal", "Line", sort=list(dict.fromkeys(value["line"] for value in values))),
        "tooltip": [
            field("line", "nominal", "Line"),
            field("week", "temporal", "Week from", format="%-d %b %Y"),
            field("budget", "quantitative", f"Budget ({currency})", format=",.2f"),
        ],
    }
    return Drawing(title, spec(title, values, "bar", encoding), _weeks_told(planned, weeks))


def _weeks_told(planned: Planned, weeks: Sequence[date]) -> str:
    lines, first_weekday = planned.version.lines, planned.brief.first_weekday
    columns = zip(*(by_week(line, weeks, first_weekday) for line in lines), strict=True)
    sums = [Money.sum(column, planned.brief.currency) for column in columns]
    most, least = (pick(range(len(weeks)), key=lambda place: sums[place].minor) for pick in (max, min))
    return (
        f"{len(weeks)} weeks; the most in the week of {weeks[most]} ({sums[most]}), the least in the week of "
        f"{weeks[least]} ({sums[least]})."
    )


_CHARTS: Mapping[ChartKind, Callable[[Planned], Drawing]] = {
    ChartKind.BUDGET: budget_chart,
    ChartKind.WEEKS: week_chart,
    ChartKind.CURVES: curve_chart,
    ChartKind.REACH: reach_chart,
}
