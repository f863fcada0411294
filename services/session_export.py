"""A whole conversation to take along, piece by piece: for people as Markdown, for programs as JSON."""

import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from enum import StrEnum

from domain.ids import SessionId
from services.actor import Actor
from services.queries import Queries
from services.read_models import PageRequest
from services.session_views import CallView, RecordView, SessionView

_PAGE = 200


class ExportFormat(StrEnum):
    MARKDOWN = "markdown"
    JSON = "json"


async def exported(queries: Queries, actor: Actor, session: SessionView, format: ExportFormat) -> AsyncIterator[str]:
    """Everything that was said, called and answered, in order and with its time; read as it is sent."""
    begin, write, end = _WRITERS[format]
    yield begin(session)
    first = True
    async for record in _records(queries, actor, session.id):
        yield write(record, first)
        first = False
    yield end


async def _records(queries: Queries, actor: Actor, session_id: SessionId) -> AsyncIterator[RecordView]:
    cursor: str | None = None
    while True:
        page = await queries.transcript(actor, session_id, PageRequest(limit=_PAGE, cursor=cursor))
        for record in page.items:
            yield record
        cursor = page.next_cursor
        if cursor is None:
            return


def _json_begin(session: SessionView) -> str:
    return f'{{"session":{session.model_dump_json()},"messages":['


def _json_record(record: RecordView, first: bool) -> str:
    return ("\n" if first else ",\n") + record.model_dump_json()


def _markdown_begin(session: SessionView) -> str:
    return f"# {_one_line(session.title)}\n\nConversation {session.id}, begun {_time(session.created_at)}.\n"


def _markdown_record(record: RecordView, first: bool) -> str:
    who = "You" if record.role == "user" else (record.agent or record.role)
    parts = [f"\n## {_time(record.created_at)}, {_one_line(who)}\n"]
    if record.tool or record.role == "tool":
        verdict = "refused" if record.refused else "answered"
        parts.append(f"\n`{_one_line(record.tool or 'tool')}` {verdict}:\n\n{_fenced(record.text)}")
    elif record.text:
        parts.append(f"\n{_quoted(record.text)}")
    parts += [_call(call) for call in record.calls]
    return "".join(parts)


def _call(call: CallView) -> str:
    arguments = json.dumps(call.arguments, ensure_ascii=False, indent=2)
    return f"\n`{_one_line(call.name)}` was called:\n\n{_fenced(arguments, 'json')}"


def _quoted(text: str) -> str:
    """What somebody wrote must not become a heading of ours."""
    return "".join(f"> {line}\n" for line in text.splitlines() or [""])


def _fenced(text: str, language: str = "") -> str:
    """In a fence longer than any within the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}\n"


def _one_line(text: str) -> str:
    return " ".join(text.replace("`", "'").split())


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


_Writers = tuple[Callable[[SessionView], str], Callable[[RecordView, bool], str], str]

_WRITERS: dict[ExportFormat, _Writers] = {
    ExportFormat.MARKDOWN: (_markdown_begin, _markdown_record, ""),
    ExportFormat.JSON: (_json_begin, _json_record, "\n]}\n"),
}
