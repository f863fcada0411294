"""What a spend is expected to deliver. Every response is the channel's curve, so forecast and optimiser agree."""

from dataclasses import dataclass
from decimal import Decimal

from domain.errors import InvalidInput
from domain.objectives import Outcome
from domain.planning.curves.benchmarks import Benchmark
from domain.planning.curves.response_curves import MILLE, outcome_curve

CONVERSION_STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Delivery:
    """Expected delivery of a spend.

    Counts are whole. Conversions are rare, and an expectation of a third of one is not none: they are kept to a
    hundredth, as an exact decimal. `impressions` are bought; `reach` is people who could see at least one of them.
    Reach added up over lines counts a person once per line, so it is an upper bound. `spend` is in minor units.
    `Delivery()` is the zero of a sum.
    """

    impressions: int = 0
    clicks: int = 0
    conversions: Decimal = Decimal(0)
    completed_views: int = 0
    reach: int = 0
    spend: int = 0

    def __add__(self, other: "Delivery") -> "Delivery":
        return Delivery(
            impressions=self.impressions + other.impressions,
            clicks=self.clicks + other.clicks,
            conversions=self.conversions + other.conversions,
            completed_views=self.completed_views + other.completed_views,
            reach=self.reach + other.reach,
            spend=self.spend + other.spend,
        )

    @property
    def cpm(self) -> Decimal | None:
        """Minor units per thousand impressions; like every ratio here, None where nothing is there to divide by."""
        return _ratio(self.spend * MILLE, self.impressions)

    @property
    def ctr(self) -> Decimal | None:
        return _ratio(self.clicks, self.impressions)

    @property
    def cpc(self) -> Decimal | None:
        """Minor units per click."""
        return _ratio(self.spend, self.clicks)

    @property
    def cvr(self) -> Decimal | None:
        return _ratio(self.conversions, self.clicks)

    @property
    def cpa(self) -> Decimal | None:
        """Minor units per conversion."""
        return _ratio(self.spend, self.conversions)


def deliver(benchmark: Benchmark, spend_minor: int, days: int) -> Delivery:
    """What the spend is expected to buy and bring over a flight of `days`.

    Impressions are bought at the CPM; a started impression doesn't count. The response to them saturates.
    """
    if isinstance(spend_minor, bool) or not isinstance(spend_minor, int) or spend_minor < 0:
        raise InvalidInput(
            f"A spend is a whole number of minor units of 0 or more, not {spend_minor}.",
            code="bad_amount",
            field="spend",
        )

    def expected(outcome: Outcome) -> float:
        return outcome_curve(benchmark, outcome, days).outcome(spend_minor)

    return Delivery(
        impressions=spend_minor * MILLE // benchmark.cpm,
        clicks=round(expected(Outcome.CLICKS)),
        conversions=Decimal(expected(Outcome.CONVERSIONS)).quantize(CONVERSION_STEP),
        completed_views=round(expected(Outcome.COMPLETED_VIEWS)),
        reach=round(expected(Outcome.REACH)),
        spend=spend_minor,
    )


def _ratio(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    return Decimal(part) / Decimal(whole) if whole else None
