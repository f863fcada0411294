"""What a log line has, and what it never has."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from server.telemetry import about, about_nothing, configure_logging

log = logging.getLogger("tests.telemetry")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("info", stream)
    yield stream
    root.handlers, root.level = handlers, level
    about_nothing()


def _last(stream: io.StringIO) -> dict[str, Any]:
    return dict(json.loads(stream.getvalue().splitlines()[-1]))


def test_a_line_is_json_with_its_ids_and_extras(lines: io.StringIO) -> None:
    about(request_id="r-1", tenant_id=7)
    log.info("request", extra={"status": 200})
    line = _last(lines)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "tests.telemetry",
        "request_id": "r-1",
        "tenant_id": "7",
        "status": 200,
    }


async def test_tasks_carry_the_ids_of_the_request_that_started_them(lines: io.StringIO) -> None:
    about(turn_id="t-1")

    async def work() -> None:
        log.info("working")

    task = asyncio.create_task(work())
    about_nothing()
    await task
    assert _last(lines)["turn_id"] == "t-1"
    log.info("after")
    assert "turn_id" not in _last(lines)


def test_an_exception_tells_its_place_but_not_its_words(lines: io.StringIO) -> None:
    said = "a message of somebody"
    try:
        try:
            raise ValueError(said)
        except ValueError as error:
            raise RuntimeError(said) from error
    except RuntimeError:
        log.exception("failed")
    told = _last(lines)["exception"]
    assert "builtins.RuntimeError" in told
    assert "builtins.ValueError" in told
    assert "test_telemetry.py" in told
    assert said not in lines.getvalue()
    assert _last(lines)["level"] == "error"


def test_below_the_level_nothing_is_written(lines: io.StringIO) -> None:
    log.debug("detail")
    logging.getLogger("httpx").info("GET https://example.com")
    assert lines.getvalue() == ""
