"""A turn's journal: the models' answers and the tools' results, written when they happen, never asked for twice.

The rows are the transcript's. A turn that is run again after a crash reads them first, so it goes the same way and
takes up its work at the step that was not finished.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from domain.ids import TurnId
from services.actor import Actor
from services.budgets import USUAL, Purse, Usage
from services.events import EventType, NewEvent
from services.ports import Clock, Lease, Recorded
from services.unit_of_work import Begin

ROUTER, SUMMARY = "router", "summary"
ASIDE = frozenset({ROUTER, SUMMARY})  # roles of rows that are part of the journal, not of the conversation


class Noted(BaseModel):
    turn_id: TurnId


class TurnJournal:
    """For one run of one turn, by the holder of its lease."""

    def __init__(
        self,
        begin: Begin,
        clock: Clock,
        actor: Actor,
        lease: Lease,
        rows: Sequence[Recorded],
        purse: Purse | None = None,
    ) -> None:
        self._begin = begin
        self._clock = clock
        self._actor = actor
        self._lease = lease
        self._answers = {(row.agent, row.call): row for row in rows if row.call is not None}
        self._results = {row.tool_call_id: row for row in rows if row.tool_call_id is not None}
        self._ordinal = max((row.ordinal for row in rows), default=0)
        self._last_seq = max((row.seq for row in rows), default=0)
        self._calls: Counter[str] = Counter()
        self._whole: set[str] = set()
        self.purse = purse or Purse(USUAL)
        self.purse.restore(used_by(rows))

    @property
    def turn_id(self) -> TurnId:
        return self._lease.turn.id

    @property
    def attempt(self) -> int:
        return self._lease.turn.attempt

    @property
    def is_empty(self) -> bool:
        """Nothing has been done in this turn yet."""
        return self._ordinal == 0

    def next_call(self, agent: str) -> int:
        """The number of this model call of the agent in the turn, from 0."""
        self._calls[agent] += 1
        return self._calls[agent] - 1

    def next_message_id(self) -> str:
        """The id that the next recorded message will have: a stream announces it before the message is whole."""
        return f"{self.turn_id}:{self._ordinal + 1}"

    @property
    def last_seq(self) -> int:
        """Of the last event recorded: a stream that follows it has its place after it."""
        return self._last_seq

    def written(self, stream_id: str | None) -> None:
        """The stream's message is about to be recorded whole: pieces of it need not be sent any more."""
        if stream_id:
            self._whole.add(stream_id)

    def is_written(self, stream_id: str) -> bool:
        return stream_id in self._whole

    def answer(self, agent: str, call: int) -> Recorded | None:
        return self._answers.get((agent, call))

    def result(self, tool_call_id: str) -> Recorded | None:
        return self._results.get(tool_call_id)

    async def record_answer(
        self, agent: str, call: int, content: Mapping[str, object], events: Sequence[NewEvent]
    ) -> Recorded:
        return await self._record("assistant", agent, content, events, call=call)

    async def record_route(self, call: int, content: Mapping[str, object], chosen: str | None) -> Recorded:
        """A model's answer to who should speak: part of the journal, not of the conversation."""
        note = self.event(EventType.ROUTED, ROUTER, {"agent": chosen})
        return await self._record(ROUTER, ROUTER, content, [note], call=call)

    async def record_summary(self, call: int, content: Mapping[str, object], messages: int) -> Recorded:
        """A model's summary of so many messages that leave the window: part of the journal alone."""
        note = self.event(EventType.SUMMARISED, SUMMARY, {"messages": messages})
        return await self._record(SUMMARY, SUMMARY, content, [note], call=call)

    async def record_result(
        self, agent: str, tool_call_id: str, content: Mapping[str, object], events: Sequence[NewEvent]
    ) -> Recorded:
        return await self._record("tool", agent, content, events, tool_call_id=tool_call_id)

    def event(self, type: EventType, agent: str, data: Mapping[str, object]) -> NewEvent:
        return NewEvent(
            session_id=self._lease.turn.session_id,
            turn_id=self.turn_id,
            agent=agent,
            type=type,
            data=dict(data),
        )

    async def _record(
        self,
        role: str,
        agent: str,
        content: Mapping[str, object],
        events: Sequence[NewEvent],
        *,
        call: int | None = None,
        tool_call_id: str | None = None,
    ) -> Recorded:
        self._ordinal += 1
        row = Recorded(
            id=f"{self.turn_id}:{self._ordinal}",
            session_id=self._lease.turn.session_id,
            turn_id=self.turn_id,
            ordinal=self._ordinal,
            role=role,
            agent=agent,
            call=call,
            tool_call_id=tool_call_id,
            content=dict(content),
            created_at=self._clock.now(),
        )
        async with self._begin(self._actor) as work:
            recorded = await work.transcript.record(row, events, self._lease)
            await work.commit(Noted(turn_id=self.turn_id))
        self._last_seq = recorded[-1].seq
        return row


def used_by(rows: Sequence[Recorded]) -> Usage:
    counted = [row.content.get("usage") for row in rows if row.call is not None]
    tokens = [usage for usage in counted if isinstance(usage, Mapping)]
    return Usage(
        model_calls=len(counted),
        tool_calls=sum(row.tool_call_id is not None for row in rows),
        tokens=sum(int(str(usage["tokens"])) for usage in tokens),
        cost_micros=sum(int(str(usage["cost_micros"])) for usage in tokens),
    )
