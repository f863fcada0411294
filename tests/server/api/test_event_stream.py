"""A stream and its client: heartbeats, leaving, and the end."""

import asyncio
from collections.abc import AsyncGenerator

from starlette.types import Message

from server.api.event_stream import EventStream, Last


class Client:
    """Says nothing until it leaves, and keeps what it is sent."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.got: list[bytes] = []
        self.ended = False

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            self.got.append(message["body"])
            self.ended = not message["more_body"]


async def to_its_end(stream: EventStream, client: Client) -> None:
    await stream({"type": "http", "method": "GET"}, client.receive, client.send)


class Said:
    """Pieces with a pause before each, and whether somebody has closed them."""

    def __init__(self, *pieces: bytes, pause: float = 0.0) -> None:
        self.closed = False
        self.pieces = self._pieces(pieces, pause)

    async def _pieces(self, pieces: tuple[bytes, ...], pause: float) -> AsyncGenerator[bytes, None]:
        try:
            for piece in pieces:
                await asyncio.sleep(pause)
                yield piece
        finally:
            self.closed = True


async def test_it_says_what_there_is_and_ends() -> None:
    client, said = Client(), Said(b"one", b"", b"two")
    await to_its_end(EventStream(said.pieces), client)
    assert (client.got, client.ended, said.closed) == ([b"one", b"two", b""], True, True)


async def test_the_last_piece_brings_the_end_along() -> None:
    client, said = Client(), Said(b"one", Last(b"two"), b"three")
    await to_its_end(EventStream(said.pieces), client)
    assert (client.got, client.ended, said.closed) == ([b"one", b"two"], True, True)


async def test_a_quiet_stream_beats() -> None:
    client, said = Client(), Said(b"one", b"", b"", b"two", pause=0.03)
    await to_its_end(EventStream(said.pieces, sep="\n", heartbeat_seconds=0.05), client)
    assert client.got == [b"one", b": ping\n\n", b"two", b""]


async def test_whoever_has_left_is_told_nothing_more() -> None:
    client, said = Client(), Said(*100 * [b"one"], pause=0.05)
    asyncio.get_running_loop().call_later(0.1, client.left.set)
    await to_its_end(EventStream(said.pieces), client)
    assert said.closed
    assert 0 < len(client.got) < 50
    assert not client.ended
