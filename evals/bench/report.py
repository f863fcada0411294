"""The figures of a bench: a table with ratios for a person and, in the last line, one JSON object for a program."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median

from evals.bench.load import Run
from evals.bench.measuring import AGES, CONCURRENCY, Measured

Figures = Mapping[str, float | None]

_OF_A_RUN: Mapping[str, Callable[[Run], float]] = {
    "turns_per_s": lambda run: run.turns_per_s,
    "cpu_ms": lambda run: run.cpu_ms(run.cost.server),
    "postgres_cpu_ms": lambda run: run.cpu_ms(run.cost.postgres),
    "redis_cpu_ms": lambda run: run.cpu_ms(run.cost.redis),
    "first_event_ms": lambda run: run.first_event_ms,
    "turn_ms": lambda run: run.turn_ms,
}
_STOPPING = ("cancel_ms", "cancel_ms_worst", "drain_s")


def figures_of(measured: Measured) -> Figures:
    """Medians over the rounds. None for what was not measured: a quick bench leaves the long conversations out."""
    found: dict[str, float | None] = {}
    for clients in CONCURRENCY:
        for name, figure in _OF_A_RUN.items():
            found[f"{name}_c{clients}"] = _middle([figure(run) for run in measured.at_once[clients]])
    found["added_first_token_ms_c10"] = _middle([run.added_first_token_ms for run in measured.paced])
    found["paced_cpu_ms_c10"] = _middle([run.cpu_ms(run.cost.server) for run in measured.paced])
    found["bytes_per_turn"] = _middle([run.bytes_per_turn for run in measured.paced])
    found["bytes_per_turn_at_once"] = _middle([run.bytes_per_turn for run in measured.at_once[10]])
    found["rss_mb"] = _middle(measured.rss_mb)
    for age in AGES:
        found[f"checkpoint_bytes_per_turn_{age}"] = measured.checkpoint_bytes.get(age)
    found["cancel_ms"] = _middle(measured.cancel_ms)
    found["cancel_ms_worst"] = max(measured.cancel_ms, default=None)
    found["drain_s"] = _middle(measured.drain_s)
    return {name: figure if figure is None else round(figure, 3) for name, figure in found.items()}


def lines(floor: Measured, product: Measured) -> Iterator[str]:
    ours, theirs = figures_of(product), figures_of(floor)
    yield f"{'':<32}{'floor':>12}{'product':>12}{'ratio':>8}"
    for name, figure in ours.items():
        yield f"{name:<32}{_shown(theirs[name]):>12}{_shown(figure):>12}{_ratio(figure, theirs[name]):>8}"
    foreign = _foreign_share([*_runs(floor), *_runs(product)])
    yield f"{len(floor.paced)} rounds, medians; others took {foreign:.0%} of the processors meanwhile"
    compared = {f"floor_{name}": figure for name, figure in theirs.items() if name not in _STOPPING}
    extra = {"rounds": len(product.paced), "foreign_cpu_share": round(foreign, 3)}
    yield json.dumps({**ours, **compared, **extra})


def _runs(measured: Measured) -> Sequence[Run]:
    return [run for runs in (*measured.at_once.values(), measured.paced) for run in runs]


def _foreign_share(runs: Sequence[Run]) -> float:
    return median(run.cost.foreign_share for run in runs)


def _middle(figures: Sequence[float]) -> float | None:
    return median(figures) if figures else None


def _shown(figure: float | None) -> str:
    if figure is None:
        return "–"
    return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:,.2f}"


def _ratio(figure: float | None, floor: float | None) -> str:
    return f"{figure / floor:.2f}" if figure is not None and floor else ""
