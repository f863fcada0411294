"""Numbers and dates as documents write them. How one document writes them is read from all of its cells together."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from domain.errors import InvalidInput
from domain.flights import Flight
from domain.plans.imports.proposal import Cell
from domain.plans.imports.words import plain


class DecimalMark(StrEnum):
    POINT = "."
    COMMA = ","


class DayOrder(StrEnum):
    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₺": "TRY", "₪": "ILS", "zł": "PLN"}
_NOTHING = frozenset({"", "-", "–", "—", "n/a", "na", "tbd", "tbc", "./.", "k.a."})
_CODE = re.compile(r"\b([A-Z]{3})\b")
_DIGITS = re.compile(r"[.,]?\d[\d.,'’\s\u00a0\u202f]*")
_GROUPED = re.compile(r"\d*|\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})*,\d{3}")  # the last as in India
_LONGEST_NUMBER = 40
_NUMERIC_DATE = re.compile(r"(\d{1,2})([/.\-])(\d{1,2})(?:\2(\d{2,4}))?\.?")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d{2}:\d{2}.*)?")
_NAMED_DAY_FIRST = re.compile(r"(\d{1,2})[.\s/-]*([^\W\d_]{3,10})\.?[\s,/-]*(\d{2,4})?")
_NAMED_MONTH_FIRST = re.compile(r"([^\W\d_]{3,10})\.?[\s/-]*(\d{1,2})(?:st|nd|rd|th)?(?:[\s,/-]+(\d{2,4}))?")
_MONTHS = (
    "jan january januar janvier janv enero ene",
    "feb february februar fevrier fevr fev febrero",
    "mar march marz maerz mrz mars marzo",
    "apr april avril avr abril abr",
    "may mai mayo",
    "jun june juni juin junio",
    "jul july juli juillet juil julio",
    "aug august aout agosto ago",
    "sep sept september septembre septiembre",
    "oct october oktober okt octobre octubre",
    "nov november novembre noviembre",
    "dec december dezember dez decembre diciembre dic",
)
_MONTH_OF = {word: number for number, words in enumerate(_MONTHS, 1) for word in words.split()}


@dataclass(frozen=True, slots=True)
class Conventions:
    """How a document writes numbers and dates. `guessed` is what only the locale decided, with a cell that shows it."""

    decimal_mark: DecimalMark = DecimalMark.POINT
    day_order: DayOrder | None = None  # None: nothing shows it
    guessed: str | None = None


def number_of(cell: Cell, mark: DecimalMark) -> Decimal | None:
    """None for an empty cell. Raises InvalidInput `not_a_number`; `number_not_finite` for NaN and infinity."""
    if cell is None or (isinstance(cell, str) and cell.strip().casefold() in _NOTHING):
        return None
    if isinstance(cell, Decimal):
        if not cell.is_finite():
            raise InvalidInput(f"{cell} is no amount.", code="number_not_finite")
        return cell
    if not isinstance(cell, str):
        raise _no_number(cell)
    return _number_in(cell, mark)


def _number_in(text: str, mark: DecimalMark) -> Decimal:
    found = _DIGITS.findall(text)
    if len(found) != 1 or len(text) > _LONGEST_NUMBER:
        raise _no_number(text)
    around = text.replace(found[0], " ", 1)
    digits = re.sub(r"[\s\u00a0\u202f'’]", "", found[0]).rstrip(".,")
    group = "," if mark is DecimalMark.POINT else "."
    whole, _, decimals = digits.partition(mark.value)
    if not _GROUPED.fullmatch(whole.replace(group, ",")) or group in decimals:
        raise _no_number(text)
    digits = f"{whole.replace(group, '')}.{decimals or '0'}"
    try:
        value = Decimal(digits)
    except InvalidOperation:
        raise _no_number(text) from None
    rest = re.sub(r"[$€£¥₹₩₺₪%+\s\u00a0().\u2212-]|zł|kr|fr\b|[A-Z]{3}\b", "", around, flags=re.I)
    if rest:
        raise _no_number(text)
    negative = "-" in around or "\u2212" in around or around.strip().startswith("(")
    return -value if negative else value


def is_percent(cell: Cell) -> bool:
    return isinstance(cell, str) and cell.strip().endswith("%")


def currency_in(text: str) -> str | None:
    """A code or a sign that one currency alone has; "$" for the sign that several share."""
    if found := _CODE.search(text):
        return found[1]
    for sign, code in SYMBOLS.items():
        if sign in text:
            return code
    return "$" if "$" in text else None


def decimal_mark_of(cells: Iterable[Cell], default: DecimalMark) -> tuple[DecimalMark, str | None]:
    """By the cells that can be read in one way only; else by the default, with a cell that could be read in two.

    Raises InvalidInput `mixed_number_formats` where cells contradict each other.
    """
    shown: dict[DecimalMark, str] = {}
    open_: str | None = None
    for cell in cells:
        if not isinstance(cell, str) or len(cell) > _LONGEST_NUMBER or not (found := _DIGITS.search(cell)):
            continue
        digits = re.sub(r"[\s\u00a0\u202f'’]", "", found[0]).rstrip(".,")
        mark = _mark_shown(digits)
        if mark is not None:
            shown.setdefault(mark, cell)
        elif re.search("[.,]", digits):
            open_ = open_ or cell
    if len(shown) > 1:
        examples = " and ".join(f"“{one}”" for one in shown.values())
        raise InvalidInput(
            f"{examples} can't both be numbers of one style: say which mark begins the decimals.",
            code="mixed_number_formats",
            field="decimal_mark",
        )
    return (next(iter(shown)), None) if shown else (default, open_)


def _mark_shown(digits: str) -> DecimalMark | None:
    """None where it could be either: "1.234", "1,234"."""
    if "." in digits and "," in digits:
        return DecimalMark.POINT if digits.rfind(".") > digits.rfind(",") else DecimalMark.COMMA
    for sign, other in ((".", DecimalMark.COMMA), (",", DecimalMark.POINT)):
        parts = digits.split(sign)
        if len(parts) > 2:
            return other
        own = DecimalMark.POINT if sign == "." else DecimalMark.COMMA
        if len(parts) == 2 and (len(parts[1]) != 3 or len(parts[0]) > 3 or parts[0] in ("", "0")):
            return own
    return None


def day_order_of(cells: Iterable[Cell]) -> DayOrder | None:
    """By dates that have one reading; None where none has. Raises InvalidInput `mixed_date_orders`."""
    shown: dict[DayOrder, str] = {}
    for cell in cells:
        if not isinstance(cell, str) or not (found := _NUMERIC_DATE.fullmatch(cell.strip())):
            continue
        first, sign, second = int(found[1]), found[2], int(found[3])
        if sign == "." or first > 12:
            shown.setdefault(DayOrder.DAY_FIRST, cell)
        elif second > 12:
            shown.setdefault(DayOrder.MONTH_FIRST, cell)
    if len(shown) > 1:
        examples = " and ".join(f"“{one}”" for one in shown.values())
        raise InvalidInput(
            f"{examples} can't both be dates of one style: say whether the day or the month comes first.",
            code="mixed_date_orders",
            field="day_order",
        )
    return next(iter(shown), None)


def date_of(cell: Cell, order: DayOrder | None, within: Flight | None = None) -> date | None:
    """None for an empty cell. A date without a year is the one in the flight.

    Raises InvalidInput `ambiguous_day_month` where nothing shows the order, `not_a_date`.
    """
    if cell is None or (isinstance(cell, str) and cell.strip().casefold() in _NOTHING):
        return None
    if isinstance(cell, date):
        return cell
    if not isinstance(cell, str):
        raise _no_date(cell)
    text = " ".join(cell.split())
    if found := _ISO.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]), text)
    if found := _NUMERIC_DATE.fullmatch(text):
        day, month = _ordered(int(found[1]), int(found[3]), DayOrder.DAY_FIRST if found[2] == "." else order, text)
        return _dated(found[4], month, day, text, within)
    return _named(text, within)


def _named(text: str, within: Flight | None) -> date:
    for pattern, day_at, month_at in ((_NAMED_DAY_FIRST, 1, 2), (_NAMED_MONTH_FIRST, 2, 1)):
        if (found := pattern.fullmatch(text)) and (month := _MONTH_OF.get(plain(found[month_at]))):
            return _dated(found[3], month, int(found[day_at]), text, within)
    raise _no_date(text)


def _ordered(first: int, second: int, order: DayOrder | None, text: str) -> tuple[int, int]:
    """Day and month."""
    if order is None and first != second and first <= 12 and second <= 12:
        raise InvalidInput(
            f"“{text}” could be a day and a month or the other way round: say which comes first.",
            code="ambiguous_day_month",
            field="day_order",
        )
    month_first = order is DayOrder.MONTH_FIRST or (order is None and second > 12)
    return (second, first) if month_first else (first, second)


def _dated(year: str | None, month: int, day: int, text: str, within: Flight | None) -> date:
    if year is not None:
        return _day(int(year) if len(year) == 4 else 2000 + int(year), month, day, text)
    if within is None:
        raise _no_date(text)
    years = range(within.start.year, within.end.year + 1)
    days = [_day(each, month, day, text) for each in years if (month, day) != (2, 29) or each % 4 == 0]
    inside = [each for each in days if within.start <= each <= within.end]
    return (inside or days or [_day(within.start.year, month, day, text)])[0]


def _day(year: int, month: int, day: int, text: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise _no_date(text) from None


def _no_number(cell: Cell) -> InvalidInput:
    return InvalidInput(f"“{_short(cell)}” is no number.", code="not_a_number")


def _no_date(cell: Cell) -> InvalidInput:
    return InvalidInput(f"“{_short(cell)}” is no date.", code="not_a_date")


def _short(cell: Cell) -> str:
    text = str(cell)
    return text if len(text) <= 60 else f"{text[:60]}…"
