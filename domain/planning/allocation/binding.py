"""Which bounds cost outcome, and what the next minor unit would bring.

A bound binds when an exchange of one unit would improve the outcome, if only that bound were looser.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from domain.planning.allocation.constraints import Allocable
from domain.planning.allocation.groups import Group
from domain.planning.curves.shapes import Numbers

Bound = Literal["minimum", "maximum", "locked", "minimum_buy", "group_minimum", "group_maximum"]

_NOISE = 1 + 1e-12  # two gains this close are equal


@dataclass(frozen=True, slots=True)
class BindingBound:
    """A locked line, or a bound that costs outcome: without it the line or group would take or give money.

    `key` is the line's, or the group's name.
    """

    key: str
    bound: Bound


def next_unit(total: int, lines: Sequence[Allocable], groups: Sequence[Group], spend: Sequence[int]) -> float:
    """The most that one more unit of budget brings where it may go; 0 where it may go nowhere."""
    keys = [line.key for line in lines]
    full = frozenset[str]().union(*(g.lines for g in groups if g.spend(keys, spend) >= g.high(total)), frozenset())
    return max(
        (
            line.curve.gain(spent, 1)
            for line, spent in zip(lines, spend, strict=True)
            if line.could_take_more(spent) and line.key not in full
        ),
        default=0.0,
    )


def binding_bounds(
    total: int, lines: Sequence[Allocable], groups: Sequence[Group], spend: Sequence[int]
) -> tuple[BindingBound, ...]:
    exchanges = _Exchanges.of(total, lines, groups, spend)
    of_lines = [
        BindingBound(line.key, bound)
        for i, line in enumerate(lines)
        if (bound := _held(exchanges, i, line, spend[i])) is not None
    ]
    of_groups = [BindingBound(groups[g].name, bound) for g, bound in exchanges.holding_groups()]
    return (*of_lines, *of_groups)


@dataclass(frozen=True, slots=True, eq=False)
class _Exchanges:
    """All moves of one unit: from giver j (a column; the last is money that is not in any line) to taker i (a row).

    `gain` and `loss` are those of the move whether the line's own bounds allow it or not, `takes` and `gives` say
    whether they do. `blocks` counts the groups that forbid the move.
    """

    gain: Numbers
    loss: Numbers
    takes: np.ndarray[tuple[int], np.dtype[np.bool_]]
    gives: np.ndarray[tuple[int], np.dtype[np.bool_]]
    member: Numbers
    full: Numbers
    tight: Numbers
    blocks: Numbers

    @classmethod
    def of(cls, total: int, lines: Sequence[Allocable], groups: Sequence[Group], spend: Sequence[int]) -> "_Exchanges":
        split, keys = list(zip(lines, spend, strict=True)), [line.key for line in lines]
        spare = sum(spend) < total or next_unit(total, lines, groups, spend) == 0
        member = np.array([[key in group.lines for key in keys] + [False] for group in groups], float)
        member = member.reshape(len(groups), len(lines) + 1)
        full = np.array([group.spend(keys, spend) >= group.high(total) for group in groups], float)
        tight = np.array([group.spend(keys, spend) <= group.low(total) for group in groups], float)
        inside, outside = member[:, :-1], 1 - member
        blocks = (inside * full[:, None]).T @ outside + ((1 - inside) * tight[:, None]).T @ member
        return cls(
            gain=np.array([line.curve.gain(spent, 1) if line.locked is None else -math.inf for line, spent in split]),
            loss=np.array([line.curve.gain(spent - 1, 1) if spent else math.inf for line, spent in split] + [0.0]),
            takes=np.array([line.could_take_more(spent) for line, spent in split]),
            gives=np.array([line.could_give(spent) for line, spent in split] + [spare]),
            member=member,
            full=full,
            tight=tight,
            blocks=blocks,
        )

    def would_take(self, i: int) -> bool:
        """Some money would go to the line, if only its own bounds let it."""
        better = self.gain[i] > self.loss * _NOISE
        better[i] = False
        return bool((better & self.gives & (self.blocks[i] == 0)).any())

    def would_give(self, i: int) -> bool:
        better = self.gain > self.loss[i] * _NOISE
        better[i] = False
        return bool((better & self.takes & (self.blocks[:, i] == 0)).any())

    def holding_groups(self) -> list[tuple[int, Bound]]:
        """Groups that alone forbid a move that would improve the outcome."""
        if not len(self.full):
            return []
        better = (self.gain[:, None] > self.loss[None, :] * _NOISE) & self.takes[:, None] & self.gives[None, :]
        better &= self.blocks == 1
        holding: list[tuple[int, Bound]] = []
        for g, members in enumerate(self.member.astype(bool)):
            into, out = members[:-1, None] & ~members[None, :], ~members[:-1, None] & members[None, :]
            if self.full[g] and (better & into).any():
                holding.append((g, "group_maximum"))
            if self.tight[g] and (better & out).any():
                holding.append((g, "group_minimum"))
        return holding


def _held(exchanges: _Exchanges, i: int, line: Allocable, spent: int) -> Bound | None:
    if line.locked is not None:
        return "locked"
    if spent == line.maximum and exchanges.would_take(i):
        return "maximum"
    if line.buy > 1 and ((spent == line.buy and exchanges.would_give(i)) or (spent == 0 and exchanges.would_take(i))):
        return "minimum_buy"
    if spent == line.least > 0 and exchanges.would_give(i):
        return "minimum_buy" if line.minimum < line.minimum_buy else "minimum"
    return None
