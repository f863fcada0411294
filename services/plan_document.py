"""A version of a plan as it goes to a client: everything that a workbook or another document is made of."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from domain.campaigns import BudgetBasis
from domain.channels import Channel
from domain.fees import FeeBasis
from services.amounts import Amount
from services.line_views import LineView
from services.queries import CampaignView, PlanView
from services.read_models import ReadModel


class ExportFormat(StrEnum):
    XLSX = "xlsx"
    MEDIAPLAN_JSON = "mediaplan_json"

    @property
    def ending(self) -> str:
        return _ENDINGS[self]

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]

    @property
    def label(self) -> str:
        return _LABELS[self]


_ENDINGS = {ExportFormat.XLSX: "xlsx", ExportFormat.MEDIAPLAN_JSON: "json"}
_MEDIA_TYPES = {
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.MEDIAPLAN_JSON: "application/json",
}
_LABELS = {ExportFormat.XLSX: "workbook", ExportFormat.MEDIAPLAN_JSON: "mediaplanschema 3.0 document"}


class DocumentLine(ReadModel):
    view: LineView
    start: date
    end: date
    name: str = Field(description="By the advertiser's pattern, or else the line's label.")
    utm: str | None = Field(description="UTM parameters, where the advertiser has a naming pattern.")
    weekly: list[Decimal] = Field(description="Major units, one for each week of the document; 0 where it doesn't run.")
    extension: dict[str, object] = Field(description="What an imported document said that has no place of its own.")


class FeeTotal(ReadModel):
    name: str
    basis: FeeBasis
    value: Decimal
    amount: Amount


class CostTotals(ReadModel):
    """gross − agency discount = net media; net media + fees = client cost."""

    gross: Amount
    agency_discount: Amount
    net_media: Amount
    fees: list[FeeTotal]
    fee_total: Amount
    client_cost: Amount


class Assumption(ReadModel):
    subject: str
    text: str


class BenchmarkNote(ReadModel):
    channel: Channel
    market: str | None
    cpm: Decimal = Field(description="Major units of the plan's currency, before fees.")
    ctr: float
    cvr: float
    viewability: float
    completion_rate: float | None
    audience: int
    frequency_cap: float = Field(description="Effective exposures for each person and week.")
    source: str
    illustrative: bool


class CurveNote(ReadModel):
    line: str
    family: str
    counts: str
    valid_from: Amount
    valid_to: Amount
    days: int = Field(description="The period the curve holds for.")
    source: str
    extrapolated: bool = Field(description="The planned spend lies outside of the range the source speaks for.")


class RateNote(ReadModel):
    line: str
    amount: Amount
    rate: Decimal = Field(description="Units of the plan's currency for one of the line's.")
    source: str
    on: date


class PlanDocument(ReadModel):
    """Every amount is in the plan's currency unless it says another one. Amounts of lines add up to the totals."""

    workspace: str
    campaign: CampaignView
    plan: PlanView
    standing: str = Field(description="Where the version stands: approved, waiting, superseded.")
    basis: BudgetBasis
    budget: Amount = Field(description="The campaign's, when the version was saved.")
    start: date
    end: date
    made_by: str
    exported_at: datetime
    weeks: list[date] = Field(description="First days of the calendar weeks that the lines run in, none left out.")
    lines: list[DocumentLine]
    totals: CostTotals
    assumptions: list[Assumption]
    benchmarks: list[BenchmarkNote]
    curves: list[CurveNote]
    rates: list[RateNote]
    extension: dict[str, object] = Field(description="As of the lines, of the whole plan.")

    @property
    def currency(self) -> str:
        return self.plan.total.currency

    @property
    def file_stem(self) -> str:
        """A name that every system can store: no part of a path, whatever the campaign is called."""
        named = "".join("-" if c in '/\\:*?"<>|' else c for c in self.campaign.name).strip(". -") or "plan"
        return f"{named} - plan v{self.plan.number}"
