"""The bench measures what it says, and gives up where a server's answers are not whole."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from domain.errors import Unavailable
from evals.bench.contenders import Floor, Place
from evals.bench.load import Load, Run
from evals.bench.measuring import AGES, CONCURRENCY, Measured
from evals.bench.meters import Cost
from evals.bench.model import ANSWER, TOKENS, PacedChatModel, question
from evals.bench.report import figures_of, lines
from evals.bench.wire import Answer, connect

ASKED_FOR = {
    "turns_per_s_c50",
    "floor_turns_per_s_c50",
    "cpu_ms_c50",
    "floor_cpu_ms_c50",
    "added_first_token_ms_c10",
    "bytes_per_turn",
    *(f"checkpoint_bytes_per_turn_{age}" for age in AGES),
    "cancel_ms",
    "drain_s",
}
EVENTS = [*({"token": token} for token in TOKENS), {"done": True}]
PLACE = Place("/turns", {"X-Who": "ada"}, b'"token"', "thread")


def cost(wall: float, server: float) -> Cost:
    return Cost(wall, server, postgres=0.5, redis=0.25, generator=0.25, machine=server + 1.0)


def run(turns: int, wall: float, server: float, first_token: float = 0.025, ms_a_token: int = 0) -> Run:
    answers = [Answer(200, b"x" * 1000, 0.004, first_token, 0.1)] * turns
    return Run(Load(10, turns, ms_a_token), answers, cost(wall, server))


def measured(turns_per_s: float, cpu_ms: float) -> Measured:
    """Of three rounds, the last of which was disturbed."""
    loads = [run(100, 100 / rate, cpu / 10) for rate, cpu in [(turns_per_s, cpu_ms)] * 2 + [(1.0, 90.0)]]
    return Measured(
        at_once=dict.fromkeys(CONCURRENCY, loads),
        paced=[run(10, 1.0, 0.1, ms_a_token=20)] * 3,
        rss_mb=[200.0] * 3,
        checkpoint_bytes={10: 2_000, 100: 2_500},
        cancel_ms=[20.0, 30.0, 90.0],
        drain_s=[2.0],
    )


def as_sse(events: Sequence[object]) -> bytes:
    return b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in events)


@asynccontextmanager
async def answering(*pieces: bytes) -> AsyncIterator[int]:
    """The port of a server that sends these pieces to whoever asks, each at a time of its own, and then hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.01)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_medians_of_the_rounds_are_reported() -> None:
    figures = figures_of(measured(turns_per_s=200, cpu_ms=5))
    assert figures["turns_per_s_c50"] == 200
    assert figures["cpu_ms_c50"] == 5
    assert figures["added_first_token_ms_c10"] == 5
    assert figures["bytes_per_turn"] == 1000
    assert (figures["checkpoint_bytes_per_turn_10"], figures["checkpoint_bytes_per_turn_500"]) == (2_000, None)
    assert (figures["cancel_ms"], figures["cancel_ms_worst"]) == (30, 90)


def test_the_last_line_has_both_servers_and_the_table_their_ratio() -> None:
    *table, last = lines(measured(200, 5), measured(150, 6))
    said = json.loads(last)
    assert said.keys() >= ASKED_FOR
    assert (said["turns_per_s_c50"], said["floor_turns_per_s_c50"], said["rounds"]) == (150, 200, 3)
    assert "floor_cancel_ms" not in said
    (row,) = [line for line in table if line.startswith("turns_per_s_c50 ")]
    assert row.split() == ["turns_per_s_c50", "200.00", "150.00", "0.75"]


def test_what_others_took_of_the_processors_is_no_part_of_the_cost() -> None:
    assert cost(wall=10, server=4).foreign_share == 0
    busy = Cost(wall=1, server=0.5, postgres=0, redis=0, generator=0, machine=1000)
    assert busy.foreign_share > 0.5


async def test_a_streamed_answer_is_put_together_and_timed() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    events = [as_sse([event]) for event in EVENTS]
    async with answering(
        head + chunk(b"retry: 1\n\n"), *map(chunk, events[:2]), b"".join(map(chunk, events[2:]))
    ) as port:
        wire = await connect(port)
        exchange = wire.begin(PLACE.ask(1))
        await exchange.token_seen
        assert not exchange.answered.done()
    async with answering(head + chunk(b": hi\n\n"), chunk(as_sse(EVENTS)) + b"0\r\n\r\n") as port:
        answer = await (await connect(port)).ask(PLACE.ask(1))
    Floor("").check(answer)
    assert answer.first_event is not None
    assert answer.first_event == answer.first_token
    assert 0 < answer.first_event <= answer.ended


async def test_a_refusal_is_no_answer() -> None:
    async with answering(b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 4\r\n\r\n", b"wait") as port:
        answer = await (await connect(port)).ask(PLACE.ask(1))
    assert (answer.status, answer.body, answer.first_event) == (429, b"wait", None)
    with pytest.raises(Unavailable, match="HTTP 429"):
        Floor("").check(answer)


async def test_a_server_that_hangs_up_ends_the_wait() -> None:
    async with answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nda") as port:
        wire = await connect(port)
        with pytest.raises(Unavailable, match="hung up"):
            await wire.ask(PLACE.ask(1))
        with pytest.raises(Unavailable, match="closed"):
            wire.begin(PLACE.ask(2))


@pytest.mark.parametrize(
    "events", [EVENTS[:-1], EVENTS[1:], [*EVENTS[:3], *EVENTS]], ids=["endless", "lost", "doubled"]
)
def test_an_answer_that_is_not_whole_is_refused(events: Sequence[object]) -> None:
    with pytest.raises(Unavailable, match="not answered whole"):
        Floor("").check(Answer(200, as_sse(events), 0.1, 0.1, 0.2))


async def test_the_model_says_its_tokens_at_the_pace_of_the_question() -> None:
    assert len(TOKENS) == 44
    assert "".join(TOKENS) == ANSWER
    pieces = [str(chunk.text) async for chunk in PacedChatModel().astream(question(7, ms_a_token=1))]
    assert [piece for piece in pieces if piece] == TOKENS


@pytest.fixture(scope="module")
async def quick() -> dict[str, float | None]:
    """What the command itself says when it is run in earnest, if only for a few turns."""
    bench = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "evals.bench.run", "--quick"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaint = await bench.communicate()
    assert bench.returncode == 0, complaint.decode()
    figures: dict[str, float | None] = json.loads(said.decode().splitlines()[-1])
    return figures


async def test_the_command_measures_everything(quick: dict[str, float | None]) -> None:
    assert quick.keys() >= ASKED_FOR
    left_out = {name for name, figure in quick.items() if figure is None}
    assert left_out == {f"{who}checkpoint_bytes_per_turn_{age}" for who in ("", "floor_") for age in (100, 500)}


async def test_what_it_measures_is_consistent(quick: dict[str, float | None]) -> None:
    of = {name: figure for name, figure in quick.items() if figure is not None}
    assert all(figure >= 0 for name, figure in of.items() if "added" not in name)
    assert 0 < of["first_event_ms_c1"] <= of["turn_ms_c1"]
    assert 0 < of["floor_first_event_ms_c1"] <= of["floor_turn_ms_c1"]
    assert of["bytes_per_turn"] > len(ANSWER)
    assert of["floor_bytes_per_turn"] == len(as_sse(EVENTS))
    assert of["checkpoint_bytes_per_turn_10"] > len(ANSWER)
    assert 0 < of["cancel_ms"] <= of["cancel_ms_worst"]
    assert of["drain_s"] > 0
    assert of["rss_mb"] > 50
    assert of["cpu_ms_c50"] > 0
