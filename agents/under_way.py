"""The turns that this process runs now, each of them stopped at most once."""

import asyncio
from dataclasses import dataclass
from typing import Any

from domain.ids import TurnId

_MOST_REMEMBERED = 1_000


@dataclass(slots=True)
class _Run:
    task: asyncio.Task[Any]
    stopped: bool = False


class UnderWay:
    """A turn whose end is asked for before its task is here is stopped as soon as it comes."""

    def __init__(self) -> None:
        self._runs: dict[TurnId, _Run] = {}
        self._asked: dict[TurnId, None] = {}  # of turns that run elsewhere, or nowhere yet; the oldest first

    def begin(self, turn_id: TurnId, task: asyncio.Task[Any]) -> None:
        self._runs[turn_id] = _Run(task)
        if turn_id in self._asked:
            self.stop(turn_id)

    def end(self, turn_id: TurnId) -> None:
        del self._runs[turn_id]

    def stop(self, turn_id: TurnId) -> bool:
        """False if it does not run here. A second cancel would break off what the first one has begun to save."""
        run = self._runs.get(turn_id)
        if run is None:
            self._remember(turn_id)
            return False
        if not run.stopped:
            run.stopped = True
            run.task.cancel()
        return True

    def _remember(self, turn_id: TurnId) -> None:
        self._asked[turn_id] = None
        if len(self._asked) > _MOST_REMEMBERED:
            del self._asked[next(iter(self._asked))]
