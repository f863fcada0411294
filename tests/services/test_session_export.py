"""A conversation as a file: whole, in order, and nothing in it that somebody wrote can pass for something else."""

import json
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from pydantic import TypeAdapter

from domain.ids import SessionId, TenantId, new_id
from domain.sessions import SessionType
from services.actor import Actor, system_actor
from services.queries import Queries
from services.read_models import Page, PageRequest
from services.session_export import ExportFormat, exported
from services.session_views import CallView, RecordView, SessionView

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SESSION = SessionView(
    id=SessionId(new_id()),
    title="Spring `x`\nlaunch",
    type=SessionType.CHAT,
    active_agent=None,
    active_campaign_id=None,
    created_at=NOW,
    updated_at=NOW,
    version=1,
)


class Transcript:
    """The one question that is asked, in pages of two."""

    def __init__(self, *records: RecordView) -> None:
        self._records = records

    async def transcript(self, actor: Actor, session_id: SessionId, page: PageRequest) -> Page[RecordView]:
        start = int(page.cursor or 0)
        following = str(start + 2) if start + 2 < len(self._records) else None
        return Page[RecordView](items=list(self._records[start : start + 2]), next_cursor=following)


def record(number: int, role: str, text: str, **values: object) -> RecordView:
    return RecordView.model_validate(
        {
            "id": f"t:{number}",
            "turn_id": None,
            "role": role,
            "agent": None if role == "user" else "planning",
            "text": text,
            "created_at": NOW + timedelta(seconds=number),
            **values,
        }
    )


TALK = (
    record(0, "user", "# not a heading\n\n```\nshow it"),
    record(1, "assistant", "", calls=[CallView(id="c1", name="show_plan", arguments={"campaign": "Größe"})]),
    record(2, "tool", "Plan: ```` 100 EUR", tool="show_plan", call_id="c1"),
    record(3, "tool", "Refused (no): no.", tool="move_campaign", call_id="c2", refused=True),
    record(4, "assistant", "It costs 100 EUR."),
)


async def whole(format: ExportFormat, *records: RecordView) -> str:
    queries = cast(Queries, Transcript(*records))
    pieces = exported(queries, system_actor(TenantId(new_id())), SESSION, format)
    return "".join([piece async for piece in pieces])


@pytest.mark.parametrize("count", range(len(TALK) + 1))
async def test_the_json_is_whole_and_reads_back(count: int) -> None:
    read = json.loads(await whole(ExportFormat.JSON, *TALK[:count]))
    assert SessionView.model_validate(read["session"]) == SESSION
    assert TypeAdapter(list[RecordView]).validate_python(read["messages"]) == list(TALK[:count])


async def test_the_markdown_says_who_said_and_did_what_and_when() -> None:
    assert (
        await whole(ExportFormat.MARKDOWN, *TALK)
        == f"""# Spring 'x' launch

Conversation {SESSION.id}, begun 2026-03-01 12:00:00 UTC.

## 2026-03-01 12:00:00 UTC, You

> # not a heading
>\x20
> ```
> show it

## 2026-03-01 12:00:01 UTC, planning

`show_plan` was called:

```json
{{
  "campaign": "Größe"
}}
```

## 2026-03-01 12:00:02 UTC, planning

`show_plan` answered:

`````
Plan: ```` 100 EUR
`````

## 2026-03-01 12:00:03 UTC, planning

`move_campaign` refused:

```
Refused (no): no.
```

## 2026-03-01 12:00:04 UTC, planning

> It costs 100 EUR.
"""
    )
