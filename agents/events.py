"""What a running turn tells its runner: a closed union. Durable events are the journal's; these are not."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextPiece:
    agent: str
    stream_id: str  # one per model call
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    state: Mapping[str, object]  # active_agent, active_campaign_id


TurnEvent = TextPiece | Finished
