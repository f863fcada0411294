"""What the formulas of a workbook come to, worked out here: none of the values that it brings along counts."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cached_property
from typing import Any

from openpyxl import load_workbook
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.workbook import Workbook

Value = Any  # what a cell holds


@dataclass
class Calculated:
    data: bytes

    @cached_property
    def book(self) -> Workbook:
        return load_workbook(io.BytesIO(self.data))

    @cached_property
    def brought(self) -> Workbook:
        """With the values that were written beside the formulas."""
        return load_workbook(io.BytesIO(self.data), data_only=True)

    def formulas(self) -> Iterator[tuple[str, str]]:
        """Sheet and cell."""
        for sheet in self.book.worksheets:
            for row in sheet.iter_rows():
                yield from ((sheet.title, cell.coordinate) for cell in row if cell.data_type == "f")

    def written_beside(self, sheet: str, cell: str) -> Decimal:
        return Decimal(str(self.brought[sheet][cell].value))

    def value(self, sheet: str, cell: str) -> Value:
        held = self.book[sheet][cell]
        if held.data_type != "f":
            return Decimal(str(held.value)) if isinstance(held.value, int | float) else held.value
        names = {"SUM": _sum, "SUMIF": _sumif, "IF": _if, "ROUND": _round, "RANGE": self._range, "D": Decimal}
        source = "".join(_python(token, sheet) for token in Tokenizer(str(held.value)).items)
        with localcontext(Context(prec=40, traps=[])):  # 0 / 0 is no number, and no error where nobody takes it
            return eval(source, {"__builtins__": {}}, names)

    def _range(self, sheet: str, cells: str) -> Value:
        found = self.book[sheet][cells.replace("$", "")]
        if not isinstance(found, tuple):
            return self.value(sheet, found.coordinate) or Decimal(0)
        return [
            self.value(sheet, cell.coordinate) for row in found for cell in (row if isinstance(row, tuple) else (row,))
        ]


def _python(token: Token, sheet: str) -> str:
    if token.type == Token.OPERAND and token.subtype == Token.RANGE:
        named, _, cells = token.value.rpartition("!")
        return f"RANGE({(named or sheet)!r}, {cells!r})"
    if token.type == Token.OPERAND:
        return f"D({token.value!r})"
    return "==" if token.value == "=" else str(token.value)


def _sum(*given: Value) -> Decimal:
    every = [each for part in given for each in (part if isinstance(part, list) else [part])]
    return sum((each for each in every if isinstance(each, Decimal)), Decimal(0))


def _sumif(where: list[Value], what: Value, amounts: list[Value]) -> Decimal:
    return _sum([amount for key, amount in zip(where, amounts, strict=True) if key == what])


def _if(condition: bool, then: Value, otherwise: Value) -> Value:
    return then if condition else otherwise


def _round(number: Decimal, places: Decimal) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_HALF_UP)
