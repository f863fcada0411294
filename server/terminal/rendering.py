"""Typed blocks (agents/blocks.py) as a terminal shows them: tables, and bars for charts."""

import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from rich.bar import Bar
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

_BAR_WIDTH = 36


def block(content: Mapping[str, Any]) -> RenderableType:
    """A kind this version doesn't know is named, not shown."""
    match content["kind"]:
        case "table":
            return _table(content)
        case "plan":
            return _plan(content["plan"])
        case "chart":
            return _chart(content)
        case unknown:
            return plain(f"[{unknown}]")


def plain(text: str) -> Text:
    """As it is: no markup, and none of the control characters that would move the cursor."""
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")
    return Text("".join(kept))


def job_line(job: Mapping[str, Any]) -> Text:
    kind = str(job["kind"]).replace("_", " ")
    step = f", {job['step']}" if job.get("step") and job["status"] == "running" else ""
    return plain(f"{kind}: {job['status']}{step}, {job['percent']} %")


def amount(value: Mapping[str, Any]) -> str:
    """{"amount": "250000.00", "currency": "USD"} as 250,000.00 USD."""
    return f"{Decimal(value['amount']):,} {value['currency']}"


def _table(content: Mapping[str, Any]) -> Table:
    columns = content["columns"]
    shown = _empty(content["title"])
    for column in columns:
        shown.add_column(plain(column["label"]), justify=column["align"])
    _fill(shown, [[row.get(column["key"], "") for column in columns] for row in content["rows"]])
    return shown


def _plan(plan: Mapping[str, Any]) -> Table:
    state = "current" if plan["number"] == plan["current_number"] else str(plan["kind"])
    shown = _empty(f"{plan['campaign_name']}: plan version {plan['number']} ({state}), {plan['reason']}")
    shown.show_footer = True
    total = amount(plan["total"])
    footers = ("Total", total, "", *(_sum(plan, name) for name in ("impressions", "clicks", "conversions")))
    labels = ("Channel", "Budget", "Share", "Impressions", "Clicks", "Conversions")
    for label, footer in zip(labels, footers, strict=True):
        justify: Literal["left", "right"] = "left" if label == "Channel" else "right"
        shown.add_column(label, plain(footer), justify=justify)
    _fill(shown, [_line(line) for line in plan["lines"]])
    return shown


def _line(line: Mapping[str, Any]) -> list[str]:
    label = f"{line['label']} (kept)" if line["locked"] else str(line["label"])
    delivery = [f"{Decimal(line[name]):,}" for name in ("impressions", "clicks", "conversions")]
    return [label, amount(line["budget"]), f"{line['share']} %", *delivery]


def _sum(plan: Mapping[str, Any], name: str) -> str:
    return f"{sum(Decimal(line[name]) for line in plan['lines']):,}"


def _chart(content: Mapping[str, Any]) -> RenderableType:
    """Horizontal bars, the largest first, of a Vega-Lite bar chart."""
    encoding, values = content["spec"]["encoding"], content["spec"]["data"]["values"]
    category, measure = encoding["y"]["field"], encoding["x"]["field"]
    largest = max((float(value[measure]) for value in values), default=0.0) or 1.0
    shown = _empty(content["title"], show_header=False)
    for justify in ("left", "left", "right"):
        shown.add_column(justify="right" if justify == "right" else "left")
    for value in sorted(values, key=lambda one: -float(one[measure])):
        size = float(value[measure])
        bar = Bar(largest, 0, size, width=_BAR_WIDTH)
        shown.add_row(plain(str(value[category])), bar, f"{size:,.2f}")
    return shown


def _empty(title: str, *, show_header: bool = True) -> Table:
    return Table(title=plain(title), title_justify="left", title_style="bold", box=None, show_header=show_header)


def _fill(table: Table, rows: Sequence[Sequence[object]]) -> None:
    for row in rows:
        table.add_row(*(plain(str(cell)) for cell in row))
