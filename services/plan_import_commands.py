"""What can be said of a plan that comes in: which file, how it is to be read, and what it adds up to."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from domain.channels import Channel
from domain.exchange import ExchangeRate
from domain.ids import FileId
from domain.objectives import Objective
from domain.plans.imports.cells import DayOrder, DecimalMark
from domain.plans.imports.proposal import ImportField
from domain.plans.imports.table import Wish
from services.commands import Command
from services.plan_constraints import Text


class ColumnChoice(Command):
    column: Text = Field(description="Letter or header of the column.")
    field: ImportField | None = Field(default=None, description="What it holds; left out: nothing of a line.")

    def wish(self) -> Wish:
        return Wish(self.column, self.field)


class ChannelChoice(Command):
    word: Text = Field(description="As the document writes it.")
    channel: Channel


class RateChoice(Command):
    """A rate nobody has to guess: where it is from, and of which day."""

    currency: str = Field(min_length=3, max_length=3, description="Of the lines.")
    rate: Decimal = Field(gt=0, description="Units of the plan's currency for one of it.")
    source: Text
    on: date

    def rate_to(self, currency: str) -> ExchangeRate:
        return ExchangeRate(self.currency.upper(), currency, self.rate, self.source, self.on)


class ImportReading(Command):
    """How a document is to be read. What is left out is found in the document, or asked for."""

    sheet: Text | None = Field(default=None, description="Left out: the one that reads most like a plan.")
    header_row: int | None = Field(default=None, ge=1, le=5_000)
    columns: list[ColumnChoice] = Field(default_factory=list, max_length=400)
    channels: list[ChannelChoice] = Field(default_factory=list, max_length=500)
    exchange: list[RateChoice] = Field(default_factory=list, max_length=100)
    day_order: DayOrder | None = Field(default=None, description="What comes first in 03/04/2026.")
    decimal_mark: DecimalMark | None = None
    skip_rows: list[int] = Field(default_factory=list, max_length=5_000, description="Rows to leave out.")
    name: Text | None = Field(default=None, description="Of a new campaign, instead of the document's.")
    objective: Objective | None = Field(default=None, description="Of a new campaign, where the document says none.")


class ImportSource(ImportReading):
    file_id: FileId


class ImportBudget(StrEnum):
    KEEP = "keep"  # lines that cost more are refused
    AS_IMPORTED = "as_imported"  # the campaign's budget becomes what the lines cost, where they cost more


class CommitImport(ImportSource):
    digest: str = Field(min_length=16, max_length=64, description="Of the preview: what it showed is what is saved.")
    budget: ImportBudget = ImportBudget.KEEP
