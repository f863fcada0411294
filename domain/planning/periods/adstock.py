"""Adstock: what a period's media still does in the periods after it.

Media works through weights by lag, then saturates: the response to period τ is that of Σₗ wₗ·x(τ − l). Carry-over from
before the first period comes in through the history; what is left after the last period runs on for `length − 1`
periods, and the caller says whether it counts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.errors import InvalidInput

LONGEST = 104  # periods
Amounts = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Adstock:
    """`weights[l]` is the part of a period's media that works l periods later, 0 or more each, not all 0."""

    weights: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        if not 1 <= len(self.weights) <= LONGEST:
            raise InvalidInput(
                f"An adstock lasts 1 to {LONGEST} periods, not {len(self.weights)}.", code="bad_adstock", field="l_max"
            )
        if not all(0 <= weight < math.inf for weight in self.weights) or not sum(self.weights):
            raise InvalidInput(
                "Adstock weights are numbers of 0 or more, one above 0.", code="bad_adstock", field="weights"
            )

    @classmethod
    def geometric(cls, retention: float, l_max: int, *, normalised: bool = True) -> "Adstock":
        """wₗ = αˡ over `l_max` periods, the own one included (S. Broadbent, *One way TV advertisements work*, 1979).

        Normalised weights add up to 1, so a steady spend works as it would without carry-over. Refuses `bad_adstock`.
        """
        _refuse_bad(retention, 0, l_max)
        return cls(_weights(retention, np.arange(l_max), normalised=normalised))

    @classmethod
    def delayed(cls, retention: float, peak: float, l_max: int, *, normalised: bool = True) -> "Adstock":
        """wₗ = α^((l − θ)²): strongest `peak` periods later (Jin et al., *Bayesian methods for media mix modeling with
        carryover and shape effects*, Google, 2017). Otherwise as `geometric`."""
        _refuse_bad(retention, peak, l_max)
        return cls(_weights(retention, (np.arange(l_max) - peak) ** 2, normalised=normalised))

    @property
    def length(self) -> int:
        """Periods in which a period's media works, the own one included."""
        return len(self.weights)

    def matrix(self, periods: int) -> Amounts:
        """(periods + length − 1) × periods: what each period's media does in each period, and after the last one."""
        effect = np.zeros((periods + self.length - 1, periods))
        for lag, weight in enumerate(self.weights):
            effect[np.arange(periods) + lag, np.arange(periods)] = weight
        return effect

    def carried(self, media: npt.ArrayLike, history: Sequence[float] = ()) -> Amounts:
        """Media at work by period, in the unit of `media`, whose last axis is the periods.

        The last axis grows by `length − 1`: the periods after the end. `history` is the media of the periods before,
        the most recent one last; what lies further back than the adstock reaches has no effect.
        """
        amounts = np.asarray(media, dtype=np.float64)
        worked = amounts @ self.matrix(amounts.shape[-1]).T
        return worked + self.from_before(history, amounts.shape[-1])

    def from_before(self, history: Sequence[float], periods: int) -> Amounts:
        """What the history alone does in the periods and after them (periods + length − 1 amounts)."""
        before = np.asarray(history, dtype=np.float64)
        if not np.all((before >= 0) & (before < math.inf)):
            raise InvalidInput("Earlier spend is 0 or more in every period.", code="bad_amount", field="history")
        worked = np.zeros(periods + self.length - 1)
        if len(before):
            after = (self.matrix(len(before)) @ before)[len(before) :]
            kept = min(len(after), len(worked))
            worked[:kept] = after[:kept]
        return worked


NO_CARRY_OVER = Adstock()


def _weights(retention: float, exponents: npt.NDArray[np.generic], *, normalised: bool) -> tuple[float, ...]:
    weights = np.power(float(retention), exponents.astype(np.float64))
    return tuple((weights / weights.sum() if normalised else weights).tolist())


def _refuse_bad(retention: float, peak: float, l_max: int) -> None:
    if isinstance(l_max, bool) or not isinstance(l_max, int) or not 1 <= l_max <= LONGEST:
        raise InvalidInput(f"An adstock lasts 1 to {LONGEST} periods, not {l_max}.", code="bad_adstock", field="l_max")
    if not 0 <= retention < 1:
        raise InvalidInput(
            f"The retention lies from 0 to below 1, not at {retention}.", code="bad_adstock", field="retention"
        )
    if not 0 <= peak <= l_max - 1:
        raise InvalidInput(
            f"The peak lies within the adstock, from 0 to {l_max - 1}, not at {peak}.", code="bad_adstock", field="peak"
        )
