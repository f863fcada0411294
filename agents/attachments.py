"""Files that came with a message: the model reads of them behind the person's words, tools get their ids."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from langchain_core.messages import AnyMessage, BaseMessage, HumanMessage

from agents.tools import Call
from domain.errors import InvalidInput, NotFound
from domain.ids import FileId
from services.attachments import attached_in
from services.file_views import Attached
from services.queries import Queries
from services.read_models import PageRequest

_LOOKED_THROUGH = PageRequest(limit=200)


def of_message(message: BaseMessage) -> list[Attached]:
    return attached_in(message.additional_kwargs) if isinstance(message, HumanMessage) else []


def of_turn(messages: Sequence[BaseMessage]) -> list[Attached]:
    """What came with the person's last words."""
    last = next((message for message in reversed(messages) if isinstance(message, HumanMessage)), None)
    return of_message(last) if last else []


def with_note(message: AnyMessage) -> AnyMessage:
    """For a model: what is attached follows as a part of its own. The message that is kept stays as it was said."""
    files = of_message(message)
    if not files:
        return message
    note = "\n".join(["Attached:", *map(_line, files)])
    parts = [{"type": "text", "text": message.text}, {"type": "text", "text": f"\n{note}"}]
    return message.model_copy(update={"content": parts})


def words_of(message: BaseMessage) -> str:
    """What the person said, of a message with or without its note."""
    if of_message(message) and isinstance(message.content, list):
        first = message.content[0]
        return first if isinstance(first, str) else str(first.get("text", ""))
    return message.text


async def file_meant(queries: Queries, call: Call[Any], said: str | None) -> FileId:
    """The file of that id or name, or the one attached to the message. Asks back, as a refusal, rather than guess."""
    if said is None:
        if len(call.files) == 1:
            return call.files[0]
        code = "ambiguous" if call.files else "file_required"
        raise InvalidInput("Which of the attached files?" if call.files else "Which file?", code=code, field="file")
    try:
        return (await queries.file(call.actor, FileId(UUID(said.strip())))).id
    except ValueError:
        named = said.strip().casefold()
    found = (await queries.files(call.actor, None, _LOOKED_THROUGH)).items
    for one in found:  # the latest of that name
        if one.name.casefold() == named:
            return one.id
    raise NotFound(f"There is no file called “{said}”.", code="file_not_found", field="file")


def _line(file: Attached) -> str:
    return f"- {file.name} (file {file.id}, {file.media_type}, {file.size:,} bytes)"
