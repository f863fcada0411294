"""Parts of Vega-Lite specifications (only what version 5 of its schema knows), and charts in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
OTHERS = "Other lines"
MOST_TOLD = 6
WEEK = {"format": "%-d %b", "labelAngle": -40, "grid": False}


@dataclass(frozen=True, slots=True)
class Drawing:
    """`told` says in words what it shows."""

    title: str
    spec: dict[str, Any]
    told: str


def listed(parts: Sequence[str]) -> str:
    """The first few, and how many there are beside them."""
    more = [f"and {len(parts) - MOST_TOLD} more"] if len(parts) > MOST_TOLD else []
    return "; ".join([*parts[:MOST_TOLD], *more])


def spec(title: str, values: Sequence[dict[str, Any]], mark: object, encoding: dict[str, Any]) -> dict[str, Any]:
    return {**_frame(title, values), "mark": mark, "encoding": encoding}


def layered(
    title: str, values: Sequence[dict[str, Any]], layers: Sequence[dict[str, Any]], *, subtitle: str
) -> dict[str, Any]:
    made = _frame(title, values)
    made["title"]["subtitle"] = subtitle
    return {**made, "layer": list(layers)}


def field(name: str, type_: str, title: str | None, **more: Any) -> dict[str, Any]:
    return {"field": name, "type": type_, "title": title, **more}


def money_axis() -> dict[str, Any]:
    return {"format": "~s"}


def lumped(amounts: Sequence[tuple[str, float]], most: int) -> list[tuple[str, float]]:
    """By label, largest first; what is beyond the `most` comes together at the end, so that they still add up."""
    by_label: dict[str, float] = {}
    for label, amount in amounts:
        by_label[label] = by_label.get(label, 0) + amount
    ordered = sorted(by_label.items(), key=lambda each: -each[1])
    if len(ordered) <= most:
        return ordered
    return [*ordered[: most - 1], (OTHERS, sum(amount for _, amount in ordered[most - 1 :]))]


def _frame(title: str, values: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "$schema": SCHEMA,
        "title": {"text": title, "anchor": "start"},
        "width": "container",
        "height": 280,
        "data": {"values": list(values)},
    }
