"""Allocation: a budget over lines with bounds, for the greatest outcome, exact to the minor unit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from domain.planning.constraints import Allocable, refuse_impossible
from domain.planning.water_filling import fill

Bound = Literal["minimum", "maximum", "locked"]


@dataclass(frozen=True, slots=True)
class BindingBound:
    """A locked line, or a bound that costs outcome: without it the line would take or give money."""

    key: str
    bound: Bound


@dataclass(frozen=True, slots=True)
class Allocation:
    """The best split.

    spend            minor units in the order of the lines; with `unspent` it adds up to the budget
    outcome          what the spend brings, in the unit the curves count
    marginal_return  the shadow price: outcome of one more minor unit of budget; 0 where no line can take it
    unspent_reason   a clause for a person; None when everything is spent
    extrapolated     keys of the lines whose spend lies outside their curve's valid range
    """

    spend: tuple[int, ...]
    outcome: float
    marginal_return: float
    binding: tuple[BindingBound, ...]
    unspent: int
    unspent_reason: str | None
    extrapolated: tuple[str, ...]


def allocate(total: int, lines: Sequence[Allocable]) -> Allocation:
    """Split `total` minor units over the lines. All of it is spent as long as a line has room.

    Raises InvalidInput, naming the lines, for what can't hold together; `refuse_impossible` lists the codes.
    """
    refuse_impossible(total, lines)
    spend = _best_spend(total, lines)
    split = list(zip(lines, spend, strict=True))
    price = max((line.curve.gain(spent, 1) for line, spent in split if line.could_take_more(spent)), default=0.0)
    cheapest = _cheapest_to_give(split, price)
    unspent = total - sum(spend)
    return Allocation(
        spend=tuple(spend),
        outcome=math.fsum(line.curve.outcome(spent) for line, spent in split),
        marginal_return=price,
        binding=tuple(
            BindingBound(line.key, bound) for line, spent in split if (bound := _held(line, spent, price, cheapest))
        ),
        unspent=unspent,
        unspent_reason="every line is at its maximum or locked." if unspent else None,
        extrapolated=tuple(line.key for line, spent in split if line.curve.extrapolates(spent)),
    )


def _best_spend(total: int, lines: Sequence[Allocable]) -> list[int]:
    most = [line.most(total) for line in lines]
    if sum(most) <= total:
        return most
    return fill(total, [line.curve for line in lines], [line.least for line in lines], most)


def _cheapest_to_give(split: Sequence[tuple[Allocable, int]], price: float) -> float:
    """What the unit least missed brings where it is. Where every line is full, a wider one would take new money: 0."""
    given = [line.curve.gain(spent - 1, 1) for line, spent in split if line.locked is None and spent > line.least]
    return min(given, default=math.inf) if price else 0.0


def _held(line: Allocable, spent: int, price: float, cheapest: float) -> Bound | None:
    if line.locked is not None:
        return "locked"
    if spent == line.maximum and line.curve.gain(spent, 1) > cheapest:
        return "maximum"
    if spent == line.minimum > 0 and line.curve.gain(spent - 1, 1) < price:
        return "minimum"
    return None
