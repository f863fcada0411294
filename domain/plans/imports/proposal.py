"""A plan that comes in: what a document says line by line, what of it is understood, and what is wrong with it.

A document is a table (a sheet, a .csv) or mediaplanschema. Either becomes stated lines (`StatedLine`), in its own words
and currencies; `plan_import_lines` makes of them the lines of a plan. Nothing is left out without a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from domain.channels import Channel, PricingModel
from domain.fees import BudgetBasis, Fee, FeeKind

MOST_ROWS = 5_000
MOST_COLUMNS = 400
LONGEST_CELL = 2_000
HEADER_WITHIN = 20  # rows from the top

Cell: TypeAlias = str | Decimal | date | bool | None


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet, from its first row and column on: rows count from 1 as a person counts them.

    currencies  of numbers that are shown in one, by row and column: a code, or a sign as "$"
    """

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    currencies: Mapping[tuple[int, int], str] = field(default_factory=dict)


class ImportField(StrEnum):
    CODE = "code"
    CHANNEL = "channel"
    VEHICLE = "vehicle"
    FORMAT = "format"
    MARKET = "market"
    AUDIENCE = "audience"
    NAME = "name"
    NOTES = "notes"
    PRICING_MODEL = "pricing_model"
    RATE = "rate"
    QUANTITY = "quantity"
    COST = "cost"  # on the campaign's budget basis
    CLIENT_COST = "client_cost"
    NET_MEDIA = "net_media"
    GROSS = "gross"
    FEES = "fees"
    CURRENCY = "currency"
    EXCHANGE_RATE = "exchange_rate"
    START = "start"
    END = "end"
    WEEK = "week"


PLACEMENT = frozenset(
    {
        *(ImportField.VEHICLE, ImportField.FORMAT, ImportField.MARKET, ImportField.AUDIENCE),
        *(ImportField.NAME, ImportField.NOTES),
    }
)
BASES: Mapping[ImportField, BudgetBasis | None] = {
    ImportField.COST: None,
    ImportField.CLIENT_COST: BudgetBasis.CLIENT_COST,
    ImportField.NET_MEDIA: BudgetBasis.NET_MEDIA,
    ImportField.GROSS: BudgetBasis.GROSS,
}


class Severity(StrEnum):
    ERROR = "error"  # has to be settled first: by another mapping, by an answer, or by leaving the row out
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """`row` counts from 1, in a table from its top and elsewhere over the lines; None: the document as a whole."""

    severity: Severity
    code: str
    message: str
    row: int | None = None
    field: str | None = None


def error(code: str, message: str, row: int | None = None, field: str | None = None) -> ImportProblem:
    return ImportProblem(Severity.ERROR, code, message, row, field)


def warning(code: str, message: str, row: int | None = None, field: str | None = None) -> ImportProblem:
    return ImportProblem(Severity.WARNING, code, message, row, field)


def note(code: str, message: str, row: int | None = None, field: str | None = None) -> ImportProblem:
    return ImportProblem(Severity.NOTE, code, message, row, field)


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of a table was taken for.

    field       None: for nothing; its cells stay with the lines as they are
    confidence  1 for a header that is known or was pointed at, less for one that only resembles
    """

    number: int  # from 1
    header: str
    field: ImportField | None
    confidence: Decimal
    week: date | None = None
    pricing_model: PricingModel | None = None  # that the header names, as "CPM" does
    fee: FeeKind | None = None
    currency: str | None = None  # that the header names, as "Net (EUR)" does

    @property
    def letter(self) -> str:
        """As a spreadsheet calls it: A, B, …, AA."""
        letters, rest = "", self.number
        while rest:
            rest, place = divmod(rest - 1, 26)
            letters = chr(ord("A") + place) + letters
        return letters


@dataclass(frozen=True, slots=True)
class StatedRate:
    """Units of the plan's currency for one of the line's, as the document has it."""

    rate: Decimal
    source: str
    on: date


@dataclass(frozen=True, slots=True)
class StatedLine:
    """A line as its document states it. Amounts are major units of `currency`, None: of the plan's.

    costs      by what they name; None: on the campaign's budget basis
    fees       flat ones in the line's currency
    extension  what has no place of its own here
    """

    row: int
    channel_word: str | None = None
    channel: Channel | None = None  # where the document says it in our own words
    code: str | None = None
    placement: Mapping[str, str] = field(default_factory=dict)
    pricing_model: PricingModel | None = None
    rate: Decimal | None = None
    quantity: Decimal | None = None
    costs: Mapping[BudgetBasis | None, Decimal] = field(default_factory=dict)
    fees: tuple[Fee, ...] = ()
    currency: str | None = None
    exchange: StatedRate | None = None
    start: date | None = None
    end: date | None = None
    weeks: tuple[tuple[date, Decimal], ...] = ()
    locked: bool = False
    hints: tuple[str, ...] = ()  # further words that may tell the channel
    extension: Mapping[str, object] = field(default_factory=dict)
