"""Pricing: what a unit is in each pricing model, what a quantity of it costs, how many impressions it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Protocol

from domain.channels import PricingModel
from domain.errors import InvalidInput
from domain.money import Money, exponent
from domain.rates import checked_rate
from domain.text import clean_line

UNITS: Mapping[PricingModel, str] = {
    PricingModel.CPM: "thousand impressions",
    PricingModel.VCPM: "thousand viewable impressions",
    PricingModel.CPC: "click",
    PricingModel.CPCV: "completed view",
    PricingModel.CPV: "view",
    PricingModel.CPA: "action",
    PricingModel.CPP: "rating point",
    PricingModel.FLAT_RATE: "placement",
    PricingModel.TIME: "unit of time",
    PricingModel.REVENUE_SHARE: "unit of revenue",
}
MILLE = 1000
# Enough that the cost of a quantity is the money it was worked out from, for every amount and rate there can be.
QUANTITY_DECIMALS = 24
LARGEST_QUANTITY = Decimal(10) ** 30
_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)


class ResponseRates(Protocol):
    """What impressions on a channel cost and bring. `domain.planning.curves.benchmarks.Benchmark` is one."""

    @property
    def currency(self) -> str: ...
    @property
    def cpm(self) -> int | Fraction:
        """Minor units of `currency` for a thousand impressions."""
        ...

    @property
    def ctr(self) -> float: ...
    @property
    def cvr(self) -> float: ...
    @property
    def viewability(self) -> float: ...
    @property
    def completed_view_rate(self) -> float: ...
    @property
    def audience(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Pricing:
    """How a line is bought.

    rate       major units of `currency` for one unit, to six decimals; for a revenue share, percent of the revenue.
               None where no rate is agreed yet: the line is then planned at its benchmark's price
    time_unit  what is bought by time: "hour", "day", "spot"

    Raises InvalidInput with field `rate` (`bad_rate`, `too_precise`, `amount_too_large`), `time_unit` or `currency`.
    """

    model: PricingModel
    rate: Decimal | None
    currency: str
    time_unit: str | None = None

    def __post_init__(self) -> None:
        exponent(self.currency)
        if self.rate is not None:
            object.__setattr__(self, "rate", checked_rate(self.rate, field="rate"))
            if self.model is PricingModel.REVENUE_SHARE and self.rate > 100:
                raise InvalidInput("A revenue share is at most 100 %.", code="bad_rate", field="rate")
        if self.time_unit is not None:
            if self.model is not PricingModel.TIME:
                raise InvalidInput(f"{self.model} is not bought by time.", code="not_by_time", field="time_unit")
            object.__setattr__(self, "time_unit", clean_line(self.time_unit, field="time_unit", longest=40))

    @property
    def unit(self) -> str:
        return self.time_unit or UNITS[self.model]

    def cost(self, quantity: Decimal) -> Money:
        """Net cost of a quantity of units, rounded half to even.

        Raises `rate_required`, `amount_too_large`, and for the field `quantity` what `checked_rate` refuses.
        """
        units = checked_rate(quantity, field="quantity", decimals=QUANTITY_DECIMALS, largest=LARGEST_QUANTITY)
        return Money(round(self._unit_cost() * Fraction(units)), self.currency)

    def quantity(self, net: Money) -> Decimal:
        """How many units the net media cost buys: a fraction of a unit too, so that `cost` gives the money back.

        Raises `currency_mismatch`, `negative_amount`, `rate_required`, `rate_is_zero` (no end of units).
        """
        minor = (net + Money.zero(self.currency)).minor
        if minor < 0:
            raise InvalidInput(f"{net} buys nothing.", code="negative_amount", field="net_media")
        if self.model is PricingModel.FLAT_RATE and self.rate is None:
            return Decimal(1 if minor else 0)  # whatever is paid is the price of the one placement
        return _decimal(minor / self._priced_unit())

    def impressions_per_unit(self, rates: ResponseRates) -> Fraction:
        """Expected impressions that come with one unit.

        A view counts as a viewable impression (MRC: half the pixels for two seconds), an action as a conversion, and a
        rating point is one per cent of the audience. Placements, time and revenue promise no impressions: they are
        taken to buy them at the going CPM. Raises `rate_required` and `currency_mismatch` for those.
        """
        per_impression = _units_per_impression(self.model, rates)
        if per_impression is not None:
            return 1 / per_impression
        return self._unit_cost() * MILLE / self._going_cpm(rates)

    def cpm(self, rates: ResponseRates) -> Fraction:
        """Minor units of `currency` for a thousand expected impressions: the price that forecasts and curves use.

        Without a rate, and for placements, time and revenue, it is the going CPM. Raises `rate_is_zero`, and
        `currency_mismatch` where the going CPM is in another currency.
        """
        per_impression = _units_per_impression(self.model, rates)
        if self.rate is None or per_impression is None:
            return self._going_cpm(rates)
        return self._priced_unit() * per_impression * MILLE

    def _unit_cost(self) -> Fraction:
        """Minor units for one unit."""
        if self.rate is None:
            raise InvalidInput(
                f"A price per {self.unit} is needed.",
                code="rate_required",
                field="rate",
                pricing_model=self.model.value,
            )
        minor = Fraction(self.rate) * Money.of(1, self.currency).minor
        return minor / 100 if self.model is PricingModel.REVENUE_SHARE else minor

    def _priced_unit(self) -> Fraction:
        cost = self._unit_cost()
        if not cost:
            raise InvalidInput(
                f"At a price of 0 per {self.unit} an amount of money says nothing about the quantity.",
                code="rate_is_zero",
                field="rate",
            )
        return cost

    def _going_cpm(self, rates: ResponseRates) -> Fraction:
        if rates.currency != self.currency:
            raise InvalidInput(
                f"The going CPM is in {rates.currency}, the line is bought in {self.currency}.",
                code="currency_mismatch",
                field="currency",
            )
        return Fraction(rates.cpm)


def _units_per_impression(model: PricingModel, rates: ResponseRates) -> Fraction | None:
    """None where the unit is not counted in impressions or what comes of them."""
    match model:
        case PricingModel.CPM:
            return Fraction(1, MILLE)
        case PricingModel.VCPM:
            return _exact(rates.viewability) / MILLE
        case PricingModel.CPV:
            return _exact(rates.viewability)
        case PricingModel.CPC:
            return _exact(rates.ctr)
        case PricingModel.CPCV:
            return _exact(rates.completed_view_rate)
        case PricingModel.CPA:
            return _exact(rates.ctr) * _exact(rates.cvr)
        case PricingModel.CPP:
            return Fraction(100, rates.audience)
        case _:
            return None


def _exact(rate: float) -> Fraction:
    """The decimal that the float was written as."""
    return Fraction(str(float(rate)))


def _decimal(number: Fraction) -> Decimal:
    ratio = _EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))
    return ratio.quantize(Decimal(1).scaleb(-QUANTITY_DECIMALS), context=_EXACT).normalize(_EXACT)
