"""Shares of a budget that lines are to have exactly."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from domain.errors import InvalidInput
from domain.money import Money
from domain.plans.bounds import Limits, LineBounds


def exact_shares(limits: Limits, budget: Money) -> Limits:
    """A line whose least share is also its most has that one, as an amount.

    Such lines share what their percentages come to by the largest remainder (Money.split), so 33.3, 33.3 and 33.4 %
    are the whole budget to the minor unit; rounding each inwards, as other shares are, would leave room for none.
    Refuses (InvalidInput) `shares_over_100_percent`.
    """
    exact = [one for one in limits.lines if _is_exact(one)]
    shares = [one.room.shares[0] for one in exact]
    whole = sum(shares, Fraction(0))
    if whole > 1:
        raise InvalidInput(
            f"The shares of {', '.join(one.spec.label for one in exact)} come to {float(100 * whole):.6g} %, "
            "above the whole budget.",
            code="shares_over_100_percent",
            field="minimums",
        )
    amounts = dict(zip((one.spec.code for one in exact), _parts(budget.times(whole), shares), strict=True))
    return replace(
        limits,
        lines=tuple(
            replace(one, minimum=amount, maximum=amount, minimum_percent=None, maximum_percent=None)
            if (amount := amounts.get(one.spec.code)) is not None
            else one
            for one in limits.lines
        ),
    )


def _is_exact(one: LineBounds) -> bool:
    of_its_own = one.kept is None and one.minimum is None and one.maximum is None
    return of_its_own and one.minimum_percent is not None and one.minimum_percent == one.maximum_percent


def _parts(whole: Money, shares: Sequence[Fraction]) -> list[Money]:
    return whole.split(shares) if any(shares) else [Money.zero(whole.currency) for _ in shares]
