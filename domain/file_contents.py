"""Is a file what its name says? Asked of the bytes alone, before anything of them is unpacked or parsed.

A workbook is a zip archive. Its directory says how large each part becomes, and Python's zipfile never unpacks more of
a part than that; so the directory is where a zip bomb is seen.
"""

import codecs
import hashlib
import re
import struct
import zlib
from collections.abc import Sequence
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from domain.errors import InvalidInput, TooLarge
from domain.files import Contents, FileKind, in_megabytes

MOST_PARTS = 2_000
MOST_UNPACKED = 100_000_000  # bytes, all parts together
MOST_TIMES = 200  # a part may grow so many times; sheets of like cells grow some fifty times
SMALL_PART = 1_000_000  # bytes: below it nobody counts the times

_PIECE = 1 << 20
_LARGEST_DIRECTORY = 200 * MOST_PARTS  # bytes
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_DIRECTORY_END, _DIRECTORY_END_64 = b"PK\x05\x06", b"PK\x06\x07"
_END_BYTES, _LOCATOR_BYTES, _LONGEST_COMMENT = 22, 20, 65_535
_ENCRYPTED = 0x1
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_CONTENT_TYPES = "[content_types].xml"
_MACROS = ("vbaproject", "xl/macrosheets/", "xl/intlmacrosheets/")
# What zipfile and zlib raise for a damaged archive, depending on where the damage is.
_BROKEN = (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, struct.error, zlib.error)


def inspect(content: BinaryIO, kind: FileKind, limit: int) -> Contents:
    """Reads it all, from its beginning; leaves it there. `limit` is in bytes.

    Raises TooLarge `file_too_large`, `zip_bomb`; InvalidInput `empty_file`, `file_content_mismatch`, and of workbooks
    `workbook_corrupt`, `workbook_encrypted`, `workbook_macros`. The field is always `file`.
    """
    content.seek(0)
    digest, size = hashlib.sha256(), 0
    text = None if kind is FileKind.XLSX else _Text(kind)
    while piece := content.read(_PIECE):
        digest.update(piece)
        size += len(piece)
        if size > limit:
            raise TooLarge(f"A file may have {in_megabytes(limit)}.", code="file_too_large", field="file", limit=limit)
        if text:
            text.take(piece)
    if size == 0:
        raise _refused("empty_file", "The file is empty.")
    if text:
        text.end()
    else:
        _check_workbook(content, size)
    content.seek(0)
    return Contents(size, digest.hexdigest())


class _Text:
    """UTF-8, or UTF-16 with its mark; tables may be in a single-byte code page too. No control characters."""

    def __init__(self, kind: FileKind) -> None:
        self._kind = kind
        self._decoder: codecs.IncrementalDecoder | None = None
        self._begun = False

    def take(self, piece: bytes) -> None:
        if self._decoder is None:
            lenient = "strict" if self._kind is FileKind.JSON else "replace"
            self._decoder = codecs.getincrementaldecoder(_UTF_16.get(piece[:2], "utf-8-sig"))(lenient)
        self._check(self._decoded(piece))

    def end(self) -> None:
        self._check(self._decoded(b"", final=True))
        if not self._begun:
            raise _refused("empty_file", "The file has nothing but blanks.")

    def _decoded(self, piece: bytes, *, final: bool = False) -> str:
        assert self._decoder, "text is taken before it ends"
        try:
            return self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            raise self._mismatch() from None

    def _check(self, text: str) -> None:
        if _CONTROL.search(text):
            raise self._mismatch()
        if self._begun or not (begin := text.lstrip("\ufeff \t\r\n")):
            return
        self._begun = True
        if self._kind is FileKind.JSON and begin[0] not in "{[":
            raise self._mismatch()

    def _mismatch(self) -> InvalidInput:
        return _refused("file_content_mismatch", f"The file is called .{self._kind}, but holds something else.")


def _check_workbook(content: BinaryIO, size: int) -> None:
    content.seek(0)
    begin = content.read(4)
    if begin == _OLE:  # an encrypted workbook is one as well as an old one
        raise _refused("workbook_encrypted", "The workbook has a password or is of the old kind: save it as .xlsx.")
    if begin != _ZIP:
        raise _refused("file_content_mismatch", "The file is called .xlsx, but is no workbook.")
    try:
        _check_directory(content, size)
        with ZipFile(content) as archive:
            _check_parts(archive.infolist(), size)
            _check_kind(archive)
    except _BROKEN as error:
        raise _corrupt() from error


def _check_directory(content: BinaryIO, size: int) -> None:
    """Its own size, before it is read: it may have a hundred thousand parts that are nothing."""
    content.seek(max(0, size - _LONGEST_COMMENT - _END_BYTES - _LOCATOR_BYTES))
    tail = content.read()
    at = tail.rfind(_DIRECTORY_END)
    if at < 0 or len(tail) < at + _END_BYTES or tail[max(0, at - _LOCATOR_BYTES) :].startswith(_DIRECTORY_END_64):
        raise _corrupt()
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    if directory > _LARGEST_DIRECTORY:
        raise _bomb(f"The workbook may have {MOST_PARTS:,} parts.")


def _check_parts(parts: Sequence[ZipInfo], size: int) -> None:
    if len(parts) > MOST_PARTS:
        raise _bomb(f"The workbook may have {MOST_PARTS:,} parts; it has {len(parts):,}.")
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _bomb(f"Unpacked, a workbook may have {in_megabytes(MOST_UNPACKED)}.")
    if any(part.file_size > max(SMALL_PART, MOST_TIMES * part.compress_size) for part in parts):
        raise _bomb(f"Unpacked, a part of a workbook may become {MOST_TIMES} times as large.")
    names = [part.filename.lower() for part in parts]
    packed = sum(part.compress_size for part in parts)
    if packed > size or len(set(names)) < len(names):  # parts that lie over each other
        raise _corrupt()
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise _refused("workbook_encrypted", "The workbook has a password: save it without one.")
    if any(mark in name for name in names for mark in _MACROS):
        raise _macros()


def _check_kind(archive: ZipFile) -> None:
    """By the list of its parts' types, which a program believes more than their names."""
    listed = next((part for part in archive.infolist() if part.filename.lower() == _CONTENT_TYPES), None)
    if listed is None or listed.file_size > SMALL_PART:
        raise _corrupt()
    types = archive.read(listed).replace(b"\x00", b"").lower()  # UTF-16 reads like UTF-8 then
    if b"macroenabled" in types or b"vbaproject" in types or b"macrosheet" in types:
        raise _macros()
    if b"spreadsheetml.sheet.main+xml" not in types:
        raise _refused("file_content_mismatch", "The file is called .xlsx, but is another kind of document.")


def _macros() -> InvalidInput:
    return _refused("workbook_macros", "The workbook carries macros: save it as .xlsx without them.")


def _corrupt() -> InvalidInput:
    return _refused("workbook_corrupt", "The workbook is damaged: it can't be read.")


def _bomb(sentence: str) -> TooLarge:
    return TooLarge(sentence, code="zip_bomb", field="file")


def _refused(code: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, code=code, field="file")
