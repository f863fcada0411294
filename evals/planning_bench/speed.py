"""How long an allocation takes, and how that grows."""

import time
from statistics import median

from domain.planning.allocation.allocate import allocate
from evals.planning_bench.contenders import asked
from evals.planning_bench.instances import Instance, scalable

STEPS = 1000
GROWTH_CHANNELS = (5, 10, 20, 50, 100)
GROWTH_STEPS = (250, 500, 1000, 2000, 4000)
_BATCH = "concave", "s-shaped", "s-shaped, 2 groups"


def medians(channels: int, samples: int) -> dict[str, float]:
    """Milliseconds by kind of instance."""
    return {kind: _median([_instance(kind, channels, seed) for seed in range(samples)], STEPS) for kind in _BATCH}


def growth(samples: int) -> dict[tuple[int, int], float]:
    """Milliseconds by channels and steps of the grid; S-shaped curves, no groups."""
    return {
        (channels, steps): _median([_instance("s-shaped", channels, seed) for seed in range(samples)], steps)
        for channels in GROWTH_CHANNELS
        for steps in GROWTH_STEPS
    }


def _instance(kind: str, channels: int, seed: int) -> Instance:
    return scalable(channels, seed, s_shaped=kind != "concave", groups=2 if kind.endswith("groups") else 0)


def _median(instances: list[Instance], steps: int) -> float:
    taken = []
    for instance in instances:
        lines, groups = asked(instance)
        start = time.perf_counter()
        allocate(instance.total, lines, groups, steps=steps)
        taken.append((time.perf_counter() - start) * 1000)
    return median(taken)
