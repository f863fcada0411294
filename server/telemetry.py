"""Logs: one JSON object a line on standard error, each with the ids of the request it belongs to.

Nothing that people write (messages, names, passwords) and no token is ever logged; ids are. Everybody logs by the
standard library, with what is to be known in `extra`.
"""

import logging
import sys
import traceback
from collections.abc import Iterator
from typing import TextIO

import orjson
from structlog.contextvars import bind_contextvars, clear_contextvars, merge_contextvars
from structlog.processors import TimeStamper
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name
from structlog.types import EventDict, WrappedLogger

_QUIET = ("httpx", "httpcore", "uvicorn.access", "sse_starlette", "temporalio")


def configure_logging(level: str, stream: TextIO = sys.stderr) -> None:
    """For the whole process. To be called once, by an entry point."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[
                merge_contextvars,
                add_log_level,
                add_logger_name,
                TimeStamper(fmt="iso", utc=True),
                ExtraAdder(),
                _withholding,
            ],
            processors=[ProcessorFormatter.remove_processors_meta, _as_json],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def about(**ids: object) -> None:
    """From here on every line of this request, and of the tasks it starts, carries these ids."""
    bind_contextvars(**{name: str(value) for name, value in ids.items()})


def about_nothing() -> None:
    """The start of a request: what was bound before it belongs to somebody else."""
    clear_contextvars()


def _withholding(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """An exception's words may quote what people wrote, or a statement's parameters: its place and type must do."""
    event.pop("color_message", None)  # uvicorn says everything twice
    exc_info = event.pop("exc_info", None)
    if isinstance(exc_info, tuple) and exc_info[1] is not None:
        event["exception"] = "".join(_told(exc_info[1]))
    return event


def _told(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield from traceback.format_tb(error.__traceback__)
        yield f"{type(error).__module__}.{type(error).__qualname__}\n"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _as_json(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str).decode()
