"""Moving an amount from one line and period to another, for as long as that brings more.

A linear programme over pieces sees the curve beside a split. A move of a larger amount can leave the flat foot of an
S-shaped curve in one step, which no small change does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from domain.planning.allocation.linear import Floats
from domain.planning.periods.limits import SpendLimits
from domain.planning.periods.response import Response

AMOUNTS = np.geomspace(1 / 64, 8, 15)  # of the average spend of a line in a period
GAIN = 1e-6  # of the outcome: what is less is left to the programmes

Cell = tuple[int, int]


@dataclass(frozen=True)
class Move:
    gain: float
    amount: float
    giver: Cell
    taker: Cell


@dataclass(frozen=True)
class Exchange:
    """`evaluations` of the curves are what a search may cost; it makes at least as many moves as there are lines."""

    limits: SpendLimits
    response: Response
    evaluations: int

    def improved(self, spend: Floats) -> Floats:
        """The split after the best moves, one after another."""
        spend, count = spend.copy(), len(spend)
        changes = np.zeros((2, *spend.shape, len(self._amounts)))  # of taking, and of adding, an amount
        within: list[Move | None] = [None] * count
        changed = everything = set(range(count))
        bounded = any(total.of == "period" for total in self.limits.totals)  # then a move takes room from other lines
        least_gain = GAIN * self.response.total(spend)
        for _ in range(self._moves):
            for line in changed:
                changes[:, line] = self._changes(line, spend[line])
            out, into = self._permitted(spend, changes)
            for line in range(count):
                within[line] = self._within(line, spend, out) if line in changed else within[line]
            moves = [move for move in (*within, *self._between(spend, out, into)) if move]
            best = max(moves, key=lambda move: move.gain, default=None)
            if best is None or best.gain <= least_gain:
                break
            spend[best.giver] -= best.amount
            spend[best.taker] += best.amount
            changed = everything if bounded else {best.giver[0], best.taker[0]}
        return spend

    @cached_property
    def _amounts(self) -> Floats:
        return AMOUNTS * self.limits.unit

    @property
    def _moves(self) -> int:
        lines, periods = self.limits.least.shape
        at_work = max(len(track.season) for track in self.response.tracks)
        affordable = self.evaluations / (2 * at_work * periods * (periods + 2) * len(AMOUNTS))
        return max(int(lines), int(affordable))

    def _changes(self, line: int, spend: Floats) -> Floats:
        """Out and in × periods × amounts: what the outcome changes by."""
        track = self.response.tracks[line]
        media = track.effect @ spend + track.from_before
        steps = track.effect[:, :, None] * self._amounts
        now = track.outcomes(media)[:, None, None]
        less = np.maximum(media[:, None, None] - steps, 0.0)
        changes: Floats = np.stack(
            [(track.outcomes(m) - now).sum(axis=0) for m in (less, media[:, None, None] + steps)]
        )
        return changes

    def _permitted(self, spend: Floats, changes: Floats) -> tuple[Floats, Floats]:
        """The changes, and -inf where a cell's own bounds forbid them."""
        out = np.where((spend - self.limits.least)[:, :, None] >= self._amounts, changes[0], -np.inf)
        into = np.where((self.limits.most - spend)[:, :, None] >= self._amounts, changes[1], -np.inf)
        return out, into

    def _slack(self, spend: Floats, of: str) -> tuple[Floats, Floats]:
        """How much the totals of lines (or periods) may fall and rise."""
        sums = spend.sum(axis=1 if of == "line" else 0)
        fall, rise = np.full(len(sums), np.inf), np.full(len(sums), np.inf)
        for total in self.limits.totals:
            if total.of == of:
                fall[total.index] = sums[total.index] - total.low
                rise[total.index] = total.high - sums[total.index]
        return fall, rise

    def _within(self, line: int, spend: Floats, out: Floats) -> Move | None:
        """The best move between two periods of one line, whose effects overlap."""
        track, amounts = self.response.tracks[line], self._amounts
        media = track.effect @ spend[line] + track.from_before
        fall, rise = self._slack(spend, "period")
        gives = np.isfinite(out[line]) & (fall[:, None] >= amounts)
        takes = np.minimum(self.limits.most[line] - spend[line], rise)[:, None] >= amounts
        if not gives.any() or not takes.any():
            return None
        moved = (track.effect[:, None, :, None] - track.effect[:, :, None, None]) * amounts
        brings = track.outcomes(np.maximum(media[:, None, None, None] + moved, 0.0)).sum(axis=0)
        gains = np.where(gives[:, None] & takes[None, :], brings - track.outcomes(media).sum(), -np.inf)
        giver, taker, k = (int(i) for i in np.unravel_index(np.argmax(gains), gains.shape))
        gain = float(gains[giver, taker, k])
        return Move(gain, float(amounts[k]), (line, giver), (line, taker)) if np.isfinite(gain) else None

    def _between(self, spend: Floats, out: Floats, into: Floats) -> Iterator[Move]:
        """The best moves between two lines: whose effects add up, since the lines don't touch."""
        line_fall, line_rise = self._slack(spend, "line")
        period_fall, period_rise = self._slack(spend, "period")
        out = np.where(line_fall[:, None, None] >= self._amounts, out, -np.inf)
        into = np.where(line_rise[:, None, None] >= self._amounts, into, -np.inf)
        yield from self._in_one_period(out, into)
        out = np.where(period_fall[None, :, None] >= self._amounts, out, -np.inf)
        into = np.where(period_rise[None, :, None] >= self._amounts, into, -np.inf)
        yield from self._in_any_periods(out, into)

    def _in_one_period(self, out: Floats, into: Floats) -> Iterator[Move]:
        gains = out[:, None] + into[None, :]
        gains[np.arange(len(out)), np.arange(len(out))] = -np.inf
        giver, taker, period, k = (int(i) for i in np.unravel_index(np.argmax(gains), gains.shape))
        gain = float(gains[giver, taker, period, k])
        if np.isfinite(gain):
            yield Move(gain, float(self._amounts[k]), (giver, period), (taker, period))

    def _in_any_periods(self, out: Floats, into: Floats) -> Iterator[Move]:
        gains = out.max(axis=1)[:, None] + into.max(axis=1)[None, :]
        gains[np.arange(len(out)), np.arange(len(out))] = -np.inf
        giver, taker, k = (int(i) for i in np.unravel_index(np.argmax(gains), gains.shape))
        gain = float(gains[giver, taker, k])
        if np.isfinite(gain):
            periods = int(out[giver, :, k].argmax()), int(into[taker, :, k].argmax())
            yield Move(gain, float(self._amounts[k]), (giver, periods[0]), (taker, periods[1]))
