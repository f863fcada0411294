"""A tenant's own benchmark of a channel, kept."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from domain.changes import Change
from domain.errors import InvalidInput
from domain.ids import BenchmarkId, TenantId, UserId, new_id
from domain.planning.curves.own_figures import OwnBenchmark


@dataclass(eq=False)
class BenchmarkOverride:
    tenant_id: TenantId
    id: BenchmarkId
    own: OwnBenchmark
    set_by: UserId
    set_at: datetime
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def make(cls, tenant_id: TenantId, own: OwnBenchmark, *, by: UserId, now: datetime) -> tuple[Self, Change]:
        made = cls(tenant_id, BenchmarkId(new_id()), own, by, now)
        return made, Change("benchmark.set", made.id, made.version, after=made.facts())

    def set(self, own: OwnBenchmark, *, by: UserId, now: datetime) -> Change:
        """In the place of the figures it had."""
        if own.key != self.own.key:
            raise InvalidInput("That is another benchmark.", code="other_benchmark", field="channel")
        before = self.facts()
        self.own, self.set_by, self.set_at = own, by, now
        self.version += 1
        return Change("benchmark.set", self.id, self.version, before, self.facts())

    def removed(self) -> Change:
        return Change("benchmark.removed", self.id, self.version, before=self.facts())

    def facts(self) -> dict[str, object]:
        own = self.own
        return {
            "channel": own.channel,
            "market": own.market,
            "currency": own.currency,
            "valid_from": own.valid_from.isoformat() if own.valid_from else None,
            **{name: str(value) for name, value in own.figures.said.items()},
            "source": own.source,
            **{f"source of {name}": source for name, source in own.other_sources.items()},
        }
