"""Files as plans come in them: good ones, damaged ones, and those that are made to do harm."""

import io
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import DomainError
from domain.files import FileKind
from domain.plans.imports.proposal import Cell, Table
from server.documents import reading_csv
from server.documents.readers import PlanFileReader
from tests.workbooks import bomb, workbook, zipped

READER = PlanFileReader()
_ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 50}">' for n in range(12))


def saved(*rows: list[Any], title: str = "Lines", hidden: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if hidden:
        other = book.create_sheet("Secret")
        other.append(["hidden"])
        other.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def corner() -> bytes:
    """Two cells, and as many places between them as a sheet can have."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "first", "last"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def laughing() -> bytes:
    """Texts made of texts made of texts: a few hundred bytes that become a million million."""
    with ZipFile(io.BytesIO(saved(["Channel", "Cost"]))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    sheet = parts[name].decode().partition("?>")[2] or parts[name].decode()
    told = f"<!DOCTYPE worksheet [{_ENTITIES}]>" + sheet.replace(">Cost<", ">&e11;<")
    assert "&e11;" in sheet.replace(">Cost<", ">&e11;<")
    return zipped({**parts, name: told.encode()})


def tables(data: bytes, kind: FileKind = FileKind.XLSX) -> tuple[Table, ...]:
    read = READER.read(f"plan.{kind}", kind, data)
    assert isinstance(read, tuple)
    return read


def test_cells_come_as_what_they_are_and_hidden_sheets_not_at_all() -> None:
    (table,) = tables(saved(["Channel", 0.1 + 0.2, 1_234_567.89, date(2027, 3, 1), True, None, "=1+1"], hidden=True))
    row: tuple[Cell, ...] = table.rows[0]
    assert table.name == "Lines"
    assert row[:5] == ("Channel", Decimal("0.3"), Decimal("1234567.89"), date(2027, 3, 1), True)
    assert row[6:] in ((), (None,))  # a formula that nothing was worked out for says nothing


def test_the_first_row_is_the_first_row_though_it_is_empty() -> None:
    (table,) = tables(saved([], ["", "Channel"], [None, "Search"]))
    assert [len([cell for cell in row if cell]) for row in table.rows] == [0, 1, 1]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 and then nothing", "workbook_corrupt"),
        (b"", "workbook_corrupt"),
        (workbook(), "workbook_corrupt"),
        (zipped({"xl/workbook.xml": b"<workbook"}), "workbook_corrupt"),
        (bomb(2_000_000), "workbook_corrupt"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4_000), "workbook_corrupt"),
        (saved(*([n] for n in range(10_000))), "too_many_lines"),
        (saved(list(range(401))), "too_many_columns"),
        (corner(), "too_many_lines"),
        (bomb(40_000_000), "workbook_too_large"),
        (laughing(), "workbook_corrupt"),
        (saved(["x" * 2_001]), "cell_too_long"),
    ],
    ids=[
        "cut off",
        "empty",
        "without sheets",
        "torn",
        "bomb",
        "old or encrypted",
        "long",
        "wide",
        "corner",
        "large",
        "entities",
        "cell",
    ],
)
def test_a_workbook_that_can_not_be_read_says_why(data: bytes, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        tables(data)
    assert (refused.value.code, refused.value.field) == (code, "file")


@given(st.binary(max_size=400), st.integers(0, 5_000))
@settings(max_examples=60, deadline=None)
def test_no_damage_does_more_than_be_refused(noise: bytes, at: int) -> None:
    whole = WHOLE
    data = whole[: at % len(whole)] + noise + whole[at % len(whole) + len(noise) :]
    with suppress(DomainError):
        tables(data)


WHOLE = saved(["Channel", "Cost"], ["Search", 100])


@pytest.mark.parametrize(
    "data",
    [
        "Kanal;Größe\nSuche;1,5\n".encode(),
        "Kanal;Größe\nSuche;1,5\n".encode("utf-8-sig"),
        "Kanal;Größe\nSuche;1,5\n".encode("utf-16"),
        "Kanal;Größe\nSuche;1,5\n".encode("cp1252"),
        "Kanal\tGröße\nSuche\t1,5\n".encode(),
        "Kanal|Größe\r\nSuche|1,5\r\n".encode(),
        'Kanal,Größe\nSuche,"1,5"\n'.encode(),
    ],
    ids=["utf-8", "mark", "utf-16", "windows", "tabs", "bars", "quoted"],
)
def test_a_table_comes_in_whatever_encoding_and_with_whatever_separator(data: bytes) -> None:
    (table,) = tables(data, FileKind.CSV)
    assert table.rows == (("Kanal", "Größe"), ("Suche", "1,5"))


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (b"x" * 200_000, FileKind.CSV, "unreadable_text"),
        (("a," * 100_000).encode(), FileKind.CSV, "too_many_columns"),
        (b"a,b\n" * 10_000, FileKind.CSV, "too_many_lines"),
        (b'a,b\n"' + b"x" * 140_000, FileKind.CSV, "unreadable_text"),
        ("a\x00b,c\n".encode("utf-16"), FileKind.CSV, "control_characters"),
        (b'{"meta": {"id": "\\u0000"}}', FileKind.JSON, "not_json"),
        (b'{"meta": {"id": "\\ud800"}}', FileKind.JSON, "not_json"),
        (b'{"meta": {"n": 1e999}}', FileKind.JSON, "not_json"),
        (b'{"meta": {"n": ' + b"9" * 5_000 + b"}}", FileKind.JSON, "not_json"),
    ],
    ids=["a line", "a row", "rows", "quotes", "nul", "json nul", "json half", "json large", "json long"],
)
def test_what_no_database_keeps_is_refused(data: bytes, kind: FileKind, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        READER.read(f"plan.{kind}", kind, data)
    assert (refused.value.code, refused.value.field) == (code, "file")


def test_a_separator_is_told_from_decimal_commas() -> None:
    assert reading_csv.separator_of("a;b\n1,5;2,5\n3,5;4,5\n") == ";"
    assert reading_csv.separator_of("a,b,c\n1,2,3\n") == ","


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_a_table_or_refused(data: bytes) -> None:
    with suppress(DomainError):
        tables(data, FileKind.CSV)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | st.just(b"[" * 100_000))
@settings(max_examples=60, deadline=None)
def test_any_bytes_are_a_document_or_refused(data: bytes) -> None:
    with pytest.raises(DomainError) as refused:
        READER.read("plan.json", FileKind.JSON, data)
    assert refused.value.code in {"not_json", "not_mediaplanschema"}
