"""The part of the scoring about people and rights: what a case does not name must be as it was."""

from collections.abc import Iterable, Mapping
from typing import Any

from domain.money import Money
from evals.access_facts import Access, Entries
from evals.cases import ANY, AccessExpected

_NEW: Mapping[str, Mapping[str, Any]] = {
    "members": {},
    "delegations": {"cap": None, "markets": [], "ends": None},
    "grants": {},
    "invitations": {"state": "open"},
    "approvals": {"status": "pending", "amount": None, "decided_by": None, "reason": None, "conditions": {}},
}
_MONEY = ("cap", "amount")


def access_failures(before: Access, after: Access, expected: AccessExpected) -> Iterable[str]:
    for kind, fresh in _NEW.items():
        yield from _entries(kind, getattr(before, kind), getattr(after, kind), getattr(expected, kind), fresh)
    if expected.denied is not None and list(after.denials) != [*before.denials, *expected.denied]:
        yield f"denied: {[*after.denials]}, not {[*before.denials, *expected.denied]}"


def _entries(
    kind: str,
    before: Entries,
    after: Entries,
    changes: Mapping[str, Mapping[str, Any] | None],
    fresh: Mapping[str, Any],
) -> Iterable[str]:
    wanted: dict[str, Mapping[str, Any]] = {name: facts for name, facts in before.items() if changes.get(name, True)}
    wanted |= {
        name: {**before.get(name, fresh), **_read(change)} for name, change in changes.items() if change is not None
    }
    for name in sorted(wanted.keys() | after.keys()):
        if name not in after:
            yield f"{kind}: {name!r} is missing"
        elif name not in wanted:
            yield f"{kind}: {name!r} should not be there: {dict(after[name])}"
        else:
            for key, value in wanted[name].items():
                if value != ANY and after[name].get(key) != value:
                    yield f"{kind}: {name!r} {key}: {after[name].get(key)}, not {value}"


def _read(change: Mapping[str, Any]) -> dict[str, Any]:
    """With money as money."""
    return {name: _money(value) if name in _MONEY else value for name, value in change.items()}


def _money(value: object) -> object:
    if not isinstance(value, str) or value == ANY:
        return value
    amount, _, currency = value.partition(" ")
    return Money.of(amount, currency)
