"""The curves once more, from the textbook and in numpy alone, so that product and oracle share no code."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from evals.planning_bench.instances import Curve, Instance

Numbers = NDArray[np.float64]


def value(curve: Curve, spend: Numbers) -> Numbers:
    """What each spend brings; spends in minor units."""
    numbers = curve.numbers
    if curve.family == "tabulated":
        knots = np.array(numbers[: len(numbers) // 2])
        return np.asarray(_through(numbers)(np.minimum(spend, knots[-1])), float)
    if curve.family == "michaelis_menten":
        return numbers[0] * spend / (numbers[1] + spend)
    if curve.family == "logarithmic":
        return numbers[0] * np.log1p(spend / numbers[1])
    if curve.family == "power":
        return numbers[0] * np.power(spend, numbers[1])
    if curve.family == "logistic_saturation":
        decayed: Numbers = np.exp(-numbers[1] * spend)
        return numbers[0] * (1 - decayed) / (1 + decayed)
    raised: Numbers = np.power(spend / numbers[1], numbers[2])
    return numbers[0] * raised / (1 + raised)


def outcome(instance: Instance, spend: Sequence[float] | Numbers) -> float:
    return sum(
        float(value(curve, np.array([spent], float))[0]) for curve, spent in zip(instance.curves, spend, strict=True)
    )


def slope(curve: Curve, spend: float, step: float) -> float:
    low, high = max(spend - step, 0.0), spend + step
    brought = value(curve, np.array([low, high]))
    return float(brought[1] - brought[0]) / (high - low)


@lru_cache(maxsize=64)
def _through(numbers: tuple[float, ...]) -> PchipInterpolator:
    half = len(numbers) // 2
    return PchipInterpolator(np.array(numbers[:half]), np.array(numbers[half:]))
