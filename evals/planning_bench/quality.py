"""Whether the product's splits are right: against the oracle, against other ways, and against the bounds."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median

import numpy as np

from evals.planning_bench.climbing import keeps
from evals.planning_bench.contenders import asked, greedy, product, slsqp
from evals.planning_bench.formulas import Numbers, outcome
from evals.planning_bench.instances import Instance
from evals.planning_bench.oracle import best_known

WORSE = 1e-4
CLEARLY_WORSE = 5e-3
_EVERY = 5  # of the instances, one is given to the baselines

_BASELINES: dict[str, Callable[[Instance], Numbers | None]] = {
    "SLSQP, 1 start": lambda instance: slsqp(instance, 1),
    "SLSQP, 8 starts": lambda instance: slsqp(instance, 8),
    "greedy grid walk": greedy,
}


@dataclass(slots=True, eq=False)
class Baseline:
    """Gaps are of the best outcome known, times are in the product's."""

    gaps: list[float] = field(default_factory=list)
    unspent: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    without: int = 0  # instances without an answer inside the bounds

    def line(self, name: str) -> str:
        if not self.gaps:
            return f"  {name:<17} no answer"
        clearly = sum(gap > CLEARLY_WORSE for gap in self.gaps) / len(self.gaps)
        return (
            f"  {name:<17} {fmean(self.gaps):>9.3%} {max(self.gaps):>9.3%} {clearly:>9.0%} {fmean(self.unspent):>9.2%} "
            f"{median(self.times):>9.1f} {self.without:>9}"
        )


@dataclass(slots=True, eq=False)
class Quality:
    gaps: dict[str, list[float]] = field(default_factory=dict)  # by kind of instance; of the best outcome known
    violations: list[str] = field(default_factory=list)
    cents_lost: int = 0
    baselines: dict[str, Baseline] = field(default_factory=lambda: {name: Baseline() for name in _BASELINES})

    @property
    def all_gaps(self) -> list[float]:
        return [gap for gaps in self.gaps.values() for gap in gaps]

    @property
    def worse(self) -> int:
        return sum(gap > WORSE for gap in self.all_gaps)


def judge(instances: Iterable[Instance], say: Callable[[str], None]) -> Quality:
    quality = Quality()
    for number, instance in enumerate(instances):
        _judge_one(quality, instance, with_baselines=number % _EVERY == 0 and not any(instance.buys))
        if number % 100 == 99:
            say(f"  {number + 1} instances, largest gap {max(quality.all_gaps):.2e}")
    return quality


def _judge_one(quality: Quality, instance: Instance, *, with_baselines: bool) -> None:
    asked(instance)
    start = time.perf_counter()
    answer = product(instance)
    seconds = time.perf_counter() - start
    quality.violations += [f"{instance.name}: {broken}" for broken in broken_bounds(instance, answer.spend)]
    quality.cents_lost += abs(instance.total - sum(answer.spend) - answer.unspent)
    if has_room(instance, answer.spend):
        quality.cents_lost += answer.unspent
    brought = outcome(instance, answer.spend)
    best = max(best_known(instance).outcome, brought)
    if with_baselines:
        best = max(best, *_run_baselines(quality, instance, best, seconds))
    quality.gaps.setdefault(instance.kind, []).append(1 - brought / best)


def _run_baselines(quality: Quality, instance: Instance, best: float, seconds: float) -> list[float]:
    reached = [0.0]
    for name, run in _BASELINES.items():
        if instance.limits and run is greedy:
            continue
        start = time.perf_counter()
        spend = run(instance)
        took = time.perf_counter() - start
        baseline = quality.baselines[name]
        if spend is None or not keeps(instance, spend):
            baseline.without += 1
            continue
        reached.append(outcome(instance, spend))
        baseline.gaps.append(max(0.0, 1 - reached[-1] / best))
        baseline.unspent.append(max(0.0, 1 - float(np.sum(spend)) / instance.total))
        baseline.times.append(took / seconds)
    return reached


def has_room(instance: Instance, spend: Sequence[int]) -> bool:
    """Whether a line could take one more unit."""
    more = ([spent + (i == line) for i, spent in enumerate(spend)] for line in range(len(spend)))
    return any(not broken_bounds(instance, amounts) for amounts in more)


def broken_bounds(instance: Instance, spend: Iterable[int]) -> list[str]:
    """In exact integers."""
    amounts = list(spend)
    broken = [] if sum(amounts) <= instance.total else ["budget"]
    for i, spent in enumerate(amounts):
        if not instance.least[i] <= spent <= instance.most[i]:
            broken.append(f"locked line {i}" if i in instance.locked else f"bounds of line {i}")
        if 0 < spent < instance.buys[i]:
            broken.append(f"minimum buy of line {i}")
    for g, limit in enumerate(instance.limits):
        if not limit.low <= sum(amounts[i] for i in limit.members) <= limit.high:
            broken.append(f"group {g}")
    return broken
