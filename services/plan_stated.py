"""What a document says, read with what a person and the document's own cells tell about its numbers and dates."""

from collections.abc import Collection

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol
from rapidfuzz import fuzz, process

from domain.errors import InvalidInput
from domain.plans.brief import PlanningBrief
from domain.plans.imports.cells import Conventions, DecimalMark, day_order_of, decimal_mark_of
from domain.plans.imports.document import PlanDocumentRead
from domain.plans.imports.proposal import Cell, ImportProblem, Table, note, warning
from domain.plans.imports.rows import Reading, Stated, stated_in
from domain.plans.imports.table import Layout, layout_of, mapped, score
from domain.plans.imports.words import plain
from services.plan_import_commands import ImportReading
from services.plan_incoming import Incoming


def nearest(word: str, known: Collection[str]) -> tuple[str, float] | None:
    found = process.extractOne(word, known, scorer=fuzz.ratio)
    return (found[0], found[1] / 100) if found else None


def stated_of(
    brief: PlanningBrief, incoming: Incoming, reading: ImportReading, locale: str
) -> tuple[Layout | None, Stated]:
    """The lines of a document in its own words, and how its table lies, where it is one.

    Raises InvalidInput `no_lines`, `unknown_sheet`, `no_header_row`, `unknown_column`, `mixed_number_formats`,
    `mixed_date_orders`, `ambiguous_day_month`.
    """
    content = incoming.content
    if isinstance(content, PlanDocumentRead):
        skip = set(reading.skip_rows)
        lines = [line for line in content.lines if line.row not in skip]
        left = [note("row_left_out", "Left out, as wished.", row) for row in sorted(skip)]
        return None, Stated(lines, [*content.problems, *left])
    table, passed_over = _chosen(content, reading.sheet)
    conventions = _conventions(table, reading, locale)
    flight = brief.campaign.flight
    layout = layout_of(table, reading.header_row, nearest, flight, conventions.day_order)
    layout = mapped(layout, [choice.wish() for choice in reading.columns])
    file = incoming.file
    rows = Reading(conventions, flight, brief.currency, file.name, file.created_at.date())
    stated = stated_in(layout, rows, frozenset(reading.skip_rows))
    stated.problems += passed_over
    if conventions.guessed:
        mark = f"by your locale {locale} “{conventions.decimal_mark}” begins the decimals"
        text = f"“{conventions.guessed}” could be read in two ways; {mark}."
        stated.problems.append(warning("numbers_read_by_locale", text))
    return layout, stated


def _chosen(tables: tuple[Table, ...], sheet: str | None) -> tuple[Table, list[ImportProblem]]:
    """The one that is named, or that reads most like a plan; the others are said."""
    if not tables:
        raise InvalidInput("The file has no rows.", code="no_lines", field="file")
    named = [table for table in tables if sheet is not None and plain(table.name) == plain(sheet)]
    if sheet is not None and not named:
        raise InvalidInput(
            f"There is no sheet “{sheet}”; there are {', '.join(table.name for table in tables)}.",
            code="unknown_sheet",
            field="sheet",
        )
    table = named[0] if named else max(tables, key=lambda one: (score(one), len(one.rows)))
    others = [one.name for one in tables if one is not table]
    return table, [note("other_sheets", f"Not read: {', '.join(others)}.")] if others else []


def _conventions(table: Table, reading: ImportReading, locale: str) -> Conventions:
    cells: list[Cell] = [cell for row in table.rows for cell in row]
    order = reading.day_order or day_order_of(cells)
    if reading.decimal_mark:
        return Conventions(reading.decimal_mark, order)
    mark, guessed = decimal_mark_of(_numbers(cells), _mark_of(locale))
    return Conventions(mark, order, guessed)


def _numbers(cells: Collection[Cell]) -> list[Cell]:
    """Texts that are nothing but a number, with a currency or a per cent sign: not dates, sizes or versions."""
    return [cell for cell in cells if isinstance(cell, str) and _only_number(cell)]


def _only_number(text: str) -> bool:
    bare = text.strip().strip("-+()%$€£ \u00a0")
    for code in (bare[:3], bare[-3:]):
        if code.isalpha() and code.isupper():
            bare = bare.replace(code, "", 1).strip()
    digits = [c for c in bare if c.isdigit()]
    dates = bare.count(".") == 2 and all(len(part) in (1, 2, 4) for part in bare.split("."))
    return bool(digits) and not dates and all(c.isdigit() or c in ".,'’ \u00a0\u202f" for c in bare)


def _mark_of(locale: str) -> DecimalMark:
    try:
        symbol = get_decimal_symbol(Locale.parse(locale, sep="-"))
    except (UnknownLocaleError, ValueError):
        return DecimalMark.POINT
    return DecimalMark.COMMA if symbol == "," else DecimalMark.POINT
