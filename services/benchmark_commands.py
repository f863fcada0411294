"""What can be asked of a tenant's own benchmarks."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from domain.channels import Channel, PricingModel
from domain.ids import FileId
from domain.planning.curves.own_figures import Figures, OwnBenchmark
from services.commands import Command

Market = Annotated[str, Field(min_length=1, max_length=80)]
Currency = Annotated[str, Field(min_length=3, max_length=3, description="ISO 4217 code.")]
Price = Annotated[Decimal, Field(gt=0)]
Share = Annotated[Decimal, Field(gt=0, le=1, description="A share: 2 % is 0.02.")]


class BenchmarkPlace(Command):
    channel: Channel
    market: Market | None = Field(
        default=None, description="As campaigns name it: a country by its ISO code. Left out: every market."
    )
    currency: Currency
    valid_from: date | None = Field(default=None, description="For flights that start on it or later.")


class SetBenchmark(BenchmarkPlace):
    """Figures left out stay as they are, or are inherited: from every market's own ones, then from the default."""

    cpm: Price | None = Field(default=None, description="Major units for a thousand impressions.")
    cpp: Price | None = Field(default=None, description="Major units for a rating point, instead of a CPM.")
    ctr: Share | None = None
    cvr: Share | None = Field(default=None, description="Conversions per click, as a share.")
    viewability: Share | None = None
    completion_rate: Share | None = None
    audience: int | None = Field(default=None, gt=0, description="People of the target audience.")
    frequency_cap: Decimal | None = Field(default=None, gt=0, description="Effective exposures per person and week.")
    pricing_model: PricingModel | None = Field(default=None, description="How the channel is usually bought.")
    source: str = Field(min_length=1, max_length=200, description="Where the figures come from: 2026 actuals.")

    def figures(self) -> Figures:
        return Figures(**{name: getattr(self, name) for name in FIGURES})

    def own(self) -> OwnBenchmark:
        return OwnBenchmark(
            self.channel, self.market, self.currency.upper(), self.figures(), self.source, self.valid_from
        )


FIGURES = (
    *("cpm", "cpp", "ctr", "cvr", "viewability", "completion_rate", "audience", "frequency_cap", "pricing_model"),
)


class ImportBenchmarks(Command):
    file_id: FileId = Field(description="Of a .csv file that was uploaded.")
