"""Cursors: opaque, for one list and sort alone, and never a way into the database."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, Row, Table, Text, Uuid, func, select

from domain.errors import InvalidInput
from server.postgres.paging import Order
from services.read_models import PageRequest

things = Table(
    "things",
    MetaData(),
    Column("id", Uuid),
    Column("at", DateTime(timezone=True)),
    Column("name", Text),
    Column("size", BigInteger),
    Column("number", Integer),
)
BY_TIME = Order("by-time", (things.c.at, things.c.id), descending=True)
BY_NAME = Order("by-name", (func.lower(things.c.name, type_=Text()), things.c.id))
BY_SIZE = Order("by-size", (-things.c.size, things.c.number))
ORDERS = [BY_TIME, BY_NAME, BY_SIZE]


def cursor(*values: object) -> str:
    return urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def bounds(order: Order, cursor: str) -> list[object]:
    """What the statement for the page after the cursor compares with."""
    statement = order.window(select(things.c.id), PageRequest(cursor=cursor))
    assert statement.whereclause is not None
    return list(statement.whereclause.compile().params.values())


def last_of(order: Order, *keys: object) -> str:
    """The cursor after a row with these keys."""
    row = tuple(keys)
    page = order.page([row, row], PageRequest(limit=1), lambda found: found)  # type: ignore[list-item]
    assert page.next_cursor is not None
    return page.next_cursor


@given(at=st.datetimes(timezones=st.just(UTC)), id=st.uuids(version=4))
def test_a_moment_and_an_id_come_back_exactly(at: datetime, id: object) -> None:
    assert bounds(BY_TIME, last_of(BY_TIME, at, id)) == [at, id]


@given(name=st.text().filter(lambda text: "\x00" not in text), id=st.uuids(version=4))
def test_a_name_comes_back_exactly(name: str, id: object) -> None:
    made = last_of(BY_NAME, name, id)
    assert bounds(BY_NAME, made) == [name, id]
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    "bad",
    [
        "",
        "x",
        "é",
        "%%%",
        "bm90IGpzb24",
        cursor(),
        cursor("by-time"),
        cursor("by-time", "2026-01-01T00:00:00Z"),
        cursor("by-time", "2026-01-01T00:00:00", str(UUID(int=7))),
        cursor("by-time", "yesterday", str(UUID(int=7))),
        cursor("by-time", "2026-01-01T00:00:00Z", "not an id"),
        cursor("by-time", "2026-01-01T00:00:00Z", str(UUID(int=7)), 1),
        cursor("by-name", "nul \x00 byte", str(UUID(int=7))),
        cursor("by-name", {"a": 1}, str(UUID(int=7))),
        cursor("by-name", None, str(UUID(int=7))),
        cursor("by-size", 2**63, 1),
        cursor("by-size", 1.5, 1),
        cursor("by-other", 1, 1),
    ],
)
def test_what_is_no_cursor_of_this_list_is_refused(order: Order, bad: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        order.window(select(things.c.id), PageRequest(cursor=bad))
    assert (refused.value.code, refused.value.field) == ("bad_cursor", "cursor")


@given(st.text())
def test_no_text_breaks_the_reading_of_a_cursor(text: str) -> None:
    with pytest.raises(InvalidInput):
        BY_TIME.window(select(things.c.id), PageRequest(cursor=text))


def test_a_cursor_fits_its_own_order_alone() -> None:
    made = last_of(BY_SIZE, -5, 2)
    assert orjson.loads(urlsafe_b64decode(made + "=" * (-len(made) % 4))) == ["by-size", -5, 2]
    assert bounds(BY_SIZE, made) == [-5, 2]
    with pytest.raises(InvalidInput):
        BY_TIME.window(select(things.c.id), PageRequest(cursor=made))


def test_the_last_page_has_no_cursor() -> None:
    rows: list[Row[*tuple[object, ...]]] = []
    assert BY_TIME.page(rows, PageRequest(limit=1), lambda row: row).next_cursor is None
