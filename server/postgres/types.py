"""Column types that carry domain values."""

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Any, Generic, TypeVar

import orjson
from pydantic import TypeAdapter
from sqlalchemy import DateTime, Dialect
from sqlalchemy import Enum as EnumColumn
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from domain.planning.curves.records import curve_from, curve_record
from domain.planning.curves.response_curves import ResponseCurve
from domain.plans.lines import FlightWeek

V = TypeVar("V")
Moment = DateTime(timezone=True)


def json_text(value: object) -> str:
    """As every jsonb column is written."""
    return orjson.dumps(value, default=str).decode()


def choice(name: str, values: type[Enum], *, checked: bool = True) -> EnumColumn:
    """Text with a CHECK of the enum's values: another value is one line in a migration, not a change of type.

    The elements of an array have none.
    """
    return EnumColumn(
        values,
        name=name,
        native_enum=False,
        create_constraint=checked,
        length=40,
        values_callable=lambda members: [str(member.value) for member in members],
    )


class Weeks(TypeDecorator[tuple[FlightWeek, ...]]):
    """jsonb `[["2026-03-02", 125000], …]`: the first day of each week and its budget in minor units."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: Sequence[FlightWeek] | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return [[week.starts.isoformat(), week.budget_minor] for week in value]

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[FlightWeek, ...] | None:
        if value is None:
            return None
        return tuple(FlightWeek(date.fromisoformat(starts), minor) for starts, minor in value)


class Curve(TypeDecorator[ResponseCurve]):
    """jsonb as domain/planning/curves/records.py writes it."""

    impl = JSONB
    cache_ok = True

    def process_bind_param(self, value: ResponseCurve | None, dialect: Dialect) -> Any:
        return None if value is None else curve_record(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> ResponseCurve | None:
        return None if value is None else curve_from(value)


class Value(TypeDecorator[V], Generic[V]):
    """jsonb of a value object, each field by its name; an optional one that is missing is NULL."""

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def __init__(self, kind: type[V]) -> None:
        super().__init__()
        self.kind = kind  # SQLAlchemy tells column types apart by it
        self._adapter: TypeAdapter[V] = TypeAdapter(kind)

    def process_bind_param(self, value: V | None, dialect: Dialect) -> Any:
        return None if value is None else self._adapter.dump_python(value, mode="json")

    def process_result_value(self, value: Any, dialect: Dialect) -> V | None:
        return None if value is None else self._adapter.validate_python(value)
