"""What a file is, from its bytes: the name's word for it is not taken."""

import hashlib
import io
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import DomainError, InvalidInput, TooLarge
from domain.file_contents import MOST_PARTS, inspect
from domain.files import FileKind
from tests.workbooks import DOCUMENT, WITH_MACROS, bomb, crowd, liar, workbook, zipped

LIMIT = 1_000_000
WORKBOOK = workbook(xl__sheet=b"<row/>" * 1_000)


def _refusal(data: bytes, kind: FileKind, limit: int = LIMIT) -> tuple[str, str | None]:
    with pytest.raises((InvalidInput, TooLarge)) as refused:
        inspect(io.BytesIO(data), kind, limit)
    return refused.value.code, refused.value.field


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (FileKind.XLSX, WORKBOOK),
        (FileKind.XLSX, workbook(encoding="utf-16")),
        (FileKind.CSV, "Kanal;Budget\r\nSuche;1.000,00 €\r\n".encode()),
        (FileKind.CSV, "\ufeffchannel,budget\n".encode()),
        (FileKind.CSV, "Kanal;Größe".encode("cp1252")),
        (FileKind.TSV, "チャネル\t予算\n".encode("utf-16")),
        (FileKind.JSON, b' \n{"lines": [1]}'),
        (FileKind.JSON, "\ufeff[1]".encode()),
    ],
)
def test_what_is_as_it_is_called_is_taken(kind: FileKind, data: bytes) -> None:
    content = io.BytesIO(data)
    content.seek(3)
    found = inspect(content, kind, LIMIT)
    assert (found.size, found.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert content.tell() == 0


@pytest.mark.parametrize(
    ("kind", "data", "code"),
    [
        (FileKind.CSV, b"", "empty_file"),
        (FileKind.JSON, b" \n\t ", "empty_file"),
        (FileKind.XLSX, b"", "empty_file"),
        (FileKind.CSV, WORKBOOK, "file_content_mismatch"),
        (FileKind.CSV, b"a,b\x00c", "file_content_mismatch"),
        (FileKind.CSV, b"MZ\x90\x00", "file_content_mismatch"),
        (FileKind.JSON, b"a,b\n", "file_content_mismatch"),
        (FileKind.JSON, "{'Größe': 1}".encode("cp1252"), "file_content_mismatch"),
        (FileKind.XLSX, b"a,b\n", "file_content_mismatch"),
        (FileKind.XLSX, b"#!" + WORKBOOK, "file_content_mismatch"),
        (FileKind.XLSX, workbook(DOCUMENT), "file_content_mismatch"),
        (FileKind.XLSX, bytes.fromhex("d0cf11e0a1b11ae1"), "workbook_encrypted"),
        (FileKind.XLSX, workbook(WITH_MACROS), "workbook_macros"),
        (FileKind.XLSX, workbook(WITH_MACROS, "utf-16"), "workbook_macros"),
        (FileKind.XLSX, zipped({"[Content_Types].xml": b"", "xl/vbaProject.bin": b"x"}), "workbook_macros"),
        (FileKind.XLSX, workbook(xl__macrosheets__sheet1=b"x"), "workbook_macros"),
        (FileKind.XLSX, zipped({"xl/workbook.xml": b"<x/>"}), "workbook_corrupt"),
        (FileKind.XLSX, WORKBOOK[:-30], "workbook_corrupt"),
        (FileKind.XLSX, WORKBOOK[: len(WORKBOOK) // 2], "workbook_corrupt"),
        (FileKind.XLSX, b"PK\x03\x04", "workbook_corrupt"),
        (FileKind.XLSX, bomb(), "zip_bomb"),
        (FileKind.XLSX, crowd(MOST_PARTS + 1), "zip_bomb"),
        (FileKind.XLSX, crowd(9_000), "zip_bomb"),
    ],
)
def test_what_is_not_is_refused(kind: FileKind, data: bytes, code: str) -> None:
    assert _refusal(data, kind) == (code, "file")


def test_a_file_above_the_limit_is_not_read_to_its_end() -> None:
    content = io.BytesIO(b"a" * 5_000_000)
    with pytest.raises(TooLarge) as refused:
        inspect(content, FileKind.CSV, 1_000)
    assert (refused.value.code, refused.value.details["limit"]) == ("file_too_large", 1_000)
    assert content.tell() < 2_000_000


def test_a_directory_that_understates_a_part_lets_no_more_of_it_out() -> None:
    """It passes; whoever reads the part then gets what was claimed, never the bomb."""
    data = liar(10)
    inspect(io.BytesIO(data), FileKind.XLSX, LIMIT)
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.read("xl/sheet") == bytes(10)


def test_parts_that_lie_over_each_other_are_refused() -> None:
    data = bytearray(workbook(xl__a=b"a" * 10, xl__b=b"b" * 10))
    first = data.index(b"PK\x01\x02")
    for _ in range(4):
        data[first + 20 : first + 24] = (400).to_bytes(4, "little")  # each claims most of the file
        first = data.find(b"PK\x01\x02", first + 1)
        if first < 0:
            break
    assert _refusal(bytes(data), FileKind.XLSX)[0] == "workbook_corrupt"


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(WORKBOOK) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_workbook_is_refused_or_taken_and_never_breaks_anything(damage: list[tuple[int, int]]) -> None:
    data = bytearray(WORKBOOK)
    for at, value in damage:
        data[at] = value
    assert _field(bytes(data), FileKind.XLSX) in (None, "file")


@settings(max_examples=100)
@given(st.sampled_from([FileKind.CSV, FileKind.TSV, FileKind.JSON]), st.binary(max_size=200))
def test_any_bytes_are_refused_or_taken(kind: FileKind, data: bytes) -> None:
    assert _field(data, kind) in (None, "file")


def _field(data: bytes, kind: FileKind) -> str | None:
    """Of the refusal; None for what is taken. Any other error is a failure."""
    try:
        inspect(io.BytesIO(data), kind, LIMIT)
    except DomainError as refused:
        return refused.field or "none"
    return None
