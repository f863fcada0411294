"""The trace a request says it belongs to (W3C Trace Context, 3.2)."""

import pytest
from fastapi import Request

from server.api.trace_context import trace_id_of

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def request(*said: str) -> Request:
    return Request({"type": "http", "headers": [(b"traceparent", one.encode()) for one in said]})


@pytest.mark.parametrize("said", [f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00", f"cc-{TRACE}-{PARENT}-01-more"])
def test_a_trace(said: str) -> None:
    assert trace_id_of(request(said)) == TRACE


@pytest.mark.parametrize(
    "said",
    [
        "",
        TRACE,
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE}-{PARENT}-0",
        f"00-{TRACE}-{PARENT}-01-more",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'g' * 32}-{PARENT}-01",
    ],
    ids=range(10),
)
def test_what_is_no_trace(said: str) -> None:
    assert trace_id_of(request(said)) is None


def test_two_are_none() -> None:
    assert trace_id_of(request(*[f"00-{TRACE}-{PARENT}-01"] * 2)) is None
    assert trace_id_of(request()) is None
