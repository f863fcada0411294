"""The feed within one process: who follows which session here, and the text that is being written here."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from server.redis.followers import Follower
from services.events import EventType, SessionEvent, TextDelta

Entry = SessionEvent | TextDelta

_ENDS_TEXT = (EventType.MESSAGE, EventType.TURN_ENDED)
_MOST_TEXTS = 1_000  # of turns that this process lost before their end


class Near:
    def __init__(self) -> None:
        self._followers: defaultdict[str, list[Follower[Entry]]] = defaultdict(list)
        self._texts: dict[str, list[TextDelta]] = {}

    def hear(self, key: str, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if isinstance(entry, TextDelta):
                self._note(key, entry)
            elif entry.type in _ENDS_TEXT:
                self._end(key, entry)
        for follower in self._followers.get(key, ()):
            follower.hear(entries)

    def under_way(self, key: str) -> Sequence[Entry]:
        return list(self._texts.get(key, ()))

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
        if len(self._texts) > _MOST_TEXTS:
            del self._texts[next(iter(self._texts))]

    def _end(self, key: str, event: SessionEvent) -> None:
        text = self._texts.get(key)
        if text and text[0].turn_id == event.turn_id:
            del self._texts[key]
