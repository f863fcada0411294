"""Entities of one unit of work: handed out as copies, written back when it commits, if they have changed."""

from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from domain.errors import StaleVersion
from tests.fakes.database import Key, Transaction

E = TypeVar("E")


@dataclass(slots=True)
class _Tracked:
    entity: Any
    loaded: dict[str, Any] | None  # as it was read; None: it is new


class Entities:
    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._tracked: dict[tuple[str, Key], _Tracked] = {}

    def add(self, table: str, *key: object, entity: object) -> None:
        self._tracked[table, key] = _Tracked(entity, None)

    def get(self, kind: type[E], table: str, *key: object) -> E | None:
        if tracked := self._tracked.get((table, key)):
            assert isinstance(tracked.entity, kind)
            return tracked.entity
        row = self._transaction.get(table, *key)
        if row is None:
            return None
        assert isinstance(row, kind)
        entity = _copy(row)
        self._tracked[table, key] = _Tracked(entity, _state(row))
        return entity

    def all(self, kind: type[E], table: str, *prefix: object, by: str = "id") -> list[E]:
        keys = [(*prefix, getattr(row, by)) for row in self._transaction.all(table, *prefix)]
        keys += [key for (name, key) in self._tracked if name == table and key[: len(prefix)] == prefix]
        found = [self.get(kind, table, *key) for key in dict.fromkeys(keys)]
        return [entity for entity in found if entity is not None]

    def forget(self, table: str, *key: object) -> None:
        self._tracked.pop((table, key), None)

    def flush(self) -> None:
        """Raises StaleVersion where somebody else changed what was changed here."""
        for (table, key), tracked in self._tracked.items():
            if tracked.loaded == _state(tracked.entity):
                continue
            if tracked.loaded is not None:
                self._check_version(self._transaction.committed(table, *key), tracked.loaded)
            self._transaction.put(table, *key, row=_copy(tracked.entity))

    def _check_version(self, committed: Any, loaded: dict[str, Any]) -> None:
        if committed is None or committed.version != loaded["version"]:
            raise StaleVersion("Somebody else changed it in the meantime.")


def _copy(entity: E) -> E:
    return replace(entity, **_state(entity))  # type: ignore[type-var]  # every entity is a dataclass


def _state(entity: Any) -> dict[str, Any]:
    values = {field.name: getattr(entity, field.name) for field in fields(entity)}
    return {name: list(value) if isinstance(value, list) else value for name, value in values.items()}
