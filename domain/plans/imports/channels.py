"""Which of our channels a document means by its own word."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.channels import Channel
from domain.plans.imports.proposal import StatedLine
from domain.plans.imports.words import CHANNELS, SELLERS, VAGUE, Nearest, plain

NEAR_ENOUGH = 0.86


@dataclass(frozen=True, slots=True)
class Found:
    """`why` is empty where the document's word is known or was settled by a person; `kept_word` is no word of ours."""

    channel: Channel
    why: str = ""
    kept_word: str | None = None


@dataclass(frozen=True, slots=True)
class Channels:
    """`chosen` is what a person says of a document's words, written `plain`."""

    nearest: Nearest
    chosen: Mapping[str, Channel] = field(default_factory=dict)

    def of(self, line: StatedLine) -> Found:
        word = line.channel_word
        if word and (channel := self.chosen.get(plain(word))):
            return Found(channel, kept_word=word)
        if line.channel:
            return Found(line.channel)
        if word and plain(word) not in VAGUE and (near := self._near(word)):
            return Found(near, f"“{word}” is taken for {near.label}.", word)
        for hint in line.hints:
            if told := _told(hint):
                said = f"“{word}” says no channel" if word else "No channel is said"
                return Found(told, f"{said}; taken for {told.label} by “{hint}”.", word)
        said = f"“{word}” is no channel that is known" if word else "No channel is said"
        return Found(Channel.OTHER, f"{said}; taken as Other, and the word is kept.", word)

    def _near(self, word: str) -> Channel | None:
        found = self.nearest(plain(word), CHANNELS.keys())
        return CHANNELS[found[0]] if found and found[1] >= NEAR_ENOUGH else None


def _told(hint: str) -> Channel | None:
    text = plain(hint)
    if text in CHANNELS:
        return CHANNELS[text]
    words = f" {text} "
    known = [*SELLERS.items(), *CHANNELS.items()]
    return next((channel for name, channel in known if f" {name} " in words and name not in _TOO_COMMON), None)


_TOO_COMMON = frozenset({"other", "video", "audio", "retail", "online", "funk", "press", "games", "email", "suche"})
