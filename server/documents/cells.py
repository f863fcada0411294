"""Cells of a workbook: formats by what a figure is, and texts that no spreadsheet takes for a formula."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import ceil
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from domain.money import exponent

LONGEST_TEXT = 32_767  # the most that a cell holds
MOST_LINES_OF_TEXT = 20
A3, A4 = 8, 9
_POINTS = 15  # a line's height
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BLUE, _PALE, _LINE = "#1F3864", "#DDE6F3", "#B4BFD1"


class Kind(StrEnum):
    TEXT = "text"
    NOTE = "note"  # text over several lines
    DATE = "date"
    MONEY = "money"  # with its currency
    AMOUNT = "amount"  # without: where the sheet's head names the currency of all
    COUNT = "count"
    NUMBER = "number"
    SHARE = "share"  # a fraction, shown in percent
    RATE = "rate"  # a small one


@dataclass(frozen=True, slots=True)
class Formula:
    """`comes_to` is what it gives, for whoever shows the workbook without calculating."""

    text: str
    comes_to: Decimal | int


Content = str | date | Decimal | int | float | Formula | None


class Styles:
    """One format for each look, and its twin for text that begins like a formula."""

    def __init__(self, book: Workbook, currency: str) -> None:
        self._book = book
        self._inert: dict[Format, Format] = {}
        number = f"#,##0{'.' + '0' * exponent(currency) if exponent(currency) else ''}"
        self._numbers = {
            Kind.TEXT: "@",
            Kind.NOTE: "@",
            Kind.DATE: "yyyy-mm-dd",
            Kind.MONEY: f"{number} [${currency}]",
            Kind.AMOUNT: number,
            Kind.COUNT: "#,##0",
            Kind.NUMBER: "#,##0.00####",
            Kind.SHARE: "0.0%",
            Kind.RATE: "0.0###%",
        }
        head = {"bold": True, "font_color": "#FFFFFF", "bg_color": _BLUE, "align": "center", "border": 1}
        self.title = self._made(bold=True, font_size=16, font_color=_BLUE)
        self.subtitle = self._made(italic=True, font_color="#595959")
        self.section = self._made(bold=True, font_size=12, font_color=_BLUE)
        self.warning = self._made(bold=True, font_color="#9C0006", bg_color="#FFC7CE")
        self.head = self._made(**head, text_wrap=True, valign="vcenter")
        self.week = self._made(**head, num_format="d mmm")
        self.cell = {kind: self._of(kind) for kind in Kind}
        self.fact = {kind: self._of(kind, align="left") for kind in Kind}
        self.total = {kind: self._of(kind, bold=True, bg_color=_PALE, top=1) for kind in Kind}

    def inert(self, style: Format) -> Format:
        """The same look, and text in it stays text when somebody edits the cell, as if typed after an apostrophe."""
        return self._inert[style]

    def _of(self, kind: Kind, **more: object) -> Format:
        wrap = {"text_wrap": True} if kind is Kind.NOTE else {}
        return self._made(num_format=self._numbers[kind], valign="top", bottom=1, bottom_color=_LINE, **wrap, **more)

    def _made(self, **properties: object) -> Format:
        made = self._book.add_format(dict(properties))
        self._inert[made] = self._book.add_format({**properties, "quote_prefix": True})
        return made


class Sheet:
    """A worksheet that is told what a cell holds; nothing is guessed from the look of a text."""

    def __init__(self, sheet: Worksheet, styles: Styles) -> None:
        self.sheet = sheet
        self.styles = styles

    def put(
        self, row: int, column: int, content: Content, kind: Kind, look: Mapping[Kind, Format] | None = None
    ) -> None:
        style = (look or self.styles.cell)[kind]
        match content:
            case Formula():
                self.sheet.write_formula(row, column, f"={content.text}", style, content.comes_to)
            case str():
                self.text(row, column, content, style)
            case date():
                self.sheet.write_datetime(row, column, content, style)
            case None:
                self.sheet.write_blank(row, column, None, style)
            case _:
                self.sheet.write_number(row, column, content, style)

    def text(self, row: int, column: int, content: str, style: Format) -> None:
        kept = _NO_TEXT.sub(" ", content)
        if len(kept) > LONGEST_TEXT:
            kept = f"{kept[: LONGEST_TEXT - 1]}…"
        starts_one = kept.lstrip(" ").startswith(_FORMULA_STARTS)
        self.sheet.write_string(row, column, kept, self.styles.inert(style) if starts_one else style)

    def note(self, row: int, first: int, last: int, content: str, width: int) -> None:
        """Text across columns that are `width` characters wide together; the row is as high as it needs."""
        style = self.styles.cell[Kind.NOTE]
        self.sheet.merge_range(row, first, row, last, "", style)
        self.text(row, first, content, style)
        self.high(row, content, width)

    def high(self, row: int, longest: str, width: int) -> None:
        """Not every program makes rows as high as their text by itself."""
        lines = sum(max(1, ceil(len(each) / width)) for each in longest.split("\n"))
        if lines > 1:
            self.sheet.set_row(row, min(lines, MOST_LINES_OF_TEXT) * _POINTS)

    def heads(self, row: int, labels: list[str], *, lines: int = 1) -> None:
        self.sheet.set_row(row, lines * _POINTS)
        for column, label in enumerate(labels):
            self.text(row, column, label, self.styles.head)

    def printed(self, paper: int = A4, *, wide: int = 1) -> None:
        """Landscape, so many pages wide."""
        self.sheet.set_landscape()
        self.sheet.set_paper(paper)
        self.sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        self.sheet.fit_to_pages(wide, 0)
        self.sheet.set_footer("&L&F: &A&RPage &P of &N")
        self.sheet.hide_gridlines(2)


def at(row: int, column: int, *, fixed: bool = False) -> str:
    cell: str = xl_rowcol_to_cell(row, column, row_abs=fixed, col_abs=fixed)
    return cell


def added(first: tuple[int, int], last: tuple[int, int], comes_to: Decimal | int) -> Formula:
    """The sum of a range, both corners (row, column) included."""
    return Formula(f"SUM({at(*first)}:{at(*last)})", comes_to)


def workbook_at(stream: Any) -> Workbook:
    """Nothing that looks like a formula, a number or an address becomes one."""
    guesses = ("strings_to_formulas", "strings_to_numbers", "strings_to_urls")
    return Workbook(stream, {"in_memory": True, **dict.fromkeys(guesses, False)})
