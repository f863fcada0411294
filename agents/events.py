"""What is heard of a turn while it runs. Durable events are the journal's; this is not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextPiece:
    agent: str
    stream_id: str  # one per model call
    text: str
