"""Where in a table the lines are: the row of its headers, and what each column is."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from domain.errors import InvalidInput
from domain.flights import Flight
from domain.planning.curves.benchmarks import PRICE_LEVELS
from domain.plans.imports.cells import SYMBOLS, DayOrder, currency_in, date_of
from domain.plans.imports.proposal import BASES, HEADER_WITHIN, Cell, Column, ImportField, Table
from domain.plans.imports.words import FEE_KINDS, HEADERS, PRICING_IN_HEADER, Nearest, plain

NEAR_ENOUGH = 0.86
_MONEY = frozenset({*BASES, ImportField.RATE})
_SEVERAL = frozenset({ImportField.FEES, ImportField.WEEK})
_WEEK_WORDS = re.compile(r"^(?:w\s*/?\s*c|wb|week commencing|week of|week beginning|week starting|wc)\W+", re.I)
_WEEK_NUMBER = re.compile(r"(?:kw|cw|wk|week|woche|semaine|semana|w|s)\W*(\d{1,2})", re.I)
_UNIT = re.compile(r"[(\[]([^)\]]*)[)\]]")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person says of a column, which they call by its letter or its header. None: it is none of the line's."""

    column: str
    field: ImportField | None


@dataclass(frozen=True, slots=True)
class Layout:
    """`header` is the row of the headers, counted from 1; `columns` has one for each that has a header or a value."""

    table: Table
    header: int
    columns: tuple[Column, ...]

    @property
    def rows(self) -> Sequence[tuple[int, tuple[Cell, ...]]]:
        """Those below the headers, with their numbers."""
        return list(enumerate(self.table.rows, 1))[self.header :]

    def of(self, field: ImportField) -> Sequence[Column]:
        return [column for column in self.columns if column.field is field]


def layout_of(table: Table, header: int | None, nearest: Nearest, flight: Flight, order: DayOrder | None) -> Layout:
    """Raises InvalidInput `no_header_row`."""
    found = header or _header_row(table)
    if found is None or found > len(table.rows):
        raise InvalidInput(
            f"No row among the first {HEADER_WITHIN} of “{table.name}” reads like the headers of a plan's lines: a "
            "channel, a vehicle or a name, and a cost. Say which row it is.",
            code="no_header_row",
            field="header_row",
        )
    columns = [
        _column(number, _text(cell), cell, nearest)
        for number, cell in enumerate(table.rows[found - 1], 1)
        if _text(cell) or _has_values(table, found, number)
    ]
    return Layout(table, found, _weeks(_each_once(columns), table.rows[found - 1], flight, order))


def score(table: Table) -> int:
    """How much its best row reads like the headers of a plan; 0 for none."""
    return max((_score(row) for row in table.rows[:HEADER_WITHIN]), default=0)


def mapped(layout: Layout, wishes: Sequence[Wish]) -> Layout:
    """With the columns as a person wants them. A field that they give to a column is taken from the one that had it.

    Raises InvalidInput `unknown_column`.
    """
    columns = {column.number: column for column in layout.columns}
    for wish in wishes:
        column = _called(wish.column, layout)
        if wish.field is not None and wish.field not in _SEVERAL:
            for other in list(columns.values()):
                if other.field is wish.field:
                    columns[other.number] = replace(other, field=None)
        changed = replace(column, field=wish.field, confidence=Decimal(1))
        columns[column.number] = changed if wish.field is ImportField.WEEK else replace(changed, week=None)
    return replace(layout, columns=tuple(columns.values()))


def _called(said: str, layout: Layout) -> Column:
    word = said.strip()
    by_header = [column for column in layout.columns if plain(column.header) == plain(word)]
    by_letter = [column for column in layout.columns if column.letter == word.upper()]
    found = by_letter or by_header
    if len(found) != 1:
        known = ", ".join(f"{column.letter} ({column.header})" for column in layout.columns)
        raise InvalidInput(
            f"There is no one column “{said}”; there are {known}.", code="unknown_column", field="columns"
        )
    return found[0]


def _header_row(table: Table) -> int | None:
    scored = [(_score(row), -number) for number, row in enumerate(table.rows[:HEADER_WITHIN], 1)]
    best, place = max(scored, default=(0, 0))
    return -place if best else None


def _score(row: Sequence[Cell]) -> int:
    """Different fields that its cells name; 0 without a money column or anything to tell the lines apart."""
    fields = {_known(_text(cell)) for cell in row} - {None}
    money = bool(fields & _MONEY) or any(isinstance(cell, date) for cell in row)
    return len(fields) if money and fields - _MONEY else 0


def _known(header: str) -> ImportField | None:
    bare = plain(_UNIT.sub(" ", header))
    known = HEADERS.get(bare) or HEADERS.get(plain(header)) or HEADERS.get(_without_currency(bare))
    return known or (ImportField.FEES if bare.endswith((" fee", " fees")) else None)


def _without_currency(bare: str) -> str:
    return " ".join(word for word in bare.split() if not (len(word) == 3 and word in _USUAL))


_USUAL = frozenset(word.lower() for word in PRICE_LEVELS)


def _column(number: int, header: str, cell: Cell, nearest: Nearest) -> Column:
    field, confidence = _known(header), Decimal(1)
    if field is None and isinstance(cell, str) and len(plain(header)) > 3:
        found = nearest(plain(header), HEADERS.keys())
        if found and found[1] >= NEAR_ENOUGH:
            field, confidence = HEADERS[found[0]], Decimal(str(round(found[1], 2)))
    bare = plain(_UNIT.sub(" ", header))
    fee = next((kind for word, kind in FEE_KINDS.items() if word in bare), None)
    model = PRICING_IN_HEADER.get(_without_currency(bare)) if field is ImportField.RATE else None
    currency = _currency_of(header) if field in _MONEY or field is ImportField.FEES else None
    return Column(number, header, field, confidence, None, model, fee, currency)


def _currency_of(header: str) -> str | None:
    """Of "Net (EUR)", "Budget €", "Cost in USD"."""
    words = [word.upper() for word in plain(header).split() if word in _USUAL]
    signs = [code for sign, code in SYMBOLS.items() if sign in header]
    unit = _UNIT.search(header)
    inside = currency_in(unit[1].upper()) if unit else None
    known = inside if inside and inside.lower() in _USUAL else None
    return next(iter([*words, *signs, *([known] if known else [])]), None)


def _each_once(columns: Sequence[Column]) -> list[Column]:
    """Of two columns for one field the surer counts, then the earlier; the other is one for nothing."""
    best: dict[ImportField, Column] = {}
    for column in columns:
        if column.field and column.field not in _SEVERAL:
            rival = best.get(column.field)
            if rival is None or column.confidence > rival.confidence:
                best[column.field] = column
    return [
        column
        if column.field is None or column.field in _SEVERAL or best[column.field] is column
        else replace(column, field=None)
        for column in columns
    ]


def _weeks(
    columns: Sequence[Column], header: Sequence[Cell], flight: Flight, order: DayOrder | None
) -> tuple[Column, ...]:
    """A column without another use, whose header is a day or a week's number, is that week's."""
    numbers = _numbered(columns, flight)
    found = []
    for column in columns:
        week = numbers.get(column.number)
        if column.field is None and week is None:
            week = _week_in(header[column.number - 1], order, flight)
        is_week = column.field is None and week is not None
        found.append(replace(column, field=ImportField.WEEK, week=week) if is_week else column)
    return tuple(found)


def _numbered(columns: Sequence[Column], flight: Flight) -> Mapping[int, date]:
    """Weeks by their number: calendar weeks (ISO 8601) where all lie in the flight, else counted from its start."""
    said = {
        column.number: int(match[1])
        for column in columns
        if column.field is None and (match := _WEEK_NUMBER.fullmatch(column.header.strip()))
    }
    years = range(flight.start.year, flight.end.year + 1)
    by_calendar: dict[int, date] = {}
    for place, number in said.items():
        days = [date.fromisocalendar(year, number, 1) for year in years if 1 <= number <= 52 or _has_53(year, number)]
        inside = [day for day in days if day <= flight.end and day + timedelta(days=6) >= flight.start]
        if inside:
            by_calendar[place] = inside[0]
    if len(by_calendar) == len(said):
        return by_calendar
    counted = {place: flight.start + timedelta(weeks=number - 1) for place, number in said.items() if number}
    return counted if all(day <= flight.end for day in counted.values()) else {}


def _has_53(year: int, number: int) -> bool:
    return number == 53 and date(year, 12, 28).isocalendar().week == 53


def _week_in(cell: Cell, order: DayOrder | None, flight: Flight) -> date | None:
    if isinstance(cell, str):
        cell = _WEEK_WORDS.sub("", cell.strip())
        if not re.search(r"\d", cell):
            return None
    try:
        return date_of(cell, order, flight)
    except InvalidInput as refused:
        if refused.code == "ambiguous_day_month":
            raise
        return None


def _has_values(table: Table, header: int, number: int) -> bool:
    return any(len(row) >= number and row[number - 1] is not None for row in table.rows[header:])


def _text(cell: Cell) -> str:
    return "" if cell is None else " ".join(str(cell).split())
