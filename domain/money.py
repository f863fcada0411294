"""Money: an integer number of minor units of one ISO 4217 currency. No float ever touches it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from typing import Self

import iso4217

from domain.errors import InvalidInput

LARGEST_MINOR = 10**15  # ten trillion dollars; well inside a database bigint


MOST_DECIMALS = 30  # beyond it nobody means the number, and making it exact costs time


@cache
def exponent(currency: str) -> int:
    """Decimal places of the currency's minor unit (USD 2, JPY 0, KWD 3), by ISO 4217."""
    try:
        places = iso4217.Currency(currency).exponent
    except ValueError:
        places = None
    if places is None:
        raise InvalidInput(f"{currency!r} is not an ISO 4217 currency.", code="unknown_currency", field="currency")
    return int(places)


@dataclass(frozen=True, slots=True)
class Money:
    minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent(self.currency)
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError(f"minor units are an int, not {type(self.minor).__name__}")
        if abs(self.minor) > LARGEST_MINOR:
            raise InvalidInput(
                f"An amount may not exceed {LARGEST_MINOR // 10 ** exponent(self.currency):,} {self.currency}.",
                code="amount_too_large",
                field="amount",
            )

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Self:
        """From major units. Refuses what isn't a finite number or has more decimals than the currency."""
        if isinstance(amount, float | bool):
            raise TypeError(f"an amount is exact, not a {type(amount).__name__}")
        places = exponent(currency)
        try:
            number = Decimal(amount)
        except InvalidOperation:
            raise InvalidInput(f"{amount!r} is not an amount.", code="not_an_amount", field="amount") from None
        if not number.is_finite():
            raise InvalidInput(f"{amount} is not an amount.", code="not_an_amount", field="amount")
        if number.adjusted() > 20:
            raise InvalidInput("That amount is too large.", code="amount_too_large", field="amount")
        if number and _decimals(number) > MOST_DECIMALS:
            raise InvalidInput(f"{currency} has {places} decimal places.", code="too_precise", field="amount")
        scaled = Fraction(number) * 10**places
        if scaled.denominator != 1:
            raise InvalidInput(
                f"{currency} has {places} decimal places; {amount} has more.",
                code="too_precise",
                field="amount",
            )
        return cls(int(scaled), currency)

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def sum(cls, parts: Iterable["Money"], currency: str) -> "Money":
        total = Money.zero(currency)
        for part in parts:
            total = total + part
        return total

    @property
    def major(self) -> Decimal:
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same_currency(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same_currency(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same_currency(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same_currency(other).minor

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same_currency(other).minor

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same_currency(other).minor

    def __str__(self) -> str:
        return f"{self.major:,.{exponent(self.currency)}f} {self.currency}"

    def times(self, factor: Fraction | int) -> "Money":
        """Scaled and rounded half to even, to the minor unit."""
        if isinstance(factor, float):
            raise TypeError("money is scaled by an exact factor")
        return Money(round(self.minor * Fraction(factor)), self.currency)

    def split(self, weights: Sequence[int | Fraction]) -> list["Money"]:
        """Parts in proportion to the weights, adding up exactly (largest remainder, ties to the earlier part)."""
        return [Money(part, self.currency) for part in split_minor(self.minor, weights)]

    def _same_currency(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise InvalidInput(
                f"{other.currency} can't be combined with {self.currency} without a rate.",
                code="currency_mismatch",
                field="currency",
            )
        return other


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def split_minor(total: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Hamilton's largest-remainder method on integers. Weights are non-negative and not all zero."""
    if any(weight < 0 for weight in weights) or not sum(weights):
        raise InvalidInput(
            "Weights must not be negative, and one must be above zero.", code="bad_weights", field="weights"
        )
    sign, size = (-1, -total) if total < 0 else (1, total)
    whole = sum(Fraction(weight) for weight in weights)
    exact = [size * Fraction(weight) / whole for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: size - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]
