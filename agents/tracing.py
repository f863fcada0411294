"""LangSmith's tracing, where nobody has asked for it."""

from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any

import langsmith
from langsmith.utils import tracing_is_enabled


def trace_in_place() -> None:
    """LangChain wraps each hook of a middleware in a trace whose two ends go to a thread and back, traced or not.

    Without tracing there is nothing to do there. With it all stays as it is.
    """
    if not tracing_is_enabled():
        langsmith.set_runtime_overrides(aio_to_thread=_in_place)


async def _in_place(
    _: Callable[..., Awaitable[Any]], context: Context, act: Callable[..., Any], /, *args: Any, **kwargs: Any
) -> Any:
    return context.run(act, *args, **kwargs)
