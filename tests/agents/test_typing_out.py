"""Text while it is written: its first piece goes at once, the others are gathered, and none outlives its message."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from agents.events import TextPiece
from agents.typing_out import TypingOut
from domain.ids import SessionId, TenantId, TurnId, UserId, new_id
from domain.sessions import TurnStatus
from services.actor import system_actor
from services.events import TextDelta
from services.journal import TurnJournal
from services.ports import Lease, Turn
from tests.fakes.clock import FakeClock
from tests.fakes.database import InMemoryDatabase
from tests.fakes.feed import Entry, InMemoryFeed
from tests.fakes.unit_of_work import InMemoryWork, unpublished

TENANT = TenantId(new_id())
FIRST, SECOND = "run-1", "run-2"


class Heard(InMemoryFeed):
    """What was published, in order, and a word when there is more."""

    def __init__(self) -> None:
        super().__init__()
        self.deltas: list[TextDelta] = []
        self.more = asyncio.Event()

    async def publish(self, entries: Sequence[Entry]) -> None:
        await super().publish(entries)
        self.deltas += [entry for entry in entries if isinstance(entry, TextDelta)]
        self.more.set()

    async def until_more(self) -> None:
        self.more.clear()
        await asyncio.wait_for(self.more.wait(), 5)

    @property
    def texts(self) -> list[tuple[int, str]]:
        return [(delta.offset, delta.text) for delta in self.deltas]


def lease() -> Lease:
    turn_id = TurnId(new_id())
    turn = Turn(
        id=turn_id,
        session_id=SessionId(new_id()),
        user_id=UserId(new_id()),
        message="hello",
        idempotency_key=str(turn_id),
        body_digest="",
        accepted_seq=1,
        status=TurnStatus.RUNNING,
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    return Lease(turn, "one")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def journal() -> TurnJournal:
    begin = InMemoryWork(InMemoryDatabase(), FakeClock(), unpublished)
    return TurnJournal(begin, FakeClock(), system_actor(TENANT), lease(), [])


@pytest.fixture
def typing(heard: Heard, journal: TurnJournal) -> TypingOut:
    return TypingOut(heard, TENANT, lease(), journal)


def piece(text: str, stream: str = FIRST) -> TextPiece:
    return TextPiece("workspace", stream, text)


async def test_the_first_piece_goes_at_once_and_the_others_together(heard: Heard, typing: TypingOut) -> None:
    await typing.add(piece("One"))
    assert heard.texts == [(0, "One")]
    await typing.add(piece(", two"))
    await typing.add(piece(", three"))
    assert heard.texts == [(0, "One")]
    await heard.until_more()
    assert heard.texts == [(0, "One"), (3, ", two, three")]


async def test_a_later_message_begins_anew(heard: Heard, typing: TypingOut) -> None:
    await typing.add(piece("One"))
    await typing.add(piece(", two"))
    await typing.add(piece("Next", SECOND))
    assert heard.texts == [(0, "One"), (0, "Next")]


async def test_what_is_recorded_is_not_sent_any_more(heard: Heard, typing: TypingOut, journal: TurnJournal) -> None:
    await typing.add(piece("One"))
    await typing.add(piece(", two"))
    journal.written(FIRST)
    await typing.add(piece(", three"))
    await typing.add(piece("Next", SECOND))
    await typing.add(piece(" one", SECOND))
    await heard.until_more()
    assert heard.texts == [(0, "One"), (0, "Next"), (4, " one")]


async def test_closing_drops_what_is_pending(heard: Heard, typing: TypingOut) -> None:
    await typing.add(piece("One"))
    await typing.add(piece(", two"))
    await typing.close()
    await typing.add(piece(", three"))
    assert heard.texts == [(0, "One"), (3, ", three")]
