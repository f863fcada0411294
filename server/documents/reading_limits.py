"""How much of a table is read: more is refused, never cut off without a word."""

from collections.abc import Iterable

from domain.errors import InvalidInput
from domain.plan_import import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Cell


def must_fit(rows: int, columns: int, name: str) -> None:
    """Raises InvalidInput `too_many_lines`, `too_many_columns`."""
    if rows > MOST_ROWS:
        raise InvalidInput(
            f"“{name}” has {rows:,} rows or more; {MOST_ROWS:,} are read at most.", code="too_many_lines", field="file"
        )
    if columns > MOST_COLUMNS:
        raise InvalidInput(
            f"“{name}” has {columns:,} columns or more; {MOST_COLUMNS} are read at most.",
            code="too_many_columns",
            field="file",
        )


def bounded(rows: Iterable[tuple[Cell, ...]]) -> tuple[tuple[Cell, ...], ...]:
    """Without the empty rows at its end. Raises InvalidInput `cell_too_long`."""
    found = list(rows)
    while found and all(cell is None or cell == "" for cell in found[-1]):
        found.pop()
    for number, row in enumerate(found, 1):
        if any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in row):
            raise InvalidInput(
                f"A cell of row {number} has more than {LONGEST_CELL:,} characters.", code="cell_too_long", field="file"
            )
    return tuple(found)
