"""Workbooks that come in: what their cells came to when they were saved. Formulas and anything else are not read.

Row by row, within bounds: a sheet of two cells may claim seventeen thousand million, so nothing is ever laid out whole.
"""

import io
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from domain.errors import InvalidInput
from domain.planning.curves.benchmarks import PRICE_LEVELS
from domain.plans.imports.cells import currency_in
from domain.plans.imports.proposal import MOST_COLUMNS, MOST_ROWS, Cell, Table
from server.documents.reading_limits import bounded, must_fit

MOST_SHEETS = 50
_CODES = re.compile(rf"\b(?:{'|'.join(PRICE_LEVELS)})\b")
MOST_UNPACKED = 30_000_000  # bytes: a plan of five thousand rows and a hundred columns has as much
_LOOKED_AT = 4 * MOST_ROWS  # rows: formatted ones without anything in them may follow those that count
_EXACT_DIGITS = 15  # what a cell's number holds; the rest is noise of binary fractions
# Whatever a parser stumbles over in parts that are none.
_BROKEN = (
    *(
        InvalidFileException,
        BadZipFile,
        ParseError,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
    ),
    *(EOFError, zlib.error, struct.error, NotImplementedError, RuntimeError, ArithmeticError, AssertionError),
)


def tables_of(data: bytes) -> tuple[Table, ...]:
    """The visible sheets that have anything.

    Raises InvalidInput `workbook_corrupt`, `workbook_too_large`, `too_many_sheets`, `too_many_lines`,
    `too_many_columns`, `cell_too_long`, `control_characters`.
    """
    try:
        _must_be_small(data)
        with closing(load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)) as book:
            if not book.worksheets:
                raise ValueError("no sheets")
            shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            _must_be_few(len(shown))
            tables = [_table(sheet) for sheet in shown]
    except _BROKEN as error:
        raise InvalidInput(
            "The workbook is damaged: it can't be read.", code="workbook_corrupt", field="file"
        ) from error
    return tuple(table for table in tables if table.rows)


def _must_be_few(sheets: int) -> None:
    if sheets > MOST_SHEETS:
        raise InvalidInput(
            f"The workbook has {sheets} sheets; {MOST_SHEETS} are read at most.", code="too_many_sheets", field="file"
        )


def _must_be_small(data: bytes) -> None:
    with ZipFile(io.BytesIO(data)) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > MOST_UNPACKED:
        raise InvalidInput(
            f"Unpacked, a workbook of a plan may have {MOST_UNPACKED // 1_000_000} MB.",
            code="workbook_too_large",
            field="file",
        )


def _table(sheet: Worksheet) -> Table:
    currencies: dict[tuple[int, int], str] = {}
    return Table(sheet.title, bounded(_rows(sheet, currencies)), currencies)


@lru_cache(maxsize=1_000)
def currency_of(number_format: str) -> str | None:
    """Of a format as [$€-407] #,##0.00, "$"#,##0 or #,##0 "EUR"."""
    shown = number_format.split(";")[0]
    if found := _CODES.search(shown):
        return found[0]
    return currency_in(re.sub(r"[A-Za-z]", "", re.sub(r"\[\$([^\]-]*)[^\]]*\]", r"\1", shown)))


def _rows(sheet: Worksheet, currencies: dict[tuple[int, int], str]) -> Iterator[tuple[Cell, ...]]:
    rows = sheet.iter_rows(min_row=1, max_row=_LOOKED_AT, min_col=1, max_col=MOST_COLUMNS + 1)
    for number, row in enumerate(rows, 1):
        cells = [_cell(one.value) for one in row]
        for place, one in enumerate(row, 1):
            if isinstance(one.value, int | float) and (sign := currency_of(one.number_format)):
                currencies[number, place] = sign
        while cells and cells[-1] is None:
            cells.pop()
        if cells or number == _LOOKED_AT:
            must_fit(number, len(cells), sheet.title)
        yield tuple(cells)


def _cell(value: object) -> Cell:
    match value:
        case None | "":
            return None
        case bool():
            return value
        case int() | float():
            return Decimal(f"{value:.{_EXACT_DIGITS}g}")
        case datetime():
            return value.date()
        case date():
            return value
        case time() | timedelta():
            return str(value)
    return str(value)
