"""Moving an amount from one line and period to another, for as long as that brings more.

A linear programme over pieces sees the curve beside a split. A move of a larger amount can leave the flat foot of an
S-shaped curve in one step, which no small change does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from domain.planning.linear import Floats
from domain.planning.period_limits import SpendLimits
from domain.planning.period_response import Response

AMOUNTS = np.geomspace(1 / 64, 8, 15)  # of the average spend of a line in a period
GAIN = 1e-9  # of the outcome: less is no improvement

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
        changed = set(range(count))
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
            changed = {best.giver[0], best.taker[0]}
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
        track = self.response.tracks[line]
        media = track.effect @ spend[line] + track.from_before
        now = float(track.outcomes(media).sum())
        fall, rise = self._slack(spend, "period")
        best: Move | None = None
        for k, amount in enumerate(self._amounts):
            givers = np.flatnonzero(np.isfinite(out[line, :, k]) & (fall >= amount))
            takers = np.flatnonzero((self.limits.most[line] - spend[line] >= amount) & (rise >= amount))
            if not len(givers) or not len(takers):
                continue
            moved = (track.effect[:, None, takers] - track.effect[:, givers, None]) * amount
            gains = track.outcomes(np.maximum(media[:, None, None] + moved, 0.0)).sum(axis=0) - now
            giver, taker = np.unravel_index(np.argmax(gains), gains.shape)
            if best is None or gains[giver, taker] > best.gain:
                best = Move(float(gains[giver, taker]), amount, (line, int(givers[giver])), (line, int(takers[taker])))
        return best

    def _between(self, spend: Floats, out: Floats, into: Floats) -> Iterator[Move]:
        """The best moves between two lines: whose effects add up, since the lines don't touch."""
        line_fall, line_rise = self._slack(spend, "line")
        period_fall, period_rise = self._slack(spend, "period")
        out = np.where(line_fall[:, None, None] >= self._amounts, out, -np.inf)
        into = np.where(line_rise[:, None, None] >= self._amounts, into, -np.inf)
        yield from self._best_pairs(out, into, same_period=True)
        out = np.where(period_fall[None, :, None] >= self._amounts, out, -np.inf)
        into = np.where(period_rise[None, :, None] >= self._amounts, into, -np.inf)
        yield from self._best_pairs(out, into, same_period=False)

    def _best_pairs(self, out: Floats, into: Floats, *, same_period: bool) -> Iterator[Move]:
        for k, amount in enumerate(self._amounts):
            given, taken = out[:, :, k], into[:, :, k]
            if same_period:
                gains = given[:, None, :] + taken[None, :, :]
                gains[np.arange(len(given)), np.arange(len(given))] = -np.inf
                giver, taker, period = np.unravel_index(np.argmax(gains), gains.shape)
                gain, periods = gains[giver, taker, period], (int(period), int(period))
            else:
                gains = given.max(axis=1)[:, None] + taken.max(axis=1)[None, :]
                np.fill_diagonal(gains, -np.inf)
                giver, taker = np.unravel_index(np.argmax(gains), gains.shape)
                gain, periods = gains[giver, taker], (int(given[giver].argmax()), int(taken[taker].argmax()))
            if np.isfinite(gain):
                yield Move(float(gain), float(amount), (int(giver), periods[0]), (int(taker), periods[1]))
