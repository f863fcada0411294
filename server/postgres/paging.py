"""Keyset pagination: a page continues after the last row of the one before, whatever was added meanwhile."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import GenericAlias
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter
from pydantic_core import to_json
from sqlalchemy import BigInteger, ColumnElement, literal, tuple_

from domain.errors import InvalidInput
from server.postgres.tenant_reader import AnyRow, AnySelect
from services.read_models import Page, PageRequest

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """By `keys`, all in one direction, which together tell any two rows apart.

    A cursor carries `name`, so that it fits the list and the sort it came from and no other.
    """

    name: str
    keys: tuple[ColumnElement[Any], ...]
    descending: bool = False

    def window(self, statement: AnySelect, page: PageRequest) -> AnySelect:
        """The rows of the page and one more, each ending with its keys."""
        keys = tuple_(*self.keys)
        if page.cursor is not None:
            last = tuple_(*map(_comparable, self.keys, self._parse(page.cursor)))
            statement = statement.where(keys < last if self.descending else keys > last)
        return (
            statement.add_columns(*(key.label(f"key_{place}") for place, key in enumerate(self.keys)))
            .order_by(*(key.desc() if self.descending else key.asc() for key in self.keys))
            .limit(page.limit + 1)
        )

    def page(self, rows: Sequence[AnyRow], wanted: PageRequest, view: Callable[[Any], T]) -> Page[T]:
        """From the rows that `window` brought."""
        shown = rows[: wanted.limit]
        more = len(rows) > wanted.limit
        return Page(
            items=[view(row) for row in shown],
            next_cursor=self._cursor(shown[-1][-len(self.keys) :]) if more else None,
        )

    def _cursor(self, values: Sequence[Any]) -> str:
        return urlsafe_b64encode(to_json([self.name, *values])).decode().rstrip("=")

    def _parse(self, cursor: str) -> tuple[Any, ...]:
        kinds = [_ACCEPTED[key.type.python_type] for key in self.keys]
        shape: Any = GenericAlias(tuple, (str, *kinds))
        try:
            text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            name, *values = TypeAdapter(shape).validate_json(text)
        except ValueError:  # not base64, not JSON, or not of this shape
            name, values = None, []
        if name != self.name:
            raise InvalidInput("This cursor belongs to another list or sort.", code="bad_cursor", field="cursor")
        return tuple(values)


def _comparable(key: ColumnElement[Any], value: Any) -> ColumnElement[Any]:
    """Any number can be compared with a number column, however small the column's numbers are."""
    return literal(value, BigInteger() if isinstance(value, int) else key.type)


# What a column of the type can be compared with: a made-up cursor must not reach the driver with anything else.
_ACCEPTED: dict[type, Any] = {
    int: Annotated[int, Field(ge=-(2**63), lt=2**63)],
    str: Annotated[str, Field(pattern=r"^[^\x00]*$")],
    datetime: AwareDatetime,
    date: date,
    UUID: UUID,
}
