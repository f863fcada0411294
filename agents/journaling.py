"""Every model call and tool call passes the turn's journal: answered from it if it was made before, recorded if not."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage, message_to_dict, messages_from_dict
from langgraph.prebuilt.tool_node import ToolCallRequest
from langgraph.types import Command

from agents.blocks import block_of, without_block
from agents.context import RunContext
from agents.events import TextPiece
from agents.pricing import Prices, counted
from agents.refusal import refusal
from domain.errors import DomainError, Forbidden, NotFound, Unavailable
from domain.ids import TurnId
from services.audit import Audit
from services.events import EventType, NewEvent
from services.journal import TurnJournal
from services.ports import Recorded
from services.queries import SessionContext

ToolOutcome = ToolMessage | Command[Any]
Handler = Callable[[ToolCallRequest], Awaitable[ToolOutcome]]
Heard = Callable[[TextPiece], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Open:
    journal: TurnJournal
    heard: Heard | None
    around: SessionContext | None


class Journals:
    """The journals of the turns that this process runs now, who hears their text while it is written, and what was
    around them when they began.
    """

    def __init__(self) -> None:
        self._open: dict[TurnId, _Open] = {}

    def open(self, journal: TurnJournal, heard: Heard | None = None, around: SessionContext | None = None) -> None:
        self._open[journal.turn_id] = _Open(journal, heard, around)

    def close(self, journal: TurnJournal) -> None:
        self._open.pop(journal.turn_id, None)

    def of(self, context: RunContext) -> TurnJournal | None:
        """None outside the turn runtime."""
        return self._open[context.turn_id].journal if context.turn_id else None

    def listener(self, context: RunContext) -> Heard | None:
        return self._open[context.turn_id].heard if context.turn_id else None

    def around(self, context: RunContext) -> SessionContext | None:
        """As long as nothing has been done in the turn that could have changed it."""
        opened = self._open[context.turn_id] if context.turn_id else None
        return opened.around if opened and opened.journal.is_empty else None


class Journaling:
    def __init__(self, agent: str, journals: Journals, audit: Audit, prices: Prices) -> None:
        self._agent = agent
        self._journals = journals
        self._audit = audit
        self._prices = prices

    async def model_call(self, context: RunContext, ask: Callable[[], Awaitable[AIMessage]]) -> AIMessage:
        journal = self._journals.of(context)
        if journal is None:
            return await ask()
        call = journal.next_call(self._agent)
        if recorded := journal.answer(self._agent, call):
            return cast(AIMessage, restored(recorded))
        journal.purse.pay_model_call()
        answer = await ask()
        journal.written(answer.id)
        named = answer.model_copy(update={"id": journal.next_message_id()})
        await journal.record_answer(
            self._agent,
            call,
            {**message_to_dict(named), "usage": counted(journal.purse, answer, self._prices)},
            _answer_events(journal, self._agent, call, named),
        )
        return named

    async def awrap_tool_call(self, request: ToolCallRequest, handler: Handler) -> ToolOutcome:
        journal = self._journals.of(cast(RunContext, request.runtime.context))
        if journal is None:
            return await self._refused_or_done(request, handler)
        call_id = str(request.tool_call["id"])
        journal.purse.refuse_loops(request.tool_call["name"], request.tool_call["args"])
        if recorded := journal.result(call_id):
            return _replayed(recorded)
        journal.purse.pay_tool_call()
        outcome = await self._refused_or_done(request, handler)
        message = message_of(outcome)
        content = {**message_to_dict(without_block(message)), "block": block_of(message), "update": _update(outcome)}
        event = journal.event(EventType.TOOL_RESULT, self._agent, _result_data(message))
        row = await journal.record_result(self._agent, call_id, content, [event])
        return _with_message(outcome, without_block(message).model_copy(update={"id": row.id}))

    async def _refused_or_done(self, request: ToolCallRequest, handler: Handler) -> ToolOutcome:
        try:
            if request.tool is None:
                name = request.tool_call["name"]
                raise Forbidden(f"There is no tool {name!r} here.", code="no_such_tool", tool=name)
            return await handler(request)
        except Unavailable:
            raise  # the turn is put off and run again from its journal; the model could do nothing about it
        except DomainError as error:
            if isinstance(error, Forbidden | NotFound):
                await self._note_denial(request, error)
            return refusal(error, request.tool_call)

    async def _note_denial(self, request: ToolCallRequest, error: DomainError) -> None:
        """One audit row for one attempt, however often the turn is run."""
        context = cast(RunContext, request.runtime.context)
        actor = context.actor(self._agent, str(request.tool_call["id"]))
        await self._audit.denied(actor, error, f"tool.{request.tool_call['name']}")


def restored(recorded: Recorded) -> BaseMessage:
    """The chat message of a journal row, under the row's id."""
    content = {key: recorded.content[key] for key in ("type", "data")}
    (message,) = messages_from_dict([content])
    return message.model_copy(update={"id": recorded.id})


def _replayed(recorded: Recorded) -> ToolOutcome:
    message = restored(recorded)
    assert isinstance(message, ToolMessage), "a result's row holds a tool message"
    update = recorded.content.get("update")
    if not isinstance(update, Mapping):
        return message
    return Command(update={**update, "messages": [message]})


def message_of(outcome: ToolOutcome) -> ToolMessage:
    if isinstance(outcome, ToolMessage):
        return outcome
    messages = outcome.update["messages"] if isinstance(outcome.update, dict) else []
    return next(message for message in reversed(messages) if isinstance(message, ToolMessage))


def _update(outcome: ToolOutcome) -> Mapping[str, object] | None:
    """What the call leaves in the state besides its message."""
    if isinstance(outcome, ToolMessage):
        return None
    return {key: value for key, value in (outcome.update or {}).items() if key != "messages"}


def _with_message(outcome: ToolOutcome, message: ToolMessage) -> ToolOutcome:
    if isinstance(outcome, ToolMessage):
        return message
    return Command(update={**(outcome.update or {}), "messages": [message]})


def _answer_events(journal: TurnJournal, agent: str, call: int, answer: AIMessage) -> list[NewEvent]:
    events = [journal.event(EventType.AGENT_STARTED, agent, {})] if call == 0 else []
    if answer.text:
        said = {"message_id": answer.id, "text": str(answer.text), "streamed": True, "attempt": journal.attempt}
        events.append(journal.event(EventType.MESSAGE, agent, said))
    for call_made in answer.tool_calls:
        asked = {
            "id": call_made["id"],
            "name": call_made["name"],
            "arguments": call_made["args"],
            "message_id": answer.id,
        }
        events.append(journal.event(EventType.TOOL_CALL, agent, asked))
    return events or [journal.event(EventType.MESSAGE, agent, {"message_id": answer.id, "text": "", "streamed": False})]


def _result_data(message: ToolMessage) -> dict[str, object]:
    return {
        "id": message.tool_call_id,
        "name": message.name,
        "text": str(message.text),
        "refused": message.status == "error",
        "block": block_of(message),
    }
