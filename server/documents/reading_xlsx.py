"""Workbooks that come in: what their cells came to when they were saved. Formulas and anything else are not read."""

import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from domain.errors import InvalidInput
from domain.plan_import import Cell, Table
from server.documents.reading_limits import bounded, must_fit

MOST_SHEETS = 50
_EXACT_DIGITS = 15  # what a cell's number holds; the rest is noise of binary fractions


def tables_of(data: bytes) -> tuple[Table, ...]:
    """The visible sheets that have anything. Raises InvalidInput `workbook_corrupt`, `workbook_encrypted`."""
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            shown = [
                sheet.name
                for sheet in workbook.sheets_metadata
                if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet
            ]
            tables = [_table(workbook, name) for name in shown[:MOST_SHEETS]]
    except PasswordError:
        raise InvalidInput(
            "The workbook has a password: save it without one.", code="workbook_encrypted", field="file"
        ) from None
    except (CalamineError, OSError, ValueError):
        raise InvalidInput(
            "The workbook is damaged: it can't be read.", code="workbook_corrupt", field="file"
        ) from None
    return tuple(table for table in tables if table.rows)


def _table(workbook: CalamineWorkbook, name: str) -> Table:
    sheet = workbook.get_sheet_by_name(name)
    must_fit(sheet.total_height, sheet.total_width, name)
    rows = sheet.to_python(skip_empty_area=False)
    return Table(name, bounded(tuple(_cell(value) for value in row) for row in islice(rows, None)))


def _cell(value: int | float | str | bool | time | date | datetime | timedelta) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, bool | date):
        return value
    if isinstance(value, int | float):
        return Decimal(f"{value:.{_EXACT_DIGITS}g}")
    return str(value) if not isinstance(value, str) else value or None
