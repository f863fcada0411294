"""Rates are exact decimals: finite, never negative, with a stated number of decimal places."""

from decimal import Decimal
from fractions import Fraction

from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR, MOST_DECIMALS

RATE_DECIMALS = 6
LARGEST_RATE = Decimal(LARGEST_MINOR)


def checked_rate(
    rate: Decimal, *, field: str, decimals: int = RATE_DECIMALS, largest: Decimal = LARGEST_RATE
) -> Decimal:
    """The rate itself. Raises InvalidInput `bad_rate` (negative, not finite), `too_precise` or `amount_too_large`."""
    if not isinstance(rate, Decimal):
        raise TypeError(f"a rate is a Decimal, not a {type(rate).__name__}")
    if not rate.is_finite() or rate < 0:
        raise InvalidInput(f"The {field} must be a number of 0 or more, not {rate}.", code="bad_rate", field=field)
    if not rate:
        return Decimal(0)
    if rate > largest:
        raise InvalidInput(f"The {field} is too large.", code="amount_too_large", field=field)
    # An absurd exponent is refused before it is made exact, which would take time and memory.
    places = rate.as_tuple().exponent
    if (isinstance(places, int) and -places > MOST_DECIMALS) or (Fraction(rate) * 10**decimals).denominator != 1:
        raise InvalidInput(f"The {field} may have at most {decimals} decimal places.", code="too_precise", field=field)
    return rate
