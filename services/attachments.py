"""Files that come with a message. The message keeps what was known of them then: they may be gone later."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.errors import InvalidInput
from domain.ids import FileId
from services.actor import Actor
from services.file_views import Attached, readable
from services.unit_of_work import UnitOfWork

ATTACHED = "files"  # of a message's additional_kwargs, and of its event's data
MOST = 5


async def attach(work: UnitOfWork, actor: Actor, file_ids: Sequence[FileId], now: datetime) -> list[Attached]:
    """Each once. Raises NotFound `file_not_found` for one that the actor may not read, InvalidInput
    `too_many_files`.
    """
    wanted = list(dict.fromkeys(file_ids))
    if len(wanted) > MOST:
        raise InvalidInput(f"A message takes {MOST} files.", code="too_many_files", field="files")
    return [Attached.model_validate(readable(actor, await work.files.get(one), now)) for one in wanted]


def noted(files: Sequence[Attached]) -> dict[str, object]:
    """As JSON, under its name; nothing where there is none."""
    return {ATTACHED: [file.model_dump(mode="json") for file in files]} if files else {}


def attached_in(noted: Mapping[str, object]) -> list[Attached]:
    found = noted.get(ATTACHED)
    return [Attached.model_validate(one) for one in found] if isinstance(found, list) else []


def attached_to(content: Mapping[str, object]) -> list[Attached]:
    """Of a recorded message."""
    data = content.get("data")
    kept = data.get("additional_kwargs") if isinstance(data, Mapping) else None
    return attached_in(kept) if isinstance(kept, Mapping) else []
