"""What a mutating method of an entity returns: the fact that it happened, ready for the audit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Change:
    action: str  # "campaign.created"
    object_id: UUID
    version: int  # of the aggregate root, after the change
    before: Mapping[str, object] = field(default_factory=dict)
    after: Mapping[str, object] = field(default_factory=dict)
