"""Own benchmarks as a .csv file: the same columns in and out."""

import csv
import io
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from pydantic import ValidationError

from domain.errors import DomainError, InvalidInput
from domain.planning.curves.own_figures import OwnBenchmark
from services.benchmark_commands import FIGURES, SetBenchmark

COLUMNS = ("channel", "market", "currency", "valid_from", *FIGURES, "source")
MOST_ROWS = 2_000
MOST_PROBLEMS = 100  # that are named
_PERCENTAGES = frozenset({"ctr", "cvr", "viewability", "completion_rate"})


def read_rows(data: bytes) -> dict[int, OwnBenchmark]:
    """All rows, by their number in the file. Raises InvalidInput `bad_rows` with every problem: the row's number, the
    field and why; `bad_csv` for what is no such file.

    The first row names the columns; a share may be written as a percentage ("2 %").
    """
    rows = _rows(_text(data))
    found, problems = dict[int, OwnBenchmark](), list[dict[str, object]]()
    seen = dict[object, int]()
    for number, row in rows:
        try:
            own = _own(row)
            if (first := seen.setdefault(own.key, number)) != number:
                raise InvalidInput(f"Row {first} says the same place.", code="duplicate_row", field="channel")
            found[number] = own
        except DomainError as refusal:
            problems.append(problem(number, refusal))
    refuse(problems)
    return found


def problem(row: int, refusal: DomainError) -> dict[str, object]:
    return {"row": row, "field": refusal.field, "code": refusal.code, "message": refusal.message}


def refuse(problems: list[dict[str, object]]) -> None:
    if problems:
        first = problems[0]
        more = f" {len(problems) - 1} more rows have problems." if len(problems) > 1 else ""
        raise InvalidInput(
            f"Row {first['row']}: {first['message']}{more} Nothing was imported.",
            code="bad_rows",
            field=str(first["field"] or "file"),
            problems=problems[:MOST_PROBLEMS],
        )


def written(each: Iterable[OwnBenchmark]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for own in each:
        others = "".join(f"; {name}: {source}" for name, source in own.other_sources.items())
        row = {
            "channel": own.channel.value,
            "market": own.market or "",
            "currency": own.currency,
            "valid_from": own.valid_from.isoformat() if own.valid_from else "",
            **{name: str(value) for name, value in own.figures.said.items()},
            "source": own.source + others,
        }
        writer.writerow({name: _inert(text) for name, text in row.items()})
    return file.getvalue()


def _inert(text: str) -> str:
    """A spreadsheet would run what begins like a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidInput("The file is not UTF-8 text.", code="bad_csv", field="file") from None


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    """With the number of the line that each ends on; rows without anything in them are left out."""
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        heads = [head.strip().lower().replace(" ", "_") for head in next(reader, [])]
        _refuse_bad_heads(heads)
        rows = []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, dict(zip(heads, (cell.strip() for cell in cells), strict=False))))
            if len(rows) > MOST_ROWS:
                raise InvalidInput(f"A file may have {MOST_ROWS:,} rows.", code="too_many_rows", field="file")
    except csv.Error as malformed:
        raise InvalidInput(f"Line {reader.line_num}: {malformed}.", code="bad_csv", field="file") from None
    if not rows:
        raise InvalidInput("The file has no rows.", code="bad_csv", field="file")
    return rows


def _refuse_bad_heads(heads: list[str]) -> None:
    unknown = [head for head in heads if head not in COLUMNS]
    missing = [head for head in ("channel", "currency", "source") if head not in heads]
    if unknown or missing or len(set(heads)) < len(heads):
        wrong = f"{', '.join(unknown)} is no column" if unknown else f"the columns {', '.join(missing)} are missing"
        if not unknown and not missing:
            wrong = "a column is there twice"
        raise InvalidInput(f"In the first row {wrong}; there are {', '.join(COLUMNS)}.", code="bad_csv", field="file")


def _own(row: dict[str, str]) -> OwnBenchmark:
    said = {name: _cell(name, text) for name, text in row.items() if text}
    said["channel"] = str(said.get("channel", "")).lower()
    try:
        return SetBenchmark.model_validate(said).own()
    except ValidationError as malformed:
        error = malformed.errors(include_url=False)[0]
        field = str(error["loc"][0]) if error["loc"] else "file"
        raise InvalidInput(f"{field}: {error['msg']}.", code="malformed", field=field) from None


def _cell(name: str, text: str) -> object:
    if name not in _PERCENTAGES or not text.endswith("%"):
        return text
    try:
        return Decimal(text.removesuffix("%").strip()) / 100
    except InvalidOperation:
        raise InvalidInput(f"{text!r} is no percentage.", code="malformed", field=name) from None
