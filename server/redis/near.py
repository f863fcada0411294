"""The feed within one process: who follows which session here, and what is under way in a turn that runs here."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from server.redis.followers import Follower
from services.events import EventType, SessionEvent, TextDelta

Entry = SessionEvent | TextDelta

_ENDS_TEXT = (EventType.MESSAGE, EventType.TURN_ENDED)
_MOST = 1_000  # turns: some this process lost before their end


class Near:
    def __init__(self) -> None:
        self._followers: defaultdict[str, list[Follower[Entry]]] = defaultdict(list)
        self._texts: dict[str, list[TextDelta]] = {}
        self._begun: dict[str, SessionEvent] = {}

    def hear(self, key: str, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if isinstance(entry, TextDelta):
                self._note(key, entry)
            elif entry.type is EventType.TURN_STARTED:
                self._begun[key] = entry
                _limit(self._begun)
            elif entry.type in _ENDS_TEXT:
                self._end(key, entry)
        for follower in self._followers.get(key, ()):
            follower.hear(entries)

    def runs(self, key: str) -> bool:
        """A turn of the session was begun here, and has not ended."""
        return key in self._begun

    def under_way(self, key: str) -> Sequence[Entry]:
        """The turn's start, and the text that is being written."""
        begun = self._begun.get(key)
        return [*([begun] if begun else []), *self._texts.get(key, ())]

    @contextmanager
    def following(self, key: str) -> Iterator[Follower[Entry]]:
        follower: Follower[Entry] = Follower()
        self._followers[key].append(follower)
        try:
            yield follower
        finally:
            self._followers[key].remove(follower)
            if not self._followers[key]:
                del self._followers[key]

    def _note(self, key: str, delta: TextDelta) -> None:
        text = self._texts.setdefault(key, [])
        if text and (text[0].message_id, text[0].attempt) != (delta.message_id, delta.attempt):
            text.clear()
        text.append(delta)
        _limit(self._texts)

    def _end(self, key: str, event: SessionEvent) -> None:
        text = self._texts.get(key)
        if text and text[0].turn_id == event.turn_id:
            del self._texts[key]
        begun = self._begun.get(key)
        if begun and event.type is EventType.TURN_ENDED and begun.turn_id == event.turn_id:
            del self._begun[key]


def _limit(kept: dict[str, Any]) -> None:
    if len(kept) > _MOST:
        del kept[next(iter(kept))]
