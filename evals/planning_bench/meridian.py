"""The published example of a media mix model's budget optimiser (tests/fixtures/meridian/SOURCES.md)."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from domain.objectives import Outcome
from domain.planning.allocation.constraints import Allocable
from domain.planning.curves.response_curves import CurveOrigin, ResponseCurve
from domain.planning.curves.tabulated import Tabulated

BUDGET = 219_500_000_00
_FOLDER = Path(__file__).parents[2] / "tests" / "fixtures" / "meridian"
_CENTS = 100


@dataclass(frozen=True)
class Example:
    """Lines with the file's bounds, and two splits; amounts in cents."""

    lines: list[Allocable]
    current: list[int]
    published: list[int]


def example() -> Example:
    points = defaultdict[str, list[tuple[float, float]]](list)
    for row in _rows("curves.csv"):
        points[row["channel"]].append((float(row["spend"]) * _CENTS, float(row["mean"])))
    channels = _rows("channels.csv")
    lines = [
        Allocable(
            row["channel"],
            _curve(row["channel"], points[row["channel"]]),
            minimum=round(float(row["historical_spend"]) * float(row["lower_bound"]) * _CENTS),
            maximum=round(float(row["historical_spend"]) * float(row["upper_bound"]) * _CENTS),
        )
        for row in channels
    ]
    current, published = (
        [int(row[which]) * _CENTS for row in channels] for which in ("current_spend", "published_spend")
    )
    return Example(lines, current, published)


def _curve(key: str, points: list[tuple[float, float]]) -> ResponseCurve:
    spends, outcomes = zip(*points, strict=True)
    return ResponseCurve(
        counts=Outcome.VALUE,
        currency="USD",
        shape=Tabulated(spends, outcomes),
        valid_to=spends[-1],
        days=1,
        source="google/meridian, Meridian_Getting_Started, cell 60",
        origin=CurveOrigin.IMPORTED,
        key=key,
    )


def _rows(name: str) -> list[dict[str, str]]:
    with (_FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))
