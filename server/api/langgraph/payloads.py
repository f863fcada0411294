"""What the LangGraph SDKs send. An option that exists there and not here is refused, never ignored."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.errors import Unsupported
from domain.sessions import OnBusy

Json = dict[str, Any]
StreamMode = Literal["values", "messages-tuple", "updates", "custom"]
MODES: tuple[StreamMode, ...] = ("values", "messages-tuple", "updates", "custom")

_ON_BUSY = {"enqueue": OnBusy.ENQUEUE, "reject": OnBusy.REJECT, "interrupt": OnBusy.INTERRUPT}
_HUMAN = {"human", "user"}


class Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _shown(*examples: Json) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": list(examples)})


_HELLO = {"assistant_id": "media_planner", "input": {"messages": [{"role": "user", "content": "Show my campaigns"}]}}
_VERDICT = {"decisions": [{"type": "approve"}]}


class RunWanted(Payload):
    """Of the messages in `input` the last one from a person counts; the thread has the others already."""

    model_config = _shown(
        {**_HELLO, "stream_mode": ["values", "messages-tuple"], "multitask_strategy": "enqueue"},
        {"assistant_id": "media_planner", "command": {"resume": _VERDICT}},
    )

    assistant_id: str = Field(examples=["media_planner"])
    input: Json | list[Any] | str | None = None
    command: Json | None = Field(default=None, description="`resume` with the verdict on an interrupt, nothing else.")
    stream_mode: str | list[str] = Field(default="values", description=f"Of {', '.join(MODES)}.")
    multitask_strategy: str = Field(default="enqueue", description="enqueue, reject or interrupt.")
    if_not_exists: Literal["create", "reject"] = "reject"
    checkpoint: Json | None = Field(default=None, description="The thread's latest one, or none.")
    checkpoint_id: str | None = None
    stream_resumable: bool = Field(default=True, description="Every stream is.")
    stream_subgraphs: bool = Field(default=False, description="An agent is a node: there are no subgraphs to tell of.")
    on_disconnect: Literal["continue", "cancel"] = Field(
        default="continue", description="A run belongs to no connection: it goes on until it ends or is cancelled."
    )
    durability: Literal["sync", "async", "exit"] = Field(default="sync", description="Every step is journaled.")
    checkpoint_during: bool | None = None
    strict_resume: Literal[True] | None = Field(default=None, description="Always.")
    on_completion: Literal["keep"] | None = None
    after_seconds: Literal[0] | None = None
    metadata: Json | None = None
    config: Json | None = None
    context: Json | None = None
    interrupt_before: list[str] | str | None = None
    interrupt_after: list[str] | str | None = None
    webhook: str | None = None
    feedback_keys: list[str] | None = None
    langsmith_tracer: Json | None = None


class ThreadWanted(Payload):
    model_config = _shown({"thread_id": "northwind-spring", "if_exists": "do_nothing"})

    thread_id: str | None = Field(default=None, description="Without it the server makes one.")
    if_exists: Literal["raise", "do_nothing"] = "raise"
    metadata: Json | None = None
    supersteps: list[Any] | None = None
    ttl: Json | float | None = None


class ThreadSearch(Payload):
    model_config = _shown({"status": "interrupted", "limit": 10})

    metadata: Json | None = None
    ids: list[str] | None = None
    limit: int = Field(default=10, ge=1, le=200)
    offset: int = Field(default=0, ge=0, le=10_000)
    sort_by: Literal["updated_at"] | None = None
    sort_order: Literal["desc"] | None = None
    select: list[str] | None = None
    status: str | None = None
    values: Json | None = None
    extract: Json | None = None


class HistoryWanted(Payload):
    model_config = _shown({"limit": 10})

    limit: int = Field(default=10, ge=1, le=1_000)
    before: str | Json | None = None
    checkpoint: Json | None = None
    metadata: Json | None = None
    select: list[str] | None = None


class StateAt(Payload):
    model_config = _shown({"checkpoint": {"checkpoint_id": "0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77"}})

    checkpoint: Json
    subgraphs: bool = False
    select: list[str] | None = None


class AssistantSearch(Payload):
    model_config = _shown({"graph_id": "media_planner"})

    metadata: Json | None = None
    graph_id: str | None = None
    name: str | None = None
    limit: int = Field(default=10, ge=1)
    offset: int = Field(default=0, ge=0)
    sort_by: str | None = None
    sort_order: str | None = None
    select: list[str] | None = None


def refuse(wanted: BaseModel, *names: str) -> None:
    """Raises Unsupported `unsupported_option` for the first of these that says anything."""
    for name in names:
        if _says_something(getattr(wanted, name)):
            raise Unsupported(f"{name} is not supported here.", code="unsupported_option", field=name)


def refuse_options(wanted: RunWanted) -> None:
    names = ("metadata", "config", "context", "interrupt_before", "interrupt_after", "webhook", "feedback_keys")
    refuse(wanted, *names, "langsmith_tracer")


def modes_of(wanted: str | list[str] | None) -> frozenset[str]:
    """Raises Unsupported `unsupported_stream_mode`."""
    named = [wanted] if isinstance(wanted, str) else wanted or []
    modes = frozenset(mode for mode in named if mode) or frozenset(MODES)  # the Python SDK sends "" for none
    if unknown := sorted(modes.difference(MODES)):
        raise Unsupported(
            f"Streams have the modes {', '.join(MODES)}, not {unknown[0]}.",
            code="unsupported_stream_mode",
            field="stream_mode",
        )
    return modes


def on_busy(strategy: str) -> OnBusy:
    if strategy not in _ON_BUSY:
        raise Unsupported(
            f"A run can enqueue, reject or interrupt, not {strategy}.",
            code="unsupported_multitask_strategy",
            field="multitask_strategy",
        )
    return _ON_BUSY[strategy]


def checkpoint_named(wanted: Json | str | None) -> str | None:
    """The id in a checkpoint as the SDKs write them."""
    if not isinstance(wanted, dict):
        return wanted
    if wanted.get("checkpoint_ns"):
        raise Unsupported("There are no subgraphs.", code="unsupported_option", field="checkpoint_ns")
    inner = wanted.get("configurable", wanted)
    named = inner.get("checkpoint_id") if isinstance(inner, dict) else None
    return str(named) if named else None


def last_words(input: Json | list[Any] | str | None) -> str:
    """Of the person. Raises Unsupported for an input without a message, and for what is no text in it."""
    if isinstance(input, dict):
        if unknown := sorted(key for key, value in input.items() if key != "messages" and _says_something(value)):
            raise Unsupported(f"The input has messages, not {unknown[0]}.", code="unsupported_input", field=unknown[0])
        input = input.get("messages")
    messages = input if isinstance(input, list) and not _is_pair(input) else [input]
    for message in reversed(messages):
        role, content = _read(message)
        if role in _HUMAN:
            return _text(content)
    raise Unsupported("A run begins with a message from a person.", code="message_required", field="input")


def _read(message: object) -> tuple[str, object]:
    if isinstance(message, str):
        return "human", message
    if isinstance(message, list) and _is_pair(message):
        return str(message[0]), message[1]
    if isinstance(message, dict):
        return str(message.get("type") or message.get("role")), message.get("content")
    return "", None


def _is_pair(message: list[Any]) -> bool:
    return len(message) == 2 and isinstance(message[0], str) and message[0] in {*_HUMAN, "ai", "assistant", "system"}


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else [None]
    texts = [block if isinstance(block, str) else _block(block) for block in blocks]
    return "\n".join(texts)


def _block(block: object) -> str:
    if isinstance(block, dict) and block.get("type") == "text":
        return str(block.get("text", ""))
    raise Unsupported("Messages are text here.", code="unsupported_content", field="input")


def _says_something(value: object) -> bool:
    """{"configurable": {}} says as little as nothing."""
    if isinstance(value, dict):
        return any(_says_something(inner) for inner in value.values())
    return value not in (None, [], "", False)
