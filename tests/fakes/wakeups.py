"""The outbox in memory."""

from dataclasses import replace
from datetime import timedelta

from services.ports import Clock, Wakeup, WakeupKind
from tests.fakes.database import InMemoryDatabase, Transaction

_INSTANT = timedelta(microseconds=1)


def leave_wakeup(transaction: Transaction, wakeup: Wakeup) -> None:
    key = (wakeup.kind, wakeup.tenant_id, wakeup.id)
    there = transaction.get("wakeups", *key)
    due_at = min(there.due_at - _INSTANT, wakeup.due_at) if there else wakeup.due_at
    transaction.put("wakeups", *key, row=replace(wakeup, due_at=due_at))


class InMemoryWakeups:
    def __init__(self, database: InMemoryDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def claim(self, kind: WakeupKind, *, limit: int, retry_after: float) -> list[Wakeup]:
        transaction = Transaction(self._database)
        now = self._clock.now()
        due = [wakeup for wakeup in transaction.all("wakeups", kind) if wakeup.due_at <= now]
        put_off = now + timedelta(seconds=retry_after)
        claimed = [replace(w, due_at=put_off) for w in sorted(due, key=lambda w: w.due_at)[:limit]]
        for wakeup in claimed:
            transaction.put("wakeups", kind, wakeup.tenant_id, wakeup.id, row=wakeup)
        transaction.commit()
        return claimed

    async def done(self, wakeup: Wakeup) -> None:
        transaction = Transaction(self._database)
        key = (wakeup.kind, wakeup.tenant_id, wakeup.id)
        if transaction.get("wakeups", *key) == wakeup:
            transaction.delete("wakeups", *key)
        transaction.commit()

    async def put_off(self, wakeup: Wakeup, seconds: float) -> None:
        transaction = Transaction(self._database)
        key = (wakeup.kind, wakeup.tenant_id, wakeup.id)
        if transaction.get("wakeups", *key) == wakeup:
            later = replace(wakeup, due_at=self._clock.now() + timedelta(seconds=seconds))
            transaction.put("wakeups", *key, row=later)
        transaction.commit()
