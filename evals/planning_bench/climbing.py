"""SLSQP on an instance, as anybody would set it up: scaled to the budget, numeric slopes, linear constraints."""

import warnings

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, minimize

from evals.planning_bench.formulas import Numbers, outcome, slope
from evals.planning_bench.instances import Instance

_SMALL = 1e-6  # of the budget: the step of a numeric slope
_TOLERANCE = 1e-9  # of the budget: how far a split may miss a bound


def climb(instance: Instance, start: Numbers) -> Numbers | None:
    """From a start, within the minimum buys that it makes. None where SLSQP ends outside of the bounds."""
    total = float(instance.total)
    bought = [not buy or start[i] >= buy / 2 for i, buy in enumerate(instance.buys)]
    least = [max(low, instance.buys[i] if bought[i] else 0) / total for i, low in enumerate(instance.least)]
    most = [high / total if bought[i] else 0.0 for i, high in enumerate(instance.most)]
    rows = np.array([np.ones(len(start)), *(_row(instance, g) for g in range(len(instance.limits)))])
    low = np.array([0.0, *(limit.low / total for limit in instance.limits)])
    high = np.array([1.0, *(limit.high / total for limit in instance.limits)])
    size = max(outcome(instance, start), 1e-12)

    def lost(x: Numbers) -> float:
        return -outcome(instance, np.clip(x, 0, None) * total) / size

    def steepest(x: Numbers) -> Numbers:
        return -_slopes(instance, np.clip(x, 0, None) * total) * total / size

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer = minimize(
            lost,
            np.clip(start / total, least, most),
            jac=steepest,
            bounds=Bounds(np.array(least), np.array(most)),
            constraints=LinearConstraint(rows, low, high),
            method="SLSQP",
            options={"maxiter": 300, "ftol": 1e-12},
        )
    spend = np.clip(answer.x, least, most) * total
    spend *= min(1.0, total / max(spend.sum(), 1.0))
    return spend if keeps(instance, spend) else None


def keeps(instance: Instance, spend: Numbers) -> bool:
    slack = instance.total * _TOLERANCE
    bounds = zip(spend, instance.least, instance.most, instance.buys, strict=True)
    return (
        spend.sum() <= instance.total + slack
        and all(
            (spent <= slack and buy > 0) or max(low, buy) - slack <= spent <= high + slack
            for spent, low, high, buy in bounds
        )
        and all(
            limit.low - slack <= sum(spend[i] for i in limit.members) <= limit.high + slack for limit in instance.limits
        )
    )


def _row(instance: Instance, g: int) -> Numbers:
    return np.array([float(i in instance.limits[g].members) for i in range(len(instance.curves))])


def _slopes(instance: Instance, spend: Numbers) -> Numbers:
    step = instance.total * _SMALL
    return np.array([slope(curve, float(spent), step) for curve, spent in zip(instance.curves, spend, strict=True)])
