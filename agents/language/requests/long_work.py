"""Arguments of the tools for long work: budgets side by side, a plan by periods."""

import re
from decimal import Decimal
from typing import Any

from agents.language import constraints
from agents.language.clause import ASK, PCT, Args, Clause, P
from agents.language.numbers import plain
from agents.language.references import campaign
from agents.language.utterance import Amount, Percent, Period

_STEPS = re.compile(r"\b(\d{1,2})\s+(?:equal\s+)?(?:steps?|budgets?|points?)\b", re.I)
_MORE = r"(?:higher|stronger|better|more|busier|up)"
_LESS = r"(?:lower|weaker|worse|less|quieter|down)"
_DEARER, _CHEAPER = r"(?:dearer|pricier|more\s+expensive|costlier)", r"(?:cheaper|less\s+expensive)"
_INDEX = re.compile(
    rf"(?P<when>{P})\s*(?:(?:is|are|at|by|with|being|:|=)\s*)*(?P<size>{PCT})\s*"
    rf"(?:(?P<dearer>{_DEARER})|(?P<cheaper>{_CHEAPER})|(?P<more>{_MORE})|(?P<less>{_LESS}))",
    re.I,
)
_PAUSE = re.compile(
    rf"\b(?:pause[ds]?|pausing|skip(?:ping)?|nothing|no\s+(?:money|spend)|without)\s+(?:in\s+|it\s+in\s+)?(?P<when>{P})",
    re.I,
)


def sweep_budgets(clause: Clause) -> Args:
    args, rest = constraints.read(clause)
    amounts = sorted(clause.utterance.values(rest, Amount), key=lambda amount: amount.value)
    args["lowest"] = clause.money(amounts[0]) if len(amounts) > 1 else ASK
    args["highest"] = clause.money(amounts[-1]) if len(amounts) > 1 else ASK
    if steps := _STEPS.search(rest):
        args["steps"] = min(max(int(steps[1]), 2), 20)
    return args | campaign(clause, r"plan\s+(?:of|for)|campaign")


def plan_year(clause: Clause) -> Args:
    """Months are named: "December 50% stronger", "August 20% cheaper", "pause July"."""
    args, _ = constraints.read(clause)
    args = {key: value for key, value in args.items() if key in ("keep", "minimums", "maximums")}
    if clause.has(r"\bweek"):
        args["by"] = "weeks"
    seasons, prices = _indices(clause)
    pauses = [{"month": month} for match in _PAUSE.finditer(clause.text) for month in _months(clause, match["when"])]
    said = {"seasonality": seasons, "prices": prices, "pauses": pauses}
    return args | {key: value for key, value in said.items() if value} | campaign(clause, r"plan\s+(?:of|for)|campaign")


def _indices(clause: Clause) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    seasons: list[dict[str, Any]] = []
    prices: list[dict[str, Any]] = []
    for match in _INDEX.finditer(clause.text):
        share = clause.utterance.value(match["size"], Percent).value / 100
        index = 1 - share if match["less"] or match["cheaper"] else 1 + share
        kind = prices if match["dearer"] or match["cheaper"] else seasons
        kind += [{"month": month, "index": plain(Decimal(index))} for month in _months(clause, match["when"])]
    return seasons, prices


def _months(clause: Clause, slot: str) -> list[int]:
    """Of the months that a period touches, each once."""
    period = clause.utterance.value(slot, Period)
    start, end = period.start, period.end or period.start
    if start is None or end is None:
        return []
    count = min((end.year - start.year) * 12 + end.month - start.month, 11)
    return [(start.month - 1 + i) % 12 + 1 for i in range(count + 1)]
