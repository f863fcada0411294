"""Statements that are made once: SQLAlchemy writes them when a module is loaded, the driver runs them.

Building an expression, its cache key and a result that can be anything costs several times what the driver needs, with
every execution; and the steps of a turn are two dozen statements that are always the same.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

import asyncpg
import orjson
from sqlalchemy import ColumnElement, Numeric, Text, literal_column
from sqlalchemy.dialects.postgresql import asyncpg as postgresql
from sqlalchemy.sql.selectable import ExecutableReturnsRows
from sqlalchemy.types import TypeEngine

from server.postgres.types import json_text

Row = dict[str, Any]
_Convert = Callable[[Any], Any] | None

# As the engine's; its constructor is the library's own, and has no types.
_DIALECT = postgresql.dialect(json_serializer=json_text, json_deserializer=orjson.loads)  # type: ignore[no-untyped-call]
_NUMERIC = 1700  # its number among PostgreSQL's types


class _Parameter(NamedTuple):
    name: str
    convert: _Convert
    asked: bool
    fixed: Any


class Statement:
    """Of an expression whose parameters are `bindparam`s. A row is a dict by the columns' names.

    Other values are parameters too, so a comparison that a partial index is to serve takes a `constant`.
    """

    def __init__(self, expression: ExecutableReturnsRows) -> None:
        self._compiled = expression.compile(dialect=_DIALECT)
        self._expression = expression
        self.sql = str(self._compiled)

    def arguments(self, values: Mapping[str, object]) -> list[Any]:
        """In the statement's order. Raises KeyError for a parameter without a value."""
        return [_given(one, values) for one in self._parameters]

    def read(self, record: asyncpg.Record) -> Row:
        named = zip(self._columns, record, strict=True)
        return {name: value if convert is None or value is None else convert(value) for (name, convert), value in named}

    @cached_property
    def _parameters(self) -> Sequence[_Parameter]:
        return [self._parameter(name) for name in self._compiled.positiontup or ()]

    def _parameter(self, name: str) -> _Parameter:
        bind = self._compiled.binds[name]
        convert = bind.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
        fixed = bind.value if bind.required or convert is None else convert(bind.value)
        return _Parameter(name, convert, bind.required, fixed)

    @cached_property
    def _columns(self) -> Sequence[tuple[str, _Convert]]:
        return [(name, _reading(one.type)) for name, one in self._expression.exported_columns.items()]


def constant(value: StrEnum) -> ColumnElement[Any]:
    """One of our own words, written into the statement."""
    return literal_column(f"'{value}'", Text)


def _reading(type_: TypeEngine[Any]) -> _Convert:
    """Of the driver's values; it makes decimals of numerics by itself."""
    return type_.dialect_impl(_DIALECT).result_processor(_DIALECT, _NUMERIC if isinstance(type_, Numeric) else None)


def _given(parameter: _Parameter, values: Mapping[str, object]) -> Any:
    if not parameter.asked:
        return parameter.fixed
    value = values[parameter.name]
    return value if parameter.convert is None else parameter.convert(value)
