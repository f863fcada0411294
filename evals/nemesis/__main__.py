"""`python -m evals.nemesis`: breaks a world of its own for a while, and says what was lost, doubled or foreign."""

import argparse
import json
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from domain.errors import DomainError
from evals.nemesis.checker import Kind, Violation, check
from evals.nemesis.driver import Outcome, Storm, storm
from evals.nemesis.measuring import Figures, measure
from evals.nemesis.world import World, world
from server.embedded.signals import run_until_stopped

_STORM_SECONDS = 40.0  # then everything is mended and checked, and the next one begins
_INTERRUPTED = 130


class Tally:
    """What all storms came to."""

    def __init__(self) -> None:
        self.seeds: list[int] = []
        self.turns = 0
        self.faults: Counter[str] = Counter()
        self.wrong: Counter[Kind] = Counter()

    def add(self, seed: int, outcome: Outcome, violations: list[Violation]) -> None:
        self.seeds.append(seed)
        self.turns += len(outcome.history.turns)
        self.faults.update(outcome.faults)
        self.wrong.update(violation.kind for violation in violations)

    def line(self, figures: Figures | None) -> str:
        counted = {kind.value: self.wrong[kind] for kind in Kind}
        measured = figures.as_json() if figures else {}
        said = {"turns": self.turns, "faults": self.faults.total(), **counted, "seeds": self.seeds, **measured}
        return json.dumps(said)


async def weather(world: World, tally: Tally, seed: int, seconds: float) -> None:
    """One storm after another, each with the next seed and new people."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        outcome = await storm(world, Storm(seed, min(left, _STORM_SECONDS)))
        violations = check(outcome.history)
        tally.add(seed, outcome, violations)
        print(f"seed {seed}: {len(outcome.history.turns)} turns, {len(outcome.faults)} faults", flush=True)
        for violation in violations:
            print(f"  {violation}", flush=True)
        seed += 1


async def run(folder: Path, tally: Tally, asked: argparse.Namespace) -> None:
    figures: Figures | None = None
    async with world(folder) as one:
        await weather(one, tally, asked.seed, asked.seconds)
        if asked.figures:
            figures = await measure(one)
            print(figures, flush=True)
    print(tally.line(figures))


def main() -> int:
    parser = argparse.ArgumentParser(description="Breaks a media planner of its own, and checks what is left.")
    parser.add_argument("--seconds", type=float, default=300.0, help="how long things are broken (300)")
    parser.add_argument("--seed", type=int, help="of the first storm; a fresh one is made where none is given")
    parser.add_argument("--figures", action=argparse.BooleanOptionalAction, default=True, help="measure afterwards")
    parser.add_argument("--keep-logs", type=Path, help="a folder for the processes' logs")
    asked = parser.parse_args()
    asked.seed = secrets.randbelow(1_000_000) if asked.seed is None else asked.seed
    tally = Tally()
    try:
        with tempfile.TemporaryDirectory(prefix="mp-nemesis-", dir="/tmp") as name:
            Path(name).chmod(0o711)  # for the account that runs Postgres
            try:
                stopped = run_until_stopped(run(Path(name), tally, asked))
            finally:
                _keep(Path(name), asked.keep_logs)
    except (DomainError, OSError, ExceptionGroup) as error:
        print(f"given up, the first seed was {asked.seed}: {_causes(error)}", file=sys.stderr)
        return 1
    return _INTERRUPTED if stopped else int(bool(tally.wrong))


def _causes(error: Exception) -> str:
    if isinstance(error, ExceptionGroup):
        return "; ".join(_causes(one) for one in error.exceptions)
    return repr(error)


def _keep(folder: Path, kept: Path | None) -> None:
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        for log in folder.glob("*.log"):
            log.replace(kept / log.name)


if __name__ == "__main__":
    sys.exit(main())
