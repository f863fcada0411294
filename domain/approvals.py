"""Approval: something that was asked for, exactly as it is to be done, until somebody decides and it is done once.

    pending ──approve──▶ approved ──▶ executed | failed
       ├──deny──▶ denied
       ├──conditions──▶ conditions     (what would have to be different; the requester asks again)
       ├──withdraw──▶ withdrawn        (by the requester)
       └──time──▶ expired

What is approved are the stored arguments under their digest, never a text that a model wrote.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from domain.changes import Change
from domain.delegations import Delegation
from domain.errors import Conflict, Forbidden, InvalidInput
from domain.ids import ApprovalId, SessionId, TenantId, TurnId, UserId, new_id
from domain.money import Money

LIFETIME = timedelta(days=7)


class ApprovalStatus(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"  # and about to be carried out
    EXECUTED = "executed"
    FAILED = "failed"  # approved, but it no longer fits
    DENIED = "denied"
    CONDITIONS = "conditions"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Verdict(StrEnum):
    APPROVED = "approved"
    DENIED = "denied"
    CONDITIONS = "conditions"


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    required: str
    reason: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: the action's canonical arguments, and what it puts at stake."""

    action: str
    arguments: Mapping[str, object]
    amount: Money | None
    markets: Sequence[str]
    versions: Mapping[str, int]  # of what it touches, as the requester saw it

    def digest(self) -> str:
        """SHA-256 over canonical JSON (sorted keys, no spaces) of everything an approver relies on."""
        stakes = {
            "action": self.action,
            "arguments": self.arguments,
            "amount_minor": self.amount.minor if self.amount else None,
            "currency": self.amount.currency if self.amount else None,
            "markets": sorted(self.markets),
            "versions": self.versions,
        }
        text = json.dumps(stakes, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(eq=False)
class Approval:
    tenant_id: TenantId
    id: ApprovalId
    action: str
    arguments: dict[str, object]
    amount: Money | None
    markets: list[str]
    versions: dict[str, int]
    digest: str
    requested_by: UserId
    session_id: SessionId | None
    turn_id: TurnId | None
    created_at: datetime
    expires_at: datetime
    status: ApprovalStatus = ApprovalStatus.PENDING
    decided_by: UserId | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    conditions: list[dict[str, str]] = field(default_factory=list)
    executed_at: datetime | None = None
    outcome: str | None = None
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def ask(
        cls,
        tenant_id: TenantId,
        request: Request,
        *,
        by: UserId,
        now: datetime,
        session_id: SessionId | None = None,
        turn_id: TurnId | None = None,
    ) -> tuple[Self, Change]:
        approval = cls(
            tenant_id,
            ApprovalId(new_id()),
            request.action,
            dict(request.arguments),
            request.amount,
            list(request.markets),
            dict(request.versions),
            request.digest(),
            by,
            session_id,
            turn_id,
            now,
            now + LIFETIME,
        )
        return approval, Change("approval.asked", approval.id, 1, after=approval._facts())

    @property
    def request(self) -> Request:
        return Request(self.action, self.arguments, self.amount, self.markets, self.versions)

    def decide(
        self,
        verdict: Verdict,
        *,
        by: UserId,
        delegation: Delegation | None,
        self_limit: Money,
        now: datetime,
        reason: str | None = None,
        conditions: Sequence[Condition] = (),
    ) -> Change:
        """Raises Forbidden `own_request` or `delegation_too_small`, Conflict when it is decided or expired."""
        self._must_be_pending(now)
        if verdict is Verdict.APPROVED:
            self._refuse_own(by, self_limit)
            if delegation is None or not delegation.lets_approve(self.amount, self.markets, now):
                raise Forbidden("Your delegation does not cover this.", code="delegation_too_small")
        if (verdict is Verdict.CONDITIONS) != bool(conditions):
            raise InvalidInput("Conditions belong to that verdict.", code="conditions_required", field="conditions")
        self.conditions = [{"field": c.field, "required": c.required, "reason": c.reason} for c in conditions]
        self.decided_by, self.decided_at, self.reason = by, now, reason
        return self._become(ApprovalStatus(verdict.value), f"approval.{verdict.value}")

    def withdraw(self, *, by: UserId, now: datetime) -> Change:
        self._must_be_pending(now)
        if by != self.requested_by:
            raise Forbidden("Only who asked can withdraw the request.", code="not_your_request")
        return self._become(ApprovalStatus.WITHDRAWN, "approval.withdrawn")

    def expire(self, now: datetime) -> Change | None:
        if self.status is not ApprovalStatus.PENDING or now < self.expires_at:
            return None
        return self._become(ApprovalStatus.EXPIRED, "approval.expired")

    def executed(self, outcome: str, now: datetime) -> Change:
        self._must_be_approved()
        self.executed_at, self.outcome = now, outcome
        return self._become(ApprovalStatus.EXECUTED, "approval.executed")

    def failed(self, reason: str, now: datetime) -> Change:
        self._must_be_approved()
        self.executed_at, self.outcome = now, reason
        return self._become(ApprovalStatus.FAILED, "approval.failed")

    def must_be_intact(self) -> None:
        """What is about to be done is what was approved."""
        if self.request.digest() != self.digest:
            raise Conflict("The request was changed after it was made.", code="approval_tampered")

    def _refuse_own(self, by: UserId, self_limit: Money) -> None:
        if by != self.requested_by:
            return
        small = self.amount is not None and (
            self.amount.currency == self_limit.currency and self.amount.minor <= self_limit.minor
        )
        if not small:
            raise Forbidden("Somebody else has to approve this.", code="own_request")

    def _must_be_pending(self, now: datetime) -> None:
        if self.status is ApprovalStatus.PENDING and now >= self.expires_at:
            raise Conflict("The request has expired.", code="approval_expired")
        if self.status is not ApprovalStatus.PENDING:
            raise Conflict(f"The request is {self.status} already.", code="already_decided", status=self.status)

    def _must_be_approved(self) -> None:
        if self.status is not ApprovalStatus.APPROVED:
            raise Conflict(f"The request is {self.status}.", code="not_approved", status=self.status)

    def _become(self, status: ApprovalStatus, action: str) -> Change:
        before = {"status": self.status}
        self.status = status
        self.version += 1
        return Change(action, self.id, self.version, before, {"status": status, "digest": self.digest})

    def _facts(self) -> dict[str, object]:
        return {
            "action": self.action,
            "digest": self.digest,
            "amount_minor": self.amount.minor if self.amount else None,
            "currency": self.amount.currency if self.amount else None,
            "requested_by": str(self.requested_by),
        }
