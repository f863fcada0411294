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
_STATUSES = {
    "pending": "waits for approval",
    "approved": "approved, and about to be done",
    "executed": "approved and done",
    "failed": "approved, but it could not be done",
    "conditions": "would be approved under conditions",
}


def block(content: Mapping[str, Any]) -> RenderableType:
    """A kind this version doesn't know is named, not shown."""
    match content["kind"]:
        case "table":
            return _table(content)
        case "plan":
            return _plan(content["plan"])
        case "chart":
            return _chart(content)
        case "file":
            return _file(content)
        case "approval":
            return _approval(content["approval"])
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


def approval_line(request: Mapping[str, Any], *, me: str = "") -> Text:
    """A request in one line; `me` is the id of who reads it."""
    asker = "you" if request["requested_by"] == me else request["requester"]
    return plain(f"{request['title']} ({_code(request['id'])}, asked by {asker})")


def approval_status(status: str) -> str:
    return _STATUSES.get(status, status)


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
    """Horizontal bars of a Vega-Lite bar chart: by category the largest first, by week in their order."""
    spec = content["spec"]
    mark = spec.get("mark")
    if (mark.get("type") if isinstance(mark, Mapping) else mark) != "bar":
        return plain(f"[chart: {content['title']}; the page draws it]")
    encoding = spec["encoding"]
    by_category = encoding["x"]["type"] == "quantitative"
    category, measure = (encoding[axis]["field"] for axis in (("y", "x") if by_category else ("x", "y")))
    sums: dict[str, float] = {}
    for value in spec["data"]["values"]:
        name = str(value[category])
        sums[name] = sums.get(name, 0.0) + float(value[measure])
    ordered = sorted(sums.items(), key=lambda one: -one[1]) if by_category else sorted(sums.items())
    return _bars(content["title"], ordered)


def _bars(title: str, sizes: Sequence[tuple[str, float]]) -> Table:
    largest = max((size for _, size in sizes), default=0.0) or 1.0
    shown = _empty(title, show_header=False)
    for justify in ("left", "left", "right"):
        shown.add_column(justify="right" if justify == "right" else "left")
    for name, size in sizes:
        shown.add_row(plain(name), Bar(largest, 0, size, width=_BAR_WIDTH), f"{size:,.2f}")
    return shown


def _file(content: Mapping[str, Any]) -> Text:
    return Text.assemble(("File: ", "bold"), plain(f"{content['name']} ({content['size']:,} bytes). /save keeps it."))


def _approval(request: Mapping[str, Any]) -> Text:
    shown = Text.assemble(("Request: ", "bold"), approval_line(request), f"\n  {approval_status(request['status'])}")
    if request["status"] == "pending":
        shown.append(f", until {request['expires_at'][:16].replace('T', ' ')} UTC")
    elif request["decider"]:
        shown.append_text(plain(f", decided by {request['decider']}"))
    outcome = request["outcome"] if request["status"] == "failed" else None
    notes = [request["reason"], outcome, *(_condition(one) for one in request["conditions"])]
    return shown.append_text(plain("".join(f"\n  {note}" for note in notes if note)))


def _condition(condition: Mapping[str, Any]) -> str:
    return f"{condition['field']}: {condition['required']} ({condition['reason']})"


def _code(approval_id: str) -> str:
    """How people call a request."""
    return f"R-{approval_id[-6:].upper()}"


def _empty(title: str, *, show_header: bool = True) -> Table:
    return Table(title=plain(title), title_justify="left", title_style="bold", box=None, show_header=show_header)


def _fill(table: Table, rows: Sequence[Sequence[object]]) -> None:
    for row in rows:
        table.add_row(*(plain(str(cell)) for cell in row))
