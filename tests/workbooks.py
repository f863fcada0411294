"""Workbooks as bytes: whole ones, and every way in which one may be none."""

import io
import zlib
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZipFile

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/xl/workbook.xml" ContentType="{type}"/></Types>'
)
PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
WITH_MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def workbook(type: str = PLAIN, encoding: str = "utf-8", **parts: bytes) -> bytes:
    """`parts` are further ones; two underscores stand for a slash."""
    named = {name.replace("__", "/"): data for name, data in parts.items()}
    return zipped(
        {"[Content_Types].xml": _TYPES.format(type=type).encode(encoding), "xl/workbook.xml": b"<x/>"} | named
    )


def zipped(parts: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return file.getvalue()


def bomb(size: int = 50_000_000) -> bytes:
    return workbook(xl__sheet=bytes(size))


def liar(claimed: int = 10) -> bytes:
    """A part that becomes larger than the directory says, with the right checksum of what it says."""
    data = bytearray(bomb())
    at = data.rindex(b"PK\x01\x02")
    data[at + 16 : at + 20] = zlib.crc32(bytes(claimed)).to_bytes(4, "little")
    data[at + 24 : at + 28] = claimed.to_bytes(4, "little")
    return bytes(data)


def crowd(parts: int) -> bytes:
    return zipped({f"{number:x}": b"" for number in range(parts)})
