"""A flighting pattern on other weeks than it was made for."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.planning.flighting.pattern import Flighting, FlightPattern
from domain.planning.flighting.weeks import Week, fitted

_PLACES = Decimal("0.000001")


def moved_pattern(
    pattern: FlightPattern, before: Sequence[Week], after: Sequence[Week], *, along: bool
) -> FlightPattern:
    """`along`: what is fixed or closed in the third week stays in the third week; else it stays at its date.

    What has no week any more is left out. Custom weights are stretched over the new number of weeks.
    """
    fixed = _along(pattern, before, after) if along else fitted(pattern, after)
    if fixed.shape is not Flighting.CUSTOM or len(fixed.weights) == len(after):
        return fixed
    return replace(fixed, weights=_stretched(fixed.weights, len(after)))


def _along(pattern: FlightPattern, before: Sequence[Week], after: Sequence[Week]) -> FlightPattern:
    def there(day: date) -> date | None:
        i = max(bisect_right(before, day, key=lambda week: week.start) - 1, 0)
        return after[i].start if i < len(after) else None

    return replace(
        pattern,
        pinned=tuple((day, minor) for was, minor in pattern.pinned if (day := there(was))),
        blackout=tuple(day for was in pattern.blackout if (day := there(was))),
    )


def _stretched(weights: Sequence[Decimal], count: int) -> tuple[Decimal, ...]:
    """Each new week has its part of the old ones that it lies over: 2, 4 over four weeks is 1, 1, 2, 2."""
    old = len(weights)
    found = []
    for i in range(count):
        begin, end = Fraction(i * old, count), Fraction((i + 1) * old, count)
        whole = sum(
            (
                Fraction(weights[k]) * (min(end, Fraction(k + 1)) - max(begin, Fraction(k)))
                for k in range(int(begin), min(old, -int(-end // 1)))
            ),
            Fraction(0),
        )
        found.append((Decimal(whole.numerator) / Decimal(whole.denominator)).quantize(_PLACES))
    return tuple(found) if any(found) else tuple(Decimal(1) for _ in found)
