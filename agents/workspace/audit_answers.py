"""How the audit reads: one line for each thing that was done or refused."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from agents.blocks import Table, table
from domain.audit import Decision
from domain.money import Money
from services.access_views import AuditView

_FEW, _LONG = 3, 60  # fields of a change, characters of a value
_NOTHING: tuple[object, ...] = (None, [], "")
_MINOR = "_minor"
_UNTOLD = frozenset({"digest", "user_id", "campaign_id", "requested_by"})


def changes_text(rows: Sequence[AuditView], names: Mapping[UUID, str], zone: ZoneInfo, *, more: bool) -> str:
    """`names` of campaigns and members by their ids."""
    if not rows:
        return "Nothing of that is in the audit."
    shown = "; ".join(f"{number}. {_line(row, names, zone)}" for number, row in enumerate(rows, 1))
    count = f"{len(rows)} entr{'y' if len(rows) == 1 else 'ies'}, latest first"
    return f"{count}: {shown}.{' There are more.' if more else ''}"


def changes_block(rows: Sequence[AuditView], names: Mapping[UUID, str], zone: ZoneInfo) -> Table:
    return table(
        "What was done and what was refused",
        [
            ("at", "When", "left"),
            ("who", "Who", "left"),
            ("what", "What", "left"),
            ("about", "About", "left"),
            ("details", "Details", "left"),
        ],
        [
            {
                "at": f"{row.at.astimezone(zone):%Y-%m-%d %H:%M}",
                "who": _who(row),
                "what": _what(row),
                "about": _about(row, names),
                "details": _details(row),
            }
            for row in rows
        ],
    )


def _line(row: AuditView, names: Mapping[UUID, str], zone: ZoneInfo) -> str:
    about, details = _about(row, names), _details(row)
    parts = [f"{row.at.astimezone(zone):%Y-%m-%d %H:%M} {_who(row)}: {_what(row)}"]
    parts += [f"“{about}”"] if about else []
    parts += [f"({details})"] if details else []
    return " ".join(parts)


def _who(row: AuditView) -> str:
    return (row.user_name or "the product") + (f" through the {row.agent} agent" if row.agent else "")


def _what(row: AuditView) -> str:
    words = row.action.replace(".", " ").replace("_", " ")
    return f"refused {words.removeprefix('tool ')}, {row.code}" if row.decision is Decision.DENIED else words


def _about(row: AuditView, names: Mapping[UUID, str]) -> str:
    said = names.get(row.object_id) or row.after.get("name") or row.before.get("name") or row.after.get("email")
    return _short(said) if said else ""


def _details(row: AuditView) -> str:
    if row.decision is Decision.DENIED:
        return ""
    before, after = _in_words(row.before), _in_words(row.after)
    changed = [key for key in after if key not in _UNTOLD and after[key] != before.get(key)]
    return ", ".join(_change(key, before.get(key), after[key]) for key in changed[:_FEW] if after[key] not in _NOTHING)


def _in_words(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """With money as people read it: amounts are kept in minor units, beside their currency."""
    amounts = {key for key, value in facts.items() if key.endswith(_MINOR) and isinstance(value, int)}
    currency = facts.get("currency") or facts.get("default_currency")
    if not amounts or not isinstance(currency, str):
        return facts
    return {
        key.removesuffix(_MINOR): Money(value, currency) if key in amounts else value
        for key, value in facts.items()
        if key != "currency"
    }


def _change(key: str, before: object, after: object) -> str:
    then = f"{_short(before)} → " if before not in _NOTHING else ""
    return f"{key.replace('_', ' ')} {then}{_short(after)}"


def _short(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONG else text[: _LONG - 1] + "…"
