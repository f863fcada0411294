"""Random budgets over lines, made from a seed. Every instance is made around a split that keeps all its bounds."""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

Family = Literal["michaelis_menten", "hill", "logarithmic", "power", "logistic_saturation", "tabulated"]
CONCAVE: tuple[Family, ...] = ("michaelis_menten", "hill", "logarithmic", "power", "logistic_saturation")


@dataclass(frozen=True, slots=True)
class Curve:
    family: Family
    numbers: tuple[float, ...]  # of a tabulated curve: its spends, then its outcomes


@dataclass(frozen=True, slots=True)
class Limit:
    """Lines, by position, that together spend from `low` to `high`."""

    members: frozenset[int]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Instance:
    """Amounts in minor units. Where buys[i] is above 0, line i spends nothing or from there to most[i]."""

    name: str
    total: int
    curves: Sequence[Curve]
    least: Sequence[int]
    most: Sequence[int]
    locked: frozenset[int]
    buys: Sequence[int]
    limits: Sequence[Limit]
    known: Sequence[int] = field(repr=False)  # a split that keeps all of this and spends everything

    @property
    def kind(self) -> str:
        return self.name.rpartition(" ")[0]


def instances(count: int, seed: int) -> list[Instance]:
    return [_instance(random.Random(f"{seed}:{number}"), number) for number in range(count)]


def scalable(channels: int, seed: int, *, s_shaped: bool, groups: int = 0) -> Instance:
    """For the measurement of time: wide bounds, every curve S-shaped or every curve concave."""
    rng = random.Random(f"speed:{channels}:{seed}:{s_shaped}")
    total = round(10 ** rng.uniform(7, 9))
    pick = _s_curve if s_shaped else _concave
    curves = [pick(rng, total / channels) for _ in range(channels)]
    order = rng.sample(range(channels), channels)
    size = channels // (groups + 1)
    limits = [
        Limit(frozenset(order[g * size : (g + 1) * size]), 0, round(total * rng.uniform(0.6, 0.9) / groups))
        for g in range(groups)
    ]
    kind = "s-shaped" if s_shaped else "concave"
    nothing = [0] * channels
    return Instance(f"{kind} {seed}", total, curves, nothing, [total] * channels, frozenset(), nothing, limits, nothing)


def _instance(rng: random.Random, number: int) -> Instance:
    count = rng.randint(2, 12)
    total = round(10 ** rng.uniform(5, 10))
    shapes = rng.choice(["concave", "s-shaped", "mixed"])
    width = rng.choice(["tight", "wide", "mixed"])
    known = _split(rng, total, count)
    curves = [_curve(rng, total / count, shapes) for _ in range(count)]
    bounds = [_bounds(rng, amount, total, width) for amount in known]
    least, most, buys = [low for low, _ in bounds], [high for _, high in bounds], [0] * count
    locked = frozenset(i for i in range(count) if rng.random() < 0.1) if rng.random() < 0.4 else frozenset()
    for i in locked:
        least[i] = most[i] = known[i]
    bought = rng.random() < 0.25
    for i in range(count):
        if bought and i not in locked and rng.random() < 0.4:
            least[i], buys[i] = 0, max(1, round(known[i] * rng.uniform(0.2, 1)))
            most[i] = max(most[i], buys[i])
    grouping = rng.choice(["no groups", "no groups", "groups", "nested", "overlapping"])
    limits = _limits(rng, known, total, grouping)
    bought_too = ", minimum buys" if any(buys) else ""
    name = f"{shapes}, {width} bounds, {grouping}{bought_too} {number}"
    return Instance(name, total, curves, least, most, locked, buys, limits, known)


def _split(rng: random.Random, total: int, count: int) -> list[int]:
    weights = [rng.expovariate(1) + 0.05 for _ in range(count)]
    amounts = [int(total * weight / sum(weights)) for weight in weights]
    amounts[0] += total - sum(amounts)
    return amounts


def _bounds(rng: random.Random, amount: int, total: int, width: str) -> tuple[int, int]:
    if width == "wide" or (width == "mixed" and rng.random() < 0.5):
        return 0, total
    return int(amount * rng.uniform(0.5, 0.95)), min(total, int(amount * rng.uniform(1.05, 1.8)) + 1)


def _limits(rng: random.Random, known: Sequence[int], total: int, grouping: str) -> list[Limit]:
    order = rng.sample(range(len(known)), len(known))
    half, third = max(1, len(order) // 2), max(1, len(order) // 3)
    sets: dict[str, list[list[int]]] = {
        "no groups": [],
        "groups": [order[:third], order[third : 2 * third]],
        "nested": [order[:half], order[: max(1, half // 2)]],
        "overlapping": [order[: 2 * third], order[third : half + third]],
    }
    limits = []
    for members in sets[grouping]:
        if members:
            spent = sum(known[i] for i in members)
            low = int(spent * rng.uniform(0.5, 1)) if rng.random() < 0.5 else 0
            limits.append(Limit(frozenset(members), low, min(total, int(spent * rng.uniform(1, 1.5)) + 1)))
    return limits


def _curve(rng: random.Random, scale: float, shapes: str) -> Curve:
    if shapes == "concave" or (shapes == "mixed" and rng.random() < 0.5):
        return _concave(rng, scale)
    return _s_curve(rng, scale)


def _concave(rng: random.Random, scale: float) -> Curve:
    top, bend = 10 ** rng.uniform(2, 3.5), scale * 10 ** rng.uniform(-0.7, 0.7)
    makers: dict[Family, Callable[[], tuple[float, ...]]] = {
        "michaelis_menten": lambda: (top, bend),
        "hill": lambda: (top, bend, rng.uniform(0.4, 1)),
        "logarithmic": lambda: (top, bend),
        "power": lambda: (top / bend ** (exponent := rng.uniform(0.2, 0.8)), exponent),
        "logistic_saturation": lambda: (top, 2 / bend),
    }
    family = rng.choice(CONCAVE)
    return Curve(family, makers[family]())


def _s_curve(rng: random.Random, scale: float) -> Curve:
    top, bend = 10 ** rng.uniform(2, 3.5), scale * 10 ** rng.uniform(-0.5, 0.9)
    if rng.random() < 0.8:
        return Curve("hill", (top, bend, rng.uniform(1.2, 4)))
    spends = [bend * step / 4 for step in range(17)]
    slope, noise = rng.uniform(1.5, 4), [rng.uniform(0.7, 1.3) for _ in spends]
    rises = [
        n * (_hill(b, bend, slope) - _hill(a, bend, slope))
        for a, b, n in zip(spends, spends[1:], noise[1:], strict=False)
    ]
    outcomes = [top * sum(rises[:step]) for step in range(17)]
    return Curve("tabulated", (*spends, *outcomes))


def _hill(spend: float, half: float, slope: float) -> float:
    return 1 / (1 + math.pow(half / spend, slope)) if spend else 0.0
