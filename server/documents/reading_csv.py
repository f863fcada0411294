"""Tables as text: .csv and .tsv, in whatever encoding and with whatever separator they come."""

import codecs
import csv
import io
from itertools import islice

from charset_normalizer import from_bytes

from domain.errors import InvalidInput
from domain.plans.imports.proposal import MOST_ROWS, Table
from server.documents.reading_limits import bounded, must_fit

SEPARATORS = ",;\t|"
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_LIKELY = ["cp1252", "latin_1", "cp1250", "cp1251", "mac_roman"]
_LOOKED_AT = 50  # lines, for the separator
_LONGEST_LINE = 20_000
_ENCODING_SAMPLE = 200_000  # bytes


def tables_of(data: bytes, name: str, separator: str | None = None) -> tuple[Table, ...]:
    """One table. Raises InvalidInput `unreadable_text`, `too_many_lines`, `too_many_columns`, `cell_too_long`."""
    text = decoded(data)
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator or separator_of(text))
        rows = list(islice(lines, MOST_ROWS + 1))
    except csv.Error:
        raise InvalidInput("The table can't be read.", code="unreadable_text", field="file") from None
    must_fit(len(rows), max(map(len, rows), default=0), name)
    return (Table(name, bounded(tuple(cell.strip() or None for cell in row) for row in rows)),)


def decoded(data: bytes) -> str:
    """By its mark, as UTF-8, or in the likeliest code page."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return _as(data, encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        found = from_bytes(data[:_ENCODING_SAMPLE], cp_isolation=_LIKELY).best()
    if found is None:
        raise _unreadable()
    usual = _LIKELY[0] in found.could_be_from_charset  # of several that say the same here, the one most have
    return _as(data, _LIKELY[0] if usual else found.encoding)


def separator_of(text: str) -> str:
    """The sign that most lines have equally often, and most of it: a comma may be a decimal mark as well."""
    lines = [line[:_LONGEST_LINE] for line in islice(io.StringIO(text), _LOOKED_AT) if line.strip()]
    return max(SEPARATORS, key=lambda sign: _regularity(lines, sign))


def _regularity(lines: list[str], sign: str) -> tuple[int, int]:
    counts = [len(row) - 1 for row in csv.reader(lines, delimiter=sign)]
    usual = max(set(counts), key=lambda count: (counts.count(count), count), default=0)
    return (counts.count(usual) if usual else 0, usual)


def _as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise _unreadable() from None


def _unreadable() -> InvalidInput:
    return InvalidInput(
        "The text is in no encoding that is known: save it as UTF-8.", code="unreadable_text", field="file"
    )
