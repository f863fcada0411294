"""Costs in another currency than the plan's, at a stored rate that names its source and date. Nothing is looked up."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from domain.errors import InvalidInput
from domain.money import Money
from domain.rates import checked_rate
from domain.text import clean_line

EXCHANGE_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """One unit of `base` is `rate` units of `quote`, by `source` as of `date`.

    Raises InvalidInput `unknown_currency`, `same_currency`, `bad_rate`, `too_precise`, and for an empty source `empty`.
    """

    base: str
    quote: str
    rate: Decimal
    source: str
    date: date

    def __post_init__(self) -> None:
        for currency in (self.base, self.quote):
            Money.zero(currency)
        if self.base == self.quote:
            raise InvalidInput(
                f"A rate is between two currencies, not {self.base} twice.", code="same_currency", field="quote"
            )
        if not checked_rate(self.rate, field="rate", decimals=EXCHANGE_DECIMALS):
            raise InvalidInput("An exchange rate is above 0.", code="bad_rate", field="rate")
        object.__setattr__(self, "source", clean_line(self.source, field="source"))

    def __str__(self) -> str:
        return f"1 {self.base} = {self.rate.normalize():f} {self.quote} ({self.source}, {self.date})"

    def convert(self, amount: Money) -> Money:
        """From base to quote, rounded half to even to the minor unit of the quote. Refuses `currency_mismatch`."""
        if amount.currency != self.base:
            raise InvalidInput(
                f"A rate from {self.base} to {self.quote} says nothing about {amount}.",
                code="currency_mismatch",
                field="rate",
            )
        exact = Fraction(amount.major) * Fraction(self.rate) * Money.of(1, self.quote).minor
        return Money(round(exact), self.quote)


@dataclass(frozen=True, slots=True)
class ForeignCost:
    """What a line costs in the currency it is bought in."""

    amount: Money
    rate: ExchangeRate

    def __post_init__(self) -> None:
        self.rate.convert(self.amount)

    def in_plan_currency(self) -> Money:
        return self.rate.convert(self.amount)


def in_currency(amount: Money, currency: str, rate: ExchangeRate | None) -> Money:
    """The amount in the plan's currency. Raises InvalidInput `rate_required` or `currency_mismatch`."""
    if amount.currency == currency:
        return amount
    if rate is None:
        raise InvalidInput(
            f"{amount} needs an exchange rate to {currency}, with its source and date.",
            code="rate_required",
            field="rate",
            currency=amount.currency,
        )
    if rate.quote != currency:
        raise InvalidInput(
            f"The plan is in {currency}; the rate leads to {rate.quote}.", code="currency_mismatch", field="rate"
        )
    return rate.convert(amount)
