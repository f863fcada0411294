"""What the product is measured against, and the product itself, on one instance each."""

import random

import numpy as np

from domain.objectives import Outcome
from domain.planning.allocation.allocate import Allocation, allocate
from domain.planning.allocation.constraints import Allocable
from domain.planning.allocation.groups import Group
from domain.planning.curves.response_curves import ResponseCurve
from domain.planning.curves.shapes import Hill, Logarithmic, LogisticSaturation, MichaelisMenten, Power, Shape
from domain.planning.curves.tabulated import Tabulated
from evals.planning_bench.climbing import climb
from evals.planning_bench.formulas import Numbers, outcome, value
from evals.planning_bench.instances import Curve, Instance


def product(instance: Instance, steps: int = 1000) -> Allocation:
    lines, groups = asked(instance)
    return allocate(instance.total, lines, groups, steps=steps)


def asked(instance: Instance) -> tuple[list[Allocable], list[Group]]:
    """The instance in the product's words."""
    lines = [
        Allocable(
            str(i),
            ResponseCurve(Outcome.CONVERSIONS, "USD", _shape(curve), 1e15, 28, "random"),
            minimum=0 if i in instance.locked else instance.least[i],
            maximum=None if i in instance.locked else instance.most[i],
            locked=instance.least[i] if i in instance.locked else None,
            minimum_buy=instance.buys[i],
        )
        for i, curve in enumerate(instance.curves)
    ]
    groups = [
        Group(str(g), frozenset(map(str, limit.members)), minimum=limit.low, maximum=limit.high)
        for g, limit in enumerate(instance.limits)
    ]
    return lines, groups


def slsqp(instance: Instance, starts: int, seed: int = 0) -> Numbers | None:
    """The best of several starts: an equal split, then random ones."""
    rng = random.Random(seed)
    count = len(instance.curves)
    best: Numbers | None = None
    for start in range(starts):
        weights = np.array([rng.expovariate(1) if start else 1.0 for _ in range(count)])
        climbed = climb(instance, weights / weights.sum() * instance.total)
        if climbed is not None and (best is None or outcome(instance, climbed) > outcome(instance, best)):
            best = climbed
    return best


def greedy(instance: Instance, steps: int = 1000) -> Numbers:
    """From the least amounts, a step at a time to the line where that step brings most. Knows no groups."""
    step = (instance.total - sum(instance.least)) / steps
    tables = [
        value(curve, least + np.arange(steps + 2, dtype=float) * step)
        for curve, least in zip(instance.curves, instance.least, strict=True)
    ]
    taken = [0] * len(tables)
    for _ in range(steps):
        gains = [
            table[k + 1] - table[k] if least + (k + 1) * step <= most else -1.0
            for table, k, least, most in zip(tables, taken, instance.least, instance.most, strict=True)
        ]
        best = max(range(len(gains)), key=gains.__getitem__)
        if gains[best] < 0:
            break
        taken[best] += 1
    return np.array(instance.least, float) + np.array(taken, float) * step


def _shape(curve: Curve) -> Shape:
    numbers = curve.numbers
    if curve.family == "tabulated":
        half = len(numbers) // 2
        return Tabulated(numbers[:half], numbers[half:])
    families: dict[str, type[Hill | Logarithmic | LogisticSaturation | MichaelisMenten | Power]] = {
        "hill": Hill,
        "logarithmic": Logarithmic,
        "logistic_saturation": LogisticSaturation,
        "michaelis_menten": MichaelisMenten,
        "power": Power,
    }
    return families[curve.family](*numbers)
