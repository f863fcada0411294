"""What is shown of a plan before it comes in."""

from datetime import date
from decimal import Decimal

from pydantic import Field

from domain.channels import Channel, PricingModel
from domain.ids import CampaignId, FileId
from domain.objectives import Objective
from domain.plans.imports.proposal import ImportField, Severity
from services.amounts import Amount
from services.read_models import ReadModel

SHOWN_LINES = 20
SHOWN_PROBLEMS = 200


class ImportColumn(ReadModel):
    letter: str
    header: str
    field: ImportField | None = Field(description="Null: no place in a plan; its values stay with the lines.")
    confidence: Decimal = Field(description="1 where the header is known or was pointed at.")
    week: date | None = None
    examples: list[str] = Field(description="A few of its values.")


class ImportLine(ReadModel):
    row: int
    code: str
    channel: Channel
    label: str
    vehicle: str | None
    market: str | None
    pricing_model: PricingModel | None
    rate: Decimal | None
    stated: Amount = Field(description="As the document has it.")
    amount: Amount = Field(description="In the plan's currency.")
    start: date
    end: date
    weeks: int = Field(description="Weeks with money of their own in the document; 0: it says nothing of weeks.")


class ImportRemark(ReadModel):
    severity: Severity = Field(description="error: has to be settled before the plan can be saved.")
    code: str
    message: str
    row: int | None
    field: str | None


class ImportedCampaign(ReadModel):
    """That would be created."""

    name: str
    objective: Objective | None
    budget: Amount
    start: date
    end: date
    advertiser: str | None


class ImportPreview(ReadModel):
    file_id: FileId
    file_name: str
    campaign_id: CampaignId | None
    campaign_name: str
    new_campaign: ImportedCampaign | None
    sheet: str | None = None
    header_row: int | None = None
    columns: list[ImportColumn]
    lines: list[ImportLine] = Field(description=f"The first {SHOWN_LINES}.")
    line_count: int
    total: Amount
    stated_totals: list[Amount] = Field(description="By currency, as the document has them.")
    budget: Amount
    over_budget: Amount | None = Field(description="What the lines cost beyond the campaign's budget.")
    problems: list[ImportRemark] = Field(description=f"Errors first; the first {SHOWN_PROBLEMS}.")
    problem_count: int
    importable: bool = Field(description="Nothing has to be settled first, but for the budget.")
    digest: str = Field(description="Of the document and of how it is read; saving it needs this.")
