"""The best split of a whole number of units over concave curves with bounds, where every unit must be spent.

At the optimum every curve no bound holds has the same marginal return (Karush–Kuhn–Tucker), so the split is found by
bisection on that one price. What rounding leaves is settled unit by unit on the exact gains, until no exchange of one
unit between two curves improves the outcome; for concave curves that is the optimum over whole units (Fox, 1966).
"""

import math
import sys
from collections.abc import Sequence

from domain.planning.curves.response_curves import ResponseCurve


def fill(total: int, curves: Sequence[ResponseCurve], least: Sequence[int], most: Sequence[int]) -> list[int]:
    """Whole units per curve, adding up to `total`. Needs sum(least) <= total <= sum(most)."""
    price = _clearing_price(total, curves, least, most)
    spend = _demand(price, curves, least, most)
    _settle(total, spend, curves, least, most)
    return spend


def _demand(price: float, curves: Sequence[ResponseCurve], least: Sequence[int], most: Sequence[int]) -> list[int]:
    """What each curve takes when every further unit must bring at least `price`."""
    return [
        max(low, int(min(curve.spend_at_marginal(price), high)))
        for curve, low, high in zip(curves, least, most, strict=True)
    ]


def _clearing_price(total: int, curves: Sequence[ResponseCurve], least: Sequence[int], most: Sequence[int]) -> float:
    """The lowest price, to the last bit of a float, at which the curves ask for no more than the total.

    A curve may start upright and end flat, so the search lies between the gain of a first whole unit, at twice which
    nobody asks for one, and the smallest float.
    """
    flattest = min(curve.marginal(high) for curve, high in zip(curves, most, strict=True))
    cheap = max(flattest / 2, sys.float_info.min)
    dear = max(2 * max(curve.gain(low, 1) for curve, low in zip(curves, least, strict=True)), cheap)
    while cheap < (price := math.sqrt(cheap) * math.sqrt(dear)) < dear:
        if sum(_demand(price, curves, least, most)) > total:
            cheap = price
        else:
            dear = price
    return dear


def _settle(
    total: int, spend: list[int], curves: Sequence[ResponseCurve], least: Sequence[int], most: Sequence[int]
) -> None:
    """Place what is left where it gains most, then move single units while a move gains. Changes `spend`."""
    order = range(len(curves))
    gains = [0.0] * len(curves)  # of the next unit; -inf where there is no room
    losses = [0.0] * len(curves)  # of the last unit; inf where it may not go

    def change(i: int, by: int) -> None:
        spend[i] += by
        gains[i] = curves[i].gain(spend[i], 1) if spend[i] < most[i] else -math.inf
        losses[i] = curves[i].gain(spend[i] - 1, 1) if spend[i] > least[i] else math.inf

    for i in order:
        change(i, 0)
    while left := total - sum(spend):
        taker = max(order, key=gains.__getitem__)
        # More than a unit each is left only where all are so flat that a float no longer sees their slope.
        change(taker, min(left, most[taker] - spend[taker]) if left > 2 * len(curves) else 1)
    while True:
        taker, giver = max(order, key=gains.__getitem__), min(order, key=losses.__getitem__)
        if gains[taker] <= losses[giver]:
            return
        change(giver, -1)
        change(taker, 1)
