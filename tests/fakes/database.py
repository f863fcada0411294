"""Rows in memory with Postgres' habits at READ COMMITTED: a transaction sees what is committed and what it
wrote itself, row locks last until it ends, and nothing is written before it commits.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

Key = tuple[object, ...]


class InMemoryDatabase:
    """`rows` are by table and key; a row is never changed, only replaced."""

    def __init__(self) -> None:
        self.rows: defaultdict[str, dict[Key, Any]] = defaultdict(dict)
        self.locks: defaultdict[Key, asyncio.Lock] = defaultdict(asyncio.Lock)


class Transaction:
    def __init__(self, database: InMemoryDatabase) -> None:
        self._database = database
        self._written: defaultdict[str, dict[Key, Any]] = defaultdict(dict)
        self._held: dict[Key, asyncio.Lock] = {}

    def get(self, table: str, *key: object) -> Any | None:
        written = self._written[table]
        return written[key] if key in written else self._database.rows[table].get(key)

    def all(self, table: str, *prefix: object) -> Iterator[Any]:
        """Rows whose key begins with `prefix`, in the order in which they were first written."""
        merged = {**self._database.rows[table], **self._written[table]}
        return (row for key, row in merged.items() if row is not None and key[: len(prefix)] == prefix)

    def keys(self, table: str, *prefix: object) -> Iterator[Key]:
        merged = {**self._database.rows[table], **self._written[table]}
        return (key for key, row in merged.items() if row is not None and key[: len(prefix)] == prefix)

    def put(self, table: str, *key: object, row: Any) -> None:
        self._written[table][key] = row

    def delete(self, table: str, *prefix: object) -> None:
        for key in [*self._database.rows[table], *self._written[table]]:
            if key[: len(prefix)] == prefix:
                self._written[table][key] = None

    def committed(self, table: str, *key: object) -> Any | None:
        return self._database.rows[table].get(key)

    async def lock(self, *key: object) -> None:
        if key not in self._held:
            await self._database.locks[key].acquire()
            self._held[key] = self._database.locks[key]

    def commit(self) -> None:
        for table, rows in self._written.items():
            for key, row in rows.items():
                if row is None:
                    self._database.rows[table].pop(key, None)
                else:
                    self._database.rows[table][key] = row
        self._written.clear()
        self.end()

    def end(self) -> None:
        for lock in self._held.values():
            lock.release()
        self._held.clear()
