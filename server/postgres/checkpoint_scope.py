"""Whose checkpoints a run of the graph reads and writes; and what a turn has saved, until its end is written.

The graph is compiled once and runs for many tenants, so the tenant comes from the run, in a context variable.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from langgraph.checkpoint.base import CheckpointTuple

from domain.ids import TenantId
from services.ports import Lease

Write = tuple[str, Sequence[object]]  # with its values, for %s


@dataclass(slots=True)
class Unwritten:
    """What a turn has saved. It is written in the transaction that ends the turn, or not at all."""

    latest: CheckpointTuple | None = None
    messages: list[tuple[str, list[object]]] = field(default_factory=list)  # one trip each, with its values

    def add(self, writes: Sequence[Write]) -> None:
        """Writes that don't depend on each other."""
        if writes:
            statement = _numbered(_together([statement for statement, _ in writes]))
            self.messages.append((statement, [value for _, values in writes for value in values]))


@dataclass(frozen=True, slots=True)
class Scope:
    tenant_id: TenantId
    lease: Lease | None
    undisturbed: bool
    unwritten: Unwritten = field(default_factory=Unwritten)


_scope: ContextVar[Scope | None] = ContextVar("checkpoint_scope", default=None)


@contextmanager
def entered(scope: Scope) -> Iterator[None]:
    """By this task and the tasks it starts, until the block ends."""
    token = _scope.set(scope)
    try:
        yield
    finally:
        _scope.reset(token)


def scope_of_run() -> Scope:
    """Raises RuntimeError outside of one."""
    found = _scope.get()
    if found is None:
        raise RuntimeError("checkpoints belong to a tenant: enter saver.tenant(…) first")
    return found


def saved_under(lease: Lease) -> Unwritten:
    """By the turn whose scope this is; nothing outside one."""
    found = _scope.get()
    return found.unwritten if found and found.lease is lease else Unwritten()


def _together(statements: Sequence[str]) -> str:
    """As one statement."""
    *before, last = statements
    named = ", ".join(f"write_{place} AS ({one})" for place, one in enumerate(before))
    return f"WITH {named} {last}" if named else last


def _numbered(statement: str) -> str:
    """With the driver's places for values: $1, $2 …"""
    first, *others = statement.split("%s")
    return first + "".join(f"${place}{text}" for place, text in enumerate(others, 1))
