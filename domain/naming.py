"""Names of lines by an advertiser's pattern: "{advertiser}_{campaign}_{channel}_{format}_{start:%Y%m}"."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from string import Formatter

from domain.errors import InvalidInput

LONGEST_NAME = 200
LONGEST_PATTERN = 500
MISSING = "na"  # a name has the same number of parts whatever is known, so that reports can be split by them
WHOLE_DAY = "%Y%m%d"


@dataclass(frozen=True, slots=True)
class NameParts:
    """What a pattern can name. What nobody said is None and reads "na"."""

    advertiser: str | None = None
    campaign: str | None = None
    product: str | None = None
    objective: str | None = None
    line: str | None = None  # the line's code
    channel: str | None = None
    vehicle: str | None = None
    format: str | None = None
    market: str | None = None
    audience: str | None = None
    pricing: str | None = None
    start: date | None = None
    end: date | None = None


FIELDS = tuple(each.name for each in fields(NameParts))
_DATES = frozenset({"start", "end"})
_DATE_FORMAT = re.compile(r"(?:%[YymdVGj]|[-.])+")
_LITERAL = re.compile(r"[\w.:|~+-]*")


@dataclass(frozen=True, slots=True)
class NamingPattern:
    """Parsed once. Between fields stand letters, digits and `_ - . : | ~ +`; a date takes %Y %y %m %d %j %G %V.

    Raises InvalidInput with the field `naming`: `bad_naming_pattern`, `unknown_naming_field` (with the known ones),
    `bad_name_length`.
    """

    text: str
    longest: int = LONGEST_NAME
    _pieces: tuple[tuple[str, str | None, str], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 20 <= self.longest <= LONGEST_NAME:
            raise InvalidInput(
                f"A name may be limited to 20 to {LONGEST_NAME} characters.", code="bad_name_length", field="naming"
            )
        object.__setattr__(self, "_pieces", _parsed(self.text))

    def name(self, parts: NameParts, taken: Collection[str] = ()) -> str:
        """At most `longest` characters, cut at the end, and unlike every name in `taken` (whatever their case)."""
        base = "".join(literal + _value(parts, name, form) for literal, name, form in self._pieces)
        others = {name.casefold() for name in taken}
        number, name = 1, _cut(base, self.longest)
        while name.casefold() in others:
            number += 1
            suffix = f"-{number}"
            name = _cut(base, self.longest - len(suffix)) + suffix
        return name

    def names(self, each: Iterable[NameParts]) -> list[str]:
        """In order, no two alike: a later one of the same name gets -2, -3 …"""
        given: list[str] = []
        for parts in each:
            given.append(self.name(parts, given))
        return given


def slug(text: str) -> str:
    """Lower-case letters and digits of any script, Latin ones without accents; a hyphen for all between: "São Paulo" →
    "sao-paulo". Empty if there are none.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not "\u0300" <= c <= "\u036f")
    whole = unicodedata.normalize("NFC", plain)
    return "-".join("".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in whole).split())


def _parsed(text: str) -> tuple[tuple[str, str | None, str], ...]:
    """(literal before it, field, date format) by field; the literal at the end has no field."""
    if len(text) > LONGEST_PATTERN:
        raise _bad(f"A naming pattern may have {LONGEST_PATTERN} characters at most.")
    try:
        parsed = list(Formatter().parse(text))
    except ValueError as malformed:
        raise _bad(f"The naming pattern has a brace without its partner ({malformed}).") from None
    pieces = []
    for literal, name, form, conversion in parsed:
        if not _LITERAL.fullmatch(literal):
            raise _bad(f"Between its fields a name has letters, digits and _ - . : | ~ +, not {literal!r}.")
        pieces.append((literal, name, _checked(name, form or "", conversion) if name is not None else ""))
    if not any(name for _, name, _ in pieces):
        raise _bad(f"A naming pattern needs a field, like {{campaign}}. Known are {', '.join(FIELDS)}.")
    return tuple(pieces)


def _checked(name: str, form: str, conversion: str | None) -> str:
    """The date format of a field. A name is looked up among the known ones and never evaluated."""
    if name not in FIELDS:
        raise InvalidInput(
            f"A name has no {name!r}. Known are {', '.join(FIELDS)}.",
            code="unknown_naming_field",
            field="naming",
            known=list(FIELDS),
        )
    if conversion or (form and name not in _DATES):
        raise _bad(f"{{{name}}} takes no format.")
    if form and not _DATE_FORMAT.fullmatch(form):
        raise _bad(f"A date is written with %Y %y %m %d %j %G %V, - and ., not {form!r}.")
    return form


def _value(parts: NameParts, name: str | None, form: str) -> str:
    if name is None:
        return ""
    value = getattr(parts, name)
    if isinstance(value, date):
        return value.strftime(form or WHOLE_DAY)
    return slug(value or "") or MISSING


def _cut(name: str, longest: int) -> str:
    if len(name) <= longest:
        return name
    return name[:longest].rstrip("-_.:|~+") or name[:longest]


def _bad(message: str) -> InvalidInput:
    return InvalidInput(message, code="bad_naming_pattern", field="naming")
