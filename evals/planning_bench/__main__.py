"""`python -m evals.planning_bench`: the allocation against an oracle, against other ways, and against the clock."""

import argparse
import json
import sys
from collections.abc import Sequence

from domain.planning.allocation.allocate import allocate
from evals.planning_bench.instances import instances
from evals.planning_bench.meridian import BUDGET, example
from evals.planning_bench.quality import WORSE, Quality, judge
from evals.planning_bench.speed import GROWTH_CHANNELS, GROWTH_STEPS, growth, medians

_PUBLISHED = 265_203_000


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Is the allocation right, and how fast is it?")
    parser.add_argument("--instances", type=int, default=500)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--samples", type=int, default=25, help="allocations behind each median")
    parser.add_argument("--quick", action="store_true", help="a few of each: does it work at all?")
    asked = parser.parse_args(arguments)
    if asked.quick:
        asked.instances, asked.samples = 10, 1
    quality = _quality(asked.instances, asked.seed)
    speed = _speed(asked.samples)
    if not asked.quick:
        _growth(max(3, asked.samples // 5))
    published = allocate(BUDGET, example().lines)
    lost = quality.cents_lost + abs(BUDGET - sum(published.spend))
    _say(
        f"\nPublished example: {published.outcome:,.0f} of {_PUBLISHED:,} wanted, spend {sum(published.spend):,} cents"
    )
    figures = {
        "instances": len(quality.all_gaps),
        "worse_than_0_01_percent": quality.worse,
        "violations": len(quality.violations),
        "cents_lost": lost,
        **speed,
        "meridian_outcome": int(published.outcome),
        "largest_gap": float(f"{max(quality.all_gaps):.3g}"),
    }
    print(json.dumps(figures))
    right = not quality.worse and not quality.violations and not lost and published.outcome >= _PUBLISHED
    return 0 if right else 1


def _quality(count: int, seed: int) -> Quality:
    _say(f"{count} random instances, seed {seed}: the product beside the best split that is known")
    quality = judge(instances(count, seed), _say)
    _say(f"\n  {'kind of instance':<48} {'count':>6} {'largest gap':>12} {f'over {WORSE:.2%}':>12}")
    for kind, gaps in sorted(quality.gaps.items()):
        _say(f"  {kind:<48} {len(gaps):>6} {max(gaps):>12.1e} {sum(gap > WORSE for gap in gaps):>12}")
    for violation in quality.violations:
        _say(f"  broken: {violation}")
    _say("\nOther ways on a fifth of the instances (without minimum buys; the grid walk without groups)")
    _say(f"  {'':<17} {'mean gap':>9} {'worst':>9} {'>0.5% off':>9} {'unspent':>9} {'× time':>9} {'no answer':>9}")
    for name, baseline in quality.baselines.items():
        _say(baseline.line(name))
    return quality


def _speed(samples: int) -> dict[str, float]:
    figures = {}
    _say("\nMedian milliseconds, grid of 1,000 steps")
    for channels in (10, 50):
        by_kind = medians(channels, samples)
        _say(f"  {channels} lines: " + ", ".join(f"{kind} {ms:.1f}" for kind, ms in by_kind.items()))
        figures[f"median_ms_{channels}"] = round(max(by_kind.values()), 2)
    return figures


def _growth(samples: int) -> None:
    _say("\nGrowth: median milliseconds, S-shaped, by lines (down) and steps of the grid (across)")
    grown = growth(samples)
    _say("  " + " ".join(f"{each:>8}" for each in ("", *GROWTH_STEPS)))
    for channels in GROWTH_CHANNELS:
        _say("  " + " ".join([f"{channels:>8}", *(f"{grown[channels, steps]:>8.1f}" for steps in GROWTH_STEPS)]))


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
