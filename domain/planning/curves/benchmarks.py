"""What a channel costs and brings when nobody has told us better.

Every figure is an illustrative default: chosen for plausible proportions between channels, cited from no study. The
prices are stated in US dollars; another currency multiplies them by an illustrative price level. docs/planning.md
prints the table with its assumptions.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from domain.channels import Channel, PricingModel
from domain.errors import InvalidInput
from domain.money import exponent

ILLUSTRATIVE = "illustrative default"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One channel's price and response.

    cpm              minor units of `currency` for a thousand impressions, exact
    ctr              clicks per impression; where nothing can be clicked, attributed site visits per impression
    cvr              conversions per click or visit
    viewability      share of impressions that could be seen or heard
    completion_rate  share of impressions played to the end; None where nothing plays
    audience         people of the target audience the channel can reach
    frequency_cap    effective exposures per person and week
    pricing_model    how the channel is usually bought
    """

    channel: Channel
    currency: str
    cpm: int | Fraction
    ctr: float
    cvr: float
    viewability: float
    completion_rate: float | None
    audience: int
    frequency_cap: float
    pricing_model: PricingModel
    source: str = ILLUSTRATIVE

    def __post_init__(self) -> None:
        exponent(self.currency)
        for name in ("ctr", "cvr", "viewability", "completed_view_rate"):
            rate = getattr(self, name)
            if not 0 < rate <= 1:
                raise InvalidInput(
                    f"A {name} lies above 0 and at most at 1, not at {rate}.", code="bad_rate", field=name
                )
        for name in ("cpm", "audience", "frequency_cap"):
            size = getattr(self, name)
            if not 0 < size < math.inf:
                raise InvalidInput(
                    f"The {name} must be a number above 0, not {size}.", code="bad_benchmark", field=name
                )

    @property
    def completed_view_rate(self) -> float:
        """Completed views per impression. Where nothing plays, the visit stands for the completed view."""
        return self.ctr if self.completion_rate is None else self.completion_rate


def benchmark(channel: Channel, currency: str) -> Benchmark:
    """The default for a channel, priced in the currency. Refuses with `no_benchmark` what the tables don't hold."""
    dollars = _IN_DOLLARS.get(channel)
    if dollars is None:
        known = _listed(channel.label for channel in _IN_DOLLARS)
        raise InvalidInput(
            f"There is no benchmark for {channel.label}; there is one for {known}.",
            code="no_benchmark",
            field="channel",
            channel=channel.value,
            available=[channel.value for channel in _IN_DOLLARS],
        )
    level = PRICE_LEVELS.get(currency)
    if level is None:
        raise InvalidInput(
            f"There are no benchmarks in {currency!r}; there are in {_listed(PRICE_LEVELS)}.",
            code="no_benchmark",
            field="currency",
            currency=currency,
            available=list(PRICE_LEVELS),
        )
    minor_per_cent = Fraction(level) * 10 ** exponent(currency) / 10 ** exponent("USD")
    return replace(dollars, currency=currency, cpm=round(dollars.cpm * minor_per_cent))


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """The benchmarks a plan is made with: a tenant's own ones by channel, market and currency before the defaults.

    An own benchmark without a market (None) speaks for every market that has none of its own.
    """

    own: Mapping[tuple[Channel, str | None, str], Benchmark] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_key = {
            (channel, market_key(market), currency): found for (channel, market, currency), found in self.own.items()
        }
        object.__setattr__(self, "own", by_key)

    def of(self, channel: Channel, currency: str, market: str | None = None) -> Benchmark:
        """Refuses with `no_benchmark` what neither the tenant nor the tables hold."""
        found = self.own.get((channel, market_key(market), currency)) or self.own.get((channel, None, currency))
        return found or benchmark(channel, currency)

    def find(self, channel: Channel, currency: str, market: str | None = None) -> Benchmark | None:
        try:
            return self.of(channel, currency, market)
        except InvalidInput:
            return None


def market_key(market: str | None) -> str | None:
    """Markets are told apart whatever their case."""
    return None if market is None else market.casefold()


def _listed(names: Iterable[str]) -> str:
    *rest, last = names
    return f"{', '.join(rest)} and {last}"


# Units of the currency that buy the media one US dollar buys in the United States: an assumption, not an exchange rate.
PRICE_LEVELS: Mapping[str, str] = {
    "USD": "1",
    "EUR": "0.85",
    "GBP": "0.75",
    "JPY": "110",
    "CAD": "1.15",
    "AUD": "1.30",
    "NZD": "1.30",
    "CHF": "1.00",
    "SEK": "9",
    "NOK": "10",
    "DKK": "6.50",
    "PLN": "2.40",
    "CZK": "14",
    "INR": "25",
    "BRL": "2.60",
    "MXN": "9",
    "ZAR": "8",
    "SGD": "1.20",
    "HKD": "6",
    "KRW": "1000",
    "AED": "3.20",
}

_CPM, _CPC, _FLAT = PricingModel.CPM, PricingModel.CPC, PricingModel.FLAT_RATE

# fmt: off
_IN_DOLLARS: Mapping[Channel, Benchmark] = {
    row.channel: row
    for row in (
        # channel, currency, cpm, ctr, cvr, viewability, completion rate, audience, weekly frequency cap, pricing model
        Benchmark(Channel.SEARCH,          "USD", 100_00, 0.0450, 0.040, 0.95, None,   150_000, 1, _CPC),
        Benchmark(Channel.SOCIAL,          "USD",   9_00, 0.0100, 0.013, 0.70, 0.20,   500_000, 2, _CPM),
        Benchmark(Channel.DISPLAY,         "USD",   3_00, 0.0015, 0.018, 0.65, None,   900_000, 3, _CPM),
        Benchmark(Channel.OLV,             "USD",  12_00, 0.0050, 0.018, 0.75, 0.65,   500_000, 2, _CPM),
        Benchmark(Channel.CTV,             "USD",  30_00, 0.0120, 0.025, 0.95, 0.95,   500_000, 1, _CPM),
        Benchmark(Channel.LINEAR_TV,       "USD",  18_00, 0.0030, 0.015, 0.90, 0.85, 1_000_000, 2, _CPM),
        Benchmark(Channel.STREAMING_AUDIO, "USD",  14_00, 0.0020, 0.015, 0.95, 0.90,   300_000, 2, _CPM),
        Benchmark(Channel.PODCAST,         "USD",  22_00, 0.0050, 0.025, 0.95, 0.85,   150_000, 1, _CPM),
        Benchmark(Channel.DOOH,            "USD",   8_00, 0.0008, 0.012, 0.60, None,   600_000, 3, _CPM),
        Benchmark(Channel.OOH,             "USD",   5_00, 0.0004, 0.012, 0.50, None,   900_000, 3, _FLAT),
    )
}
# fmt: on
