"""From the rows of a table to stated lines. Empty rows say nothing; totals are checked against the lines above them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TypeVar

from domain.channels import PricingModel
from domain.errors import DomainError, InvalidInput
from domain.fees import BudgetBasis, Fee, FeeBasis, FeeKind
from domain.flights import Flight
from domain.plans.imports.cells import Conventions, currency_in, date_of, is_percent, number_of
from domain.plans.imports.proposal import (
    BASES,
    PLACEMENT,
    Cell,
    Column,
    ImportField,
    ImportProblem,
    StatedLine,
    StatedRate,
    error,
    note,
    warning,
)
from domain.plans.imports.table import Layout
from domain.plans.imports.words import CHANNELS, COUNTED, PRICING, is_total, plain
from domain.pricing import MILLE

T = TypeVar("T")
_TOLERANCE = Decimal("0.01")  # major units, for each line that is added up
_IN_TEXT = (ImportField.CHANNEL, ImportField.VEHICLE, ImportField.NAME, ImportField.MARKET, ImportField.AUDIENCE)
_NUMBERS = frozenset({*BASES, ImportField.RATE, ImportField.QUANTITY, ImportField.FEES, ImportField.WEEK})


@dataclass(frozen=True, slots=True)
class Reading:
    """What the rows of a document have been read with."""

    conventions: Conventions
    flight: Flight
    plan_currency: str
    rate_source: str  # where an exchange rate in a column comes from: the file's name
    rate_date: date


@dataclass(slots=True)
class Stated:
    lines: list[StatedLine] = field(default_factory=list)
    problems: list[ImportProblem] = field(default_factory=list)


def stated_in(layout: Layout, reading: Reading, skip: frozenset[int] = frozenset()) -> Stated:
    """Every row becomes a line, or a problem that says what became of it."""
    found, above = Stated(), None
    since_total: list[StatedLine] = []
    found.problems += _columns(layout)
    for number, cells in layout.rows:
        row = _Row(number, cells, layout, reading, found.problems)
        if row.empty:
            continue
        if number in skip:
            found.problems.append(note("row_left_out", "Left out, as wished.", number))
        elif row.is_total:
            _check_total(row, since_total, found)
            since_total = []
        elif section := row.section:
            above = section
            found.problems.append(note("section", f"“{section}” heads the rows below it.", number))
        else:
            line = row.line(above)
            above = line.channel_word or above
            found.lines.append(line)
            since_total.append(line)
    return found


def _columns(layout: Layout) -> Iterator[ImportProblem]:
    for number, row in enumerate(layout.table.rows[: layout.header - 1], 1):
        if texts := [str(cell) for cell in row if cell is not None]:
            yield note("above_the_table", f"Above the headers, not read: {' | '.join(texts)[:200]}", number)
    for column in layout.columns:
        title = f"Column {column.letter} (“{column.header[:80]}”)"
        if column.field is None:
            yield note("column_unmapped", f"{title} has no place in a plan; its values stay with the lines.")
        elif column.confidence < 1:
            yield warning(
                "column_guessed", f"{title} is taken for {column.field}; say so if it is not.", field=column.field
            )


def _check_total(row: "_Row", lines: Sequence[StatedLine], found: Stated) -> None:
    """A total closes the lines since the one before it, or all of them."""
    differing = []
    for name, stated in row.totals.items():
        sums = [
            sum((amounts(line).get(name, Decimal(0)) for line in part), Decimal(0)) for part in (lines, found.lines)
        ]
        if not any(abs(stated - each) <= _TOLERANCE * max(len(found.lines), 1) for each in sums):
            differing.append(f"{name} {stated:,f}, where the lines come to {sums[1]:,f}")
    if differing:
        text = f"The total says {'; '.join(differing)}. It is no line; check that every line was read."
        found.problems.append(warning("total_does_not_match", text, row.number))
    else:
        found.problems.append(note("total", "A total that the lines above it come to; no line.", row.number))


def amounts(line: StatedLine) -> dict[str, Decimal]:
    """Of everything that a total can add up, by a name that is the same for each row."""
    named = {field.value: line.costs[basis] for field, basis in BASES.items() if basis in line.costs}
    return {**named, **{f"the week of {day}": amount for day, amount in line.weeks}}


class _Row:
    """One row, read column by column. What it can't read becomes a problem with the row's number and the field."""

    def __init__(
        self, number: int, cells: Sequence[Cell], layout: Layout, reading: Reading, problems: list[ImportProblem]
    ) -> None:
        self.number = number
        self._layout = layout
        self._reading = reading
        self._problems = problems
        self._cells = cells

    @property
    def empty(self) -> bool:
        return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in self._cells)

    @property
    def is_total(self) -> bool:
        """By its label; without any, where it is nothing but numbers."""
        label = next((cell for cell in self._cells if isinstance(cell, str) and cell.strip()), None)
        numbers = any(self._cell(column) is not None for column in self._layout.columns if column.field in _NUMBERS)
        if label is None:
            return numbers
        return is_total(label) and self._first_text_is_a_label(label)

    def _first_text_is_a_label(self, label: str) -> bool:
        """Not the plain name of a line that has a channel beside it, like a station called “Total”."""
        others = [self._cell(column) for column in self._layout.columns if column.field in _IN_TEXT]
        return sum(1 for cell in others if isinstance(cell, str) and cell.strip() and cell != label) == 0

    @property
    def section(self) -> str | None:
        """The one text of a row that has nothing else: a heading over the rows below."""
        filled = [cell for cell in self._cells if cell is not None and str(cell).strip()]
        return filled[0].strip() if len(filled) == 1 and isinstance(filled[0], str) else None

    @property
    def totals(self) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for column in self._layout.columns:
            name = f"the week of {column.week}" if column.week else column.field.value if column.field else ""
            if column.field in BASES or column.field is ImportField.WEEK:
                try:
                    value = number_of(self._cell(column), self._reading.conventions.decimal_mark)
                except InvalidInput:
                    continue
                if value is not None:
                    found[name] = found.get(name, Decimal(0)) + value
        return found

    def line(self, above: str | None) -> StatedLine:
        texts = {field: self._text(field) for field in (*PLACEMENT, ImportField.CHANNEL, ImportField.CODE)}
        word = texts[ImportField.CHANNEL]
        if word is None and above is not None:
            word = above
            self._warn("channel_from_above", f"No channel of its own: taken from “{above}” above it.", "channel")
        model, rate = self._pricing_model(), self._number(ImportField.RATE)
        quantity, counted = self._quantity(model)
        if model is None and rate is not None:
            model = counted  # what there is so many of is what the rate is for
        if model is None:
            quantity = None
        kept = self._kept(quantity is None)
        return StatedLine(
            row=self.number,
            channel_word=word,
            channel=CHANNELS.get(plain(word)) if word else None,
            code=texts[ImportField.CODE],
            placement={field.value: text for field in PLACEMENT if (text := texts[field])},
            pricing_model=model,
            rate=rate,
            quantity=quantity,
            costs=self._costs(),
            fees=self._fees(),
            currency=self._currency(),
            exchange=self._exchange(),
            start=self._date(ImportField.START),
            end=self._date(ImportField.END),
            weeks=self._weeks(),
            hints=tuple(t for f in (ImportField.VEHICLE, ImportField.FORMAT, ImportField.NAME) if (t := texts[f])),
            extension={"columns": kept} if kept else {},
        )

    def _cell(self, column: Column) -> Cell:
        return self._cells[column.number - 1] if column.number <= len(self._cells) else None

    def _only(self, field: ImportField) -> tuple[Column, Cell] | None:
        column = next(iter(self._layout.of(field)), None)
        return (column, self._cell(column)) if column else None

    def _text(self, field: ImportField) -> str | None:
        found = self._only(field)
        text = "" if found is None or found[1] is None else " ".join(str(found[1]).split())
        return text or None

    def _asked(self, field: ImportField, read: Callable[[], T | None]) -> T | None:
        try:
            return read()
        except DomainError as refused:
            self._problems.append(error(refused.code, refused.message, self.number, field.value))
            return None

    def _in(self, column: Column) -> Decimal | None:
        assert column.field
        return self._asked(column.field, lambda: self._no_share(column))

    def _no_share(self, column: Column) -> Decimal | None:
        cell = self._cell(column)
        if is_percent(cell):
            raise InvalidInput(f"“{str(cell)[:60]}” is a share, no amount.", code="not_a_number")
        return number_of(cell, self._reading.conventions.decimal_mark)

    def _number(self, field: ImportField) -> Decimal | None:
        found = self._only(field)
        return self._in(found[0]) if found else None

    def _date(self, field: ImportField) -> date | None:
        found, order = self._only(field), self._reading.conventions.day_order
        return self._asked(field, lambda: date_of(found[1], order, self._reading.flight)) if found else None

    def _costs(self) -> Mapping[BudgetBasis | None, Decimal]:
        values = {basis: self._number(field) for field, basis in BASES.items()}
        return {basis: value for basis, value in values.items() if value is not None}

    def _weeks(self) -> tuple[tuple[date, Decimal], ...]:
        found: dict[date, Decimal] = {}
        for column in self._layout.of(ImportField.WEEK):
            if column.week is None:
                raise InvalidInput(
                    f"Column {column.letter} (“{column.header}”) names no week.", code="not_a_week", field="columns"
                )
            value = self._in(column)
            if value is not None:
                found[column.week] = found.get(column.week, Decimal(0)) + value
        return tuple(sorted(found.items()))

    def _pricing_model(self) -> PricingModel | None:
        word = self._text(ImportField.PRICING_MODEL)
        if word and (found := PRICING.get(plain(word))):
            return found
        if word:
            self._warn("pricing_model_unknown", f"“{word}” is no pricing model; kept with the line.", "pricing_model")
        column = next(iter(self._layout.of(ImportField.RATE)), None)
        return column.pricing_model if column and self._cell(column) is not None else None

    def _quantity(self, model: PricingModel | None) -> tuple[Decimal | None, PricingModel | None]:
        """In units of the pricing model: impressions in thousands. None, where the column counts something else."""
        column = next(iter(self._layout.of(ImportField.QUANTITY)), None)
        value = self._in(column) if column else None
        if column is None or value is None:
            return None, None
        counted = COUNTED.get(plain(column.header))
        if counted is not None and model is not None and counted is not model:
            return None, None
        return (value / MILLE if counted is PricingModel.CPM else value), counted

    def _fees(self) -> tuple[Fee, ...]:
        columns = self._layout.of(ImportField.FEES)
        fees = [self._asked(ImportField.FEES, partial(self._fee, column)) for column in columns]
        return tuple(fee for fee in fees if fee is not None)

    def _fee(self, column: Column) -> Fee | None:
        value = number_of(self._cell(column), self._reading.conventions.decimal_mark)
        if not value:
            return None
        percent = is_percent(self._cell(column)) or "%" in column.header
        basis = FeeBasis.PERCENT_OF_NET_MEDIA if percent else FeeBasis.FLAT
        return Fee(column.fee or FeeKind.OTHER, basis, value, " ".join(column.header.split())[:120])

    def _currency(self) -> str | None:
        """Of its own column, else of the header or the cells of what it costs."""
        if word := self._text(ImportField.CURRENCY):
            return currency_in(word.upper()) or word.upper()
        for costing in BASES:
            for column in self._layout.of(costing):
                if self._cell(column) is not None and (code := self._shown_in(column)):
                    return code
        return None

    def _shown_in(self, column: Column) -> str | None:
        """What the cell itself says counts, but for a sign that the header makes clear."""
        cell = self._cell(column)
        said = currency_in(cell) if isinstance(cell, str) else None
        said = said or self._layout.table.currencies.get((self.number, column.number))
        return (column.currency or said) if said in (None, "$") else said

    def _exchange(self) -> StatedRate | None:
        rate = self._number(ImportField.EXCHANGE_RATE)
        return StatedRate(rate, self._reading.rate_source, self._reading.rate_date) if rate is not None else None

    def _kept(self, uncounted: bool) -> dict[str, str]:
        """What no field takes: unmapped columns, and a pricing word or quantity that means nothing here."""
        kept: dict[str, str] = {}
        for column in self._layout.columns:
            cell = self._cell(column)
            counts = column.field is ImportField.QUANTITY and uncounted
            unknown = column.field is ImportField.PRICING_MODEL and plain(str(cell)) not in PRICING
            if cell is not None and str(cell).strip() and (column.field is None or counts or unknown):
                kept[column.header or column.letter] = str(cell)
        return kept

    def _warn(self, code: str, message: str, field: str) -> None:
        self._problems.append(warning(code, message, self.number, field))
