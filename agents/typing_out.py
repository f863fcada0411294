"""Text on its way to whoever watches. The first piece goes at once, those after it are gathered for a moment: one
write per token costs more than it shows.
"""

import asyncio

from agents.events import TextPiece
from domain.ids import TenantId
from services.events import TextDelta
from services.journal import TurnJournal
from services.ports import Lease, LiveFeed

MOMENT = 0.03  # seconds


class TypingOut:
    """For one run of a turn. Nothing here is durable; the recorded message has the whole text."""

    def __init__(self, feed: LiveFeed, tenant_id: TenantId, lease: Lease, journal: TurnJournal) -> None:
        self._feed = feed
        self._tenant_id = tenant_id
        self._lease = lease
        self._journal = journal
        self._stream_id = ""
        self._agent = ""
        self._message_id = ""
        self._pending = ""
        self._offset = 0
        self._after = 0
        self._moment: asyncio.TimerHandle | None = None
        self._sending: asyncio.Task[None] | None = None

    async def add(self, piece: TextPiece) -> None:
        if self._journal.is_written(piece.stream_id):
            return
        if piece.stream_id != self._stream_id:
            await self.close()
            self._stream_id, self._agent = piece.stream_id, piece.agent
            self._message_id, self._offset = self._journal.next_message_id(), 0
            self._after = self._journal.last_seq
        self._pending += piece.text
        if self._moment is None:
            await self._send()

    async def close(self) -> None:
        """Whatever is pending is dropped: its message is recorded, or its turn has ended."""
        self._pending = ""
        if self._moment is not None:
            self._moment.cancel()
            self._moment = None
        if self._sending is not None:
            await self._sending

    def _moment_is_over(self) -> None:
        self._moment = None
        if self._pending:
            self._sending = asyncio.create_task(self._send())

    async def _send(self) -> None:
        text, self._pending = self._pending, ""
        if not text or self._journal.is_written(self._stream_id):
            return
        self._moment = asyncio.get_running_loop().call_later(MOMENT, self._moment_is_over)
        delta = TextDelta(
            tenant_id=self._tenant_id,
            session_id=self._lease.turn.session_id,
            turn_id=self._lease.turn.id,
            agent=self._agent,
            message_id=self._message_id,
            attempt=self._lease.turn.attempt,
            offset=self._offset,
            text=text,
            after=self._after,
        )
        self._offset += len(text)
        await self._feed.publish([delta])
