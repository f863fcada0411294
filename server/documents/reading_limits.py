"""How much of a table is read: more is refused, never cut off without a word."""

import re
from collections.abc import Iterable

from domain.errors import InvalidInput
from domain.plans.imports.proposal import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Cell

_NO_TEXT = re.compile(r"[\x00\ud800-\udfff]")  # no database keeps them


def is_text(value: str) -> bool:
    return _NO_TEXT.search(value) is None


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
    """Without the empty rows at its end. Raises InvalidInput `cell_too_long`, `control_characters`."""
    found = list(rows)
    while found and all(cell is None or cell == "" for cell in found[-1]):
        found.pop()
    for number, row in enumerate(found, 1):
        texts = [cell for cell in row if isinstance(cell, str)]
        if not all(map(is_text, texts)):
            raise InvalidInput(
                f"A cell of row {number} has characters that are no text.", code="control_characters", field="file"
            )
        if any(len(cell) > LONGEST_CELL for cell in texts):
            raise InvalidInput(
                f"A cell of row {number} has more than {LONGEST_CELL:,} characters.", code="cell_too_long", field="file"
            )
    return tuple(found)
