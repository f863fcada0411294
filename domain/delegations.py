"""Delegation: up to which amount a member acts, and approves, without asking. Modelled on AdCP's governance."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from domain.changes import Change
from domain.errors import InvalidInput
from domain.ids import TenantId, UserId
from domain.money import Money
from domain.tenants import Tenant
from domain.users import User


class DelegationKind(StrEnum):
    FULL = "full"  # acts and approves
    EXECUTE_ONLY = "execute_only"  # acts, approves nothing
    PROPOSE_ONLY = "propose_only"  # asks for everything; so does a member without a delegation


@dataclass(eq=False)
class Delegation:
    tenant_id: TenantId
    user_id: UserId
    kind: DelegationKind
    cap: Money | None  # None: without limit
    markets: list[str]  # empty: everywhere
    granted_by: UserId
    created_at: datetime
    expires_at: datetime | None = None
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def give(
        cls,
        tenant_id: TenantId,
        user_id: UserId,
        kind: DelegationKind,
        cap: Money | None,
        markets: Sequence[str],
        *,
        by: UserId,
        now: datetime,
        expires_at: datetime | None = None,
    ) -> tuple[Self, Change]:
        _refuse(cap, expires_at, now)
        delegation = cls(tenant_id, user_id, kind, cap, list(markets), by, now, expires_at)
        return delegation, Change("delegation.given", user_id, 1, after=delegation._facts())

    def change(
        self,
        kind: DelegationKind,
        cap: Money | None,
        markets: Sequence[str],
        *,
        by: UserId,
        now: datetime,
        expires_at: datetime | None = None,
    ) -> Change:
        _refuse(cap, expires_at, now)
        before = self._facts()
        self.kind, self.cap, self.markets = kind, cap, list(markets)
        self.granted_by, self.expires_at = by, expires_at
        self.version += 1
        return Change("delegation.changed", self.user_id, self.version, before, self._facts())

    def withdrawn(self) -> Change:
        return Change("delegation.withdrawn", self.user_id, self.version, self._facts())

    def lets_act(self, amount: Money | None, markets: Collection[str], now: datetime) -> bool:
        return self.kind is not DelegationKind.PROPOSE_ONLY and self._covers(amount, markets, now)

    def lets_approve(self, amount: Money | None, markets: Collection[str], now: datetime) -> bool:
        return self.kind is DelegationKind.FULL and self._covers(amount, markets, now)

    def lets_pass_on(self, other: Self, now: datetime) -> bool:
        """May whoever has this one give `other`? Never more than one has: in kind, cap, markets or time."""
        ranks = list(reversed(DelegationKind))
        if ranks.index(other.kind) > ranks.index(self.kind) or not self._covers(other.cap, other.markets, now):
            return False
        if self.cap is not None and other.cap is None:
            return False
        return self.expires_at is None or (other.expires_at is not None and other.expires_at <= self.expires_at)

    def _covers(self, amount: Money | None, markets: Collection[str], now: datetime) -> bool:
        """A cap in another currency covers nothing: there is no rate to compare by."""
        if self.expires_at is not None and now >= self.expires_at:
            return False
        if self.markets and not (markets and set(markets) <= set(self.markets)):
            return False
        if amount is None or self.cap is None:
            return True
        return amount.currency == self.cap.currency and amount.minor <= self.cap.minor

    def _facts(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "cap_minor": self.cap.minor if self.cap else None,
            "currency": self.cap.currency if self.cap else None,
            "markets": list(self.markets),
            "expires_at": self.expires_at.isoformat() if self.expires_at else None,
        }


def _refuse(cap: Money | None, expires_at: datetime | None, now: datetime) -> None:
    if cap is not None and cap.minor < 0:
        raise InvalidInput("A cap is not negative.", code="bad_cap", field="cap")
    if expires_at is not None and expires_at <= now:
        raise InvalidInput("The delegation would be over already.", code="bad_expiry", field="expires_at")


def unlimited(tenant: Tenant, owner: User) -> Delegation:
    """What the first owner of a tenant starts with: somebody has to be able to decide."""
    return Delegation(tenant.id, owner.id, DelegationKind.FULL, None, [], owner.id, tenant.created_at)
