import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ids import SessionId
from domain.sessions import TurnStatus
from services.actor import Actor, system_actor
from services.events import EventType, Position, SessionEvent, TextDelta
from services.journal import TurnJournal
from services.ports import Lease
from services.turns import Ending, PostTurn
from services.watching import Seen, Watching
from tests.fakes.feed import InMemoryFeed
from tests.services.conftest import InMemory, in_memory
from tests.services.recordings import AGENT, SESSION, TENANT, Client, History, Replay, histories


async def watch(replay: Replay, client: Client, most: int | None = None, *, near: bool = False) -> None:
    """One connection: until the client has got `most` entries, or the history is over."""
    taken = 0
    async with aclosing(Watching(replay, replay).follow(TENANT, SESSION, client.position, near=near)) as entries:
        async for seen in entries:
            if seen is None:
                continue
            client.take(seen)
            taken += 1
            if taken == most:
                return


@settings(max_examples=150, deadline=None)
@given(
    histories(),
    st.randoms(use_true_random=False),
    st.lists(st.integers(1, 8), max_size=6),
    st.booleans(),
    st.booleans(),
)
async def test_whatever_the_feed_does_and_wherever_it_is_cut_nothing_is_lost_or_doubled(
    history: History, random: Random, cuts: list[int], reliable: bool, near: bool
) -> None:
    replay, client = Replay(history, random, reliable=reliable), Client()
    for most in cuts:
        await watch(replay, client, most, near=near)
    await watch(replay, client, near=near)
    assert client.seqs == [event.seq for event in history.events]
    streamed = [event.data for event in history.events if event.data.get("streamed")]
    assert {str(data["message_id"]): data["text"] for data in streamed}.items() <= client.texts.items()


def one_answer(text: str, *pieces: str) -> History:
    history = History()
    history.turn()
    history.types(*pieces)
    history.says(text)
    history.end()
    return history


@given(st.text("abé🌷", min_size=1, max_size=12), st.data())
async def test_who_comes_back_within_a_message_gets_exactly_the_rest(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))
    split = data.draw(st.integers(0, len(text)))
    history = one_answer(text, *(piece for piece in (text[:split], text[split:]) if piece))
    replay = Replay(history, Random(0), reliable=True)
    replay.now = data.draw(st.integers(2, len(history.entries)))
    got = ""
    async for seen in Watching(replay, replay).follow(TENANT, SESSION, Position(seq=2, offset=cut)):
        if seen is None:
            continue
        if isinstance(seen.entry, TextDelta):
            got += seen.entry.text
        elif isinstance(seen.entry, SessionEvent) and seen.entry.type is EventType.MESSAGE:
            assert seen.entry.data["delivered"] == cut + len(got)
            got += str(seen.entry.data["rest"])
    assert got == text[cut:]


async def seen_of(
    history: History, after: Position, *batches: list[int], now: int, then: int | None = None
) -> list[Seen]:
    """What comes of a feed that says exactly these entries, while `now` entries are true, and `then` at the second."""
    replay = Replay(history, Random(0))
    replay.now = now

    class Script(Replay):
        async def follow(
            self, tenant_id: Any, session_id: Any, *, near: bool = False
        ) -> AsyncGenerator[list[SessionEvent | TextDelta], None]:
            for number, batch in enumerate(batches):
                replay.now = now if then is None or number == 0 else then
                yield [history.entries[place] for place in batch]

    feed = Script(history, Random(0))
    stream = Watching(replay, feed).follow(TENANT, SESSION, after)
    return [seen async for seen in stream if seen]


async def test_a_gap_within_one_batch_is_filled_from_the_log() -> None:
    history = one_answer("hello")
    found = await seen_of(history, Position(), [], [0, 2, 1, 3], now=len(history.entries))
    assert [seen.position.seq for seen in found] == [1, 2, 3, 4]


async def test_another_attempts_words_are_not_continued() -> None:
    """The client comes back to a turn that died within its answer and says it otherwise now."""
    history = History()
    history.turn()
    history.types("Hello ")
    history.start()
    history.types("Good ", "day")
    history.says("Good day")
    whole = len(history.entries)
    for position in (Position(seq=2, offset=6), Position(seq=3, offset=6)):
        found = await seen_of(history, position, [4, 5], now=whole - 1)
        assert [seen.entry for seen in found if isinstance(seen.entry, TextDelta)] == []
        (*_, last) = await seen_of(history, position, [], now=whole)
        assert isinstance(last.entry, SessionEvent)
        assert (last.entry.data["restarted"], last.entry.data["rest"]) == (True, "Good day")


async def test_a_position_knows_the_attempt_it_belongs_to() -> None:
    history = History()
    history.turn()
    history.start()
    history.types("Good ", "day")
    history.says("Good day")
    (_, piece) = await seen_of(history, Position(seq=2), [], [3], now=3)
    assert str(piece.position) == "3.5.2"
    found = await seen_of(history, Position.parse("3.5.2"), [], [4, 5], now=6)
    assert isinstance(found[0].entry, SessionEvent)
    assert (found[0].entry.data["delivered"], found[0].entry.data["rest"]) == (5, "day")


@pytest.mark.parametrize("late", [[2], [2, 2], [3]])
async def test_late_pieces_of_a_whole_message_are_stale(late: list[int]) -> None:
    history = one_answer("hello", "hel", "lo")
    history.turn()
    history.says("again")
    places = range(len(history.entries))
    found = await seen_of(history, Position(), [], [*places[:5], *late, *places[5:]], now=len(places))
    assert all(isinstance(seen.entry, SessionEvent) for seen in found)
    last = found[-1].entry
    assert isinstance(last, SessionEvent)
    assert last.data["rest"] == "again"


@pytest.mark.parametrize("after", [0, 3])
async def test_a_cancelled_text_in_the_feeds_memory_is_not_the_next_answers_beginning(after: int) -> None:
    history = History()
    history.turn()
    history.types("Cancelled")
    history.end()
    history.turn()
    history.types("Next")
    history.says("Next answer")
    found = await seen_of(history, Position(seq=after), [2], [4, 5, 6, 7], now=4)
    texts = [seen.entry.text for seen in found if isinstance(seen.entry, TextDelta)]
    assert texts == ["Next"]


async def test_text_of_the_next_message_waits_for_the_one_before() -> None:
    """The feed lost the end of the first message; the log has it."""
    history = History()
    history.turn()
    history.types("first ")
    history.says("first message")
    history.types("seco", "nd mess")
    found = await seen_of(history, Position(seq=2), [2], [4, 5], now=2)
    assert [str(seen.position) for seen in found] == ["2.6"]
    found = await seen_of(history, Position(seq=2, offset=6), [], [4, 5], now=6)
    assert [str(seen.position) for seen in found] == ["3.0", "3.4", "3.11"]


async def test_text_waits_for_a_message_of_which_nothing_came() -> None:
    history = History()
    history.turn()
    history.says("first message")
    history.types("second")
    found = await seen_of(history, Position(), [], [3], now=2, then=4)
    assert [str(seen.position) for seen in found] == ["1.0", "2.0", "3.0", "3.6"]


async def test_text_of_a_turn_that_is_over_is_dropped_unasked() -> None:
    history = History()
    history.turn()
    history.types("Cancelled")
    history.end()

    class Forgetful(Replay):
        async def recorded(self, *_: Any) -> set[str]:
            raise AssertionError("it has seen the turn's end")

        async def follow(
            self, tenant_id: Any, session_id: Any, *, near: bool = False
        ) -> AsyncGenerator[list[SessionEvent | TextDelta], None]:
            yield []
            yield [history.entries[2]]

    replay = Forgetful(history, Random(0))
    replay.now = len(history.entries)
    found = [seen async for seen in Watching(replay, replay).follow(TENANT, SESSION, Position()) if seen]
    assert [seen.position.seq for seen in found] == [1, 2, 3]


async def test_a_near_reader_asks_nobody_for_what_it_hears() -> None:
    history = one_answer("hello", "hel", "lo")

    class Silent(Replay):
        async def events_after(self, *_: Any) -> list[SessionEvent]:
            raise AssertionError("it has heard everything")

        async def recorded(self, *_: Any) -> set[str]:
            raise AssertionError("it has heard the turn begin")

        async def follow(
            self, tenant_id: Any, session_id: Any, *, near: bool = False
        ) -> AsyncGenerator[list[SessionEvent | TextDelta], None]:
            for entry in history.entries[1:]:
                yield [entry]

    replay = Silent(history, Random(0))
    stream = Watching(replay, replay).follow(TENANT, SESSION, Position(seq=1), near=True)
    assert [str(seen.position) async for seen in stream if seen] == ["2.0", "2.3", "2.5", "3.0", "4.0"]


async def test_a_long_log_comes_whole() -> None:
    history = History()
    for _ in range(700):
        history.turn()
    found = await seen_of(history, Position(), [], now=len(history.entries))
    assert [seen.position.seq for seen in found] == list(range(1, 1401))


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("7", Position(seq=7)),
        ("7.", Position(seq=7)),
        ("7.12", Position(seq=7, offset=12)),
        ("7.12.3", Position(seq=7, offset=12, attempt=3)),
    ],
)
def test_a_position_is_read_from_its_id(text: str, position: Position) -> None:
    assert Position.parse(text) == position
    assert Position.parse(str(position)) == position


@pytest.mark.parametrize("text", ["", ".", ".1", "-1", "1.-2", "1.2.", "1.2.3.4", "١", "1e3", " 1", "1\n", "9" * 41])
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Position.parse(text)


async def test_two_readers_see_a_live_turn_alike() -> None:
    """The services write, their events are published as they are committed, text beside them."""
    feed = InMemoryFeed()
    memory = in_memory(feed.publish)
    actor = memory.owner()
    session_id = await memory.session(actor)
    watching = Watching(memory.events, feed)
    readers = [asyncio.create_task(told(watching, actor, session_id)) for _ in range(2)]
    await asyncio.sleep(0)
    await memory.turns.accept(actor, session_id, PostTurn(message="hello"))
    lease = await memory.turns.claim(system_actor(actor.tenant_id), session_id, "one")
    assert lease is not None
    await answer(memory, actor, lease, feed)
    await memory.turns.finish(actor, lease, Ending(status=TurnStatus.COMPLETED))
    first, second = await asyncio.gather(*readers)
    assert first == second == ["user_message", "turn_started", "Hel", "lo ", "message Ada!", "turn_ended"]


async def answer(memory: InMemory, actor: Actor, lease: Lease, feed: InMemoryFeed) -> None:
    journal = TurnJournal(memory.begin, memory.clock, actor, lease, [])
    message_id, offset = journal.next_message_id(), 0
    for piece in ("Hel", "lo "):
        delta = TextDelta(
            tenant_id=actor.tenant_id,
            session_id=lease.turn.session_id,
            turn_id=lease.turn.id,
            agent=AGENT,
            message_id=message_id,
            attempt=journal.attempt,
            offset=offset,
            text=piece,
            after=journal.last_seq,
        )
        await feed.publish([delta])
        offset += len(piece)
    data = {"message_id": message_id, "text": "Hello Ada!", "streamed": True, "attempt": journal.attempt}
    await journal.record_answer(AGENT, 0, {}, [journal.event(EventType.MESSAGE, AGENT, data)])


async def told(watching: Watching, actor: Actor, session_id: SessionId) -> list[str]:
    found: list[str] = []
    async for seen in watching.follow(actor.tenant_id, session_id, Position()):
        if seen is None:
            continue
        if isinstance(seen.entry, TextDelta):
            found.append(seen.entry.text)
        elif isinstance(seen.entry, SessionEvent):
            found.append(f"{seen.entry.type} {seen.entry.data.get('rest', '')}".strip())
            if seen.entry.type is EventType.TURN_ENDED:
                break
    return found
