from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.approvals import LIFETIME, Approval, ApprovalStatus, Condition, Request, Verdict
from domain.changes import Change
from domain.delegations import Delegation, DelegationKind
from domain.errors import Conflict, DomainError, Forbidden, InvalidInput
from domain.ids import TenantId, UserId, new_id
from domain.money import Money

NOW = datetime(2027, 1, 5, tzinfo=UTC)
TENANT, ANN, EVE = TenantId(new_id()), UserId(new_id()), UserId(new_id())
STAKE = Money(100_000_00, "USD")
REQUEST = Request("campaign.move", {"campaign_id": "c", "move": "launch"}, STAKE, ["US", "DE"], {"campaign": 3})
NONE = Money(0, "USD")
CONDITION = Condition("budget", "at most 50,000", "The client cut it.")


def approval(request: Request = REQUEST) -> Approval:
    return Approval.ask(TENANT, request, by=ANN, now=NOW)[0]


def delegation(cap: Money | None = None, kind: DelegationKind = DelegationKind.FULL) -> Delegation:
    return Delegation(TENANT, EVE, kind, cap, [], ANN, NOW)


def decide(one: Approval, verdict: Verdict = Verdict.APPROVED, **given: Any) -> Change:
    usual: dict[str, Any] = {"by": EVE, "delegation": delegation(), "self_limit": NONE, "now": NOW}
    return one.decide(verdict, **{**usual, **given})


def approved() -> Approval:
    one = approval()
    decide(one)
    return one


def test_what_is_asked_for_is_kept_under_its_digest() -> None:
    one, change = Approval.ask(TENANT, REQUEST, by=ANN, now=NOW)
    assert (one.status, one.digest, one.expires_at) == (ApprovalStatus.PENDING, REQUEST.digest(), NOW + LIFETIME)
    assert (change.action, change.object_id, change.after["digest"]) == ("approval.asked", one.id, one.digest)
    one.must_be_intact()


def test_the_digest_does_not_depend_on_the_order_of_anything() -> None:
    turned = Request("campaign.move", {"move": "launch", "campaign_id": "c"}, STAKE, ["DE", "US"], {"campaign": 3})
    assert turned.digest() == REQUEST.digest()


@pytest.mark.parametrize(
    "change",
    [
        {"action": "campaign.move2"},
        {"arguments": {"campaign_id": "c", "move": "resume"}},
        {"amount": Money(100_000_01, "USD")},
        {"amount": Money(100_000_00, "EUR")},
        {"amount": None},
        {"markets": ["US"]},
        {"versions": {"campaign": 4}},
    ],
    ids=["action", "arguments", "amount", "currency", "no amount", "markets", "versions"],
)
def test_whatever_an_approver_relies_on_is_in_the_digest(change: Mapping[str, Any]) -> None:
    other = replace(REQUEST, **change)
    assert other.digest() != REQUEST.digest()
    tampered = approval()
    for name, value in change.items():
        setattr(tampered, name, value)
    with pytest.raises(Conflict) as refused:
        tampered.must_be_intact()
    assert refused.value.code == "approval_tampered"


def test_a_covering_delegation_approves() -> None:
    one = approval()
    change = decide(one, delegation=delegation(STAKE), reason="Fine.")
    assert (one.status, one.decided_by, one.decided_at, one.reason) == (ApprovalStatus.APPROVED, EVE, NOW, "Fine.")
    assert (change.action, change.version) == ("approval.approved", 2)


@pytest.mark.parametrize(
    "weak",
    [
        None,
        delegation(Money(99_999_99, "USD")),
        delegation(Money(10**14, "EUR")),
        delegation(kind=DelegationKind.EXECUTE_ONLY),
        delegation(kind=DelegationKind.PROPOSE_ONLY),
    ],
    ids=["none", "too small", "other currency", "executes", "proposes"],
)
def test_nothing_less_approves_but_anything_denies(weak: Delegation | None) -> None:
    one = approval()
    with pytest.raises(Forbidden) as refused:
        decide(one, delegation=weak)
    assert (refused.value.code, one.status, one.version) == ("delegation_too_small", ApprovalStatus.PENDING, 1)
    decide(one, Verdict.DENIED, delegation=weak)
    assert one.status is ApprovalStatus.DENIED


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_ones_own_request_is_approved_up_to_the_limit(amount: int, limit: int) -> None:
    one = approval(replace(REQUEST, amount=Money(amount, "USD")))
    if amount <= limit:
        assert decide(one, by=ANN, self_limit=Money(limit, "USD")).action == "approval.approved"
    else:
        with pytest.raises(Forbidden) as refused:
            decide(one, by=ANN, self_limit=Money(limit, "USD"))
        assert (refused.value.code, one.status) == ("own_request", ApprovalStatus.PENDING)


@pytest.mark.parametrize("amount", [None, Money(1, "EUR")], ids=["no money", "other currency"])
def test_ones_own_request_without_a_comparable_amount_is_never_small(amount: Money | None) -> None:
    one = approval(replace(REQUEST, amount=amount))
    with pytest.raises(Forbidden) as refused:
        decide(one, by=ANN, self_limit=STAKE)
    assert refused.value.code == "own_request"


def test_conditions_come_with_their_verdict_and_with_no_other() -> None:
    one = approval()
    for verdict, conditions in (
        (Verdict.CONDITIONS, []),
        (Verdict.APPROVED, [CONDITION]),
        (Verdict.DENIED, [CONDITION]),
    ):
        with pytest.raises(InvalidInput) as refused:
            decide(one, verdict, conditions=conditions)
        assert (refused.value.code, one.status) == ("conditions_required", ApprovalStatus.PENDING)
    decide(one, Verdict.CONDITIONS, conditions=[CONDITION])
    assert one.conditions == [{"field": "budget", "required": "at most 50,000", "reason": "The client cut it."}]


def test_only_who_asked_withdraws() -> None:
    one = approval()
    with pytest.raises(Forbidden):
        one.withdraw(by=EVE, now=NOW)
    one.withdraw(by=ANN, now=NOW)
    assert one.status is ApprovalStatus.WITHDRAWN


def test_time_runs_out() -> None:
    one, over = approval(), NOW + LIFETIME
    assert one.expire(over - timedelta(seconds=1)) is None
    with pytest.raises(Conflict, match="expired"):
        decide(one, now=over)
    with pytest.raises(Conflict, match="expired"):
        one.withdraw(by=ANN, now=over)
    assert one.expire(over) is not None
    assert one.status is ApprovalStatus.EXPIRED
    assert one.expire(over) is None


def test_what_is_approved_is_done_once() -> None:
    done, failed = approved(), approved()
    done.executed("Done.", NOW)
    failed.failed("It is gone.", NOW)
    assert (done.status, failed.status) == (ApprovalStatus.EXECUTED, ApprovalStatus.FAILED)
    assert (done.outcome, failed.outcome) == ("Done.", "It is gone.")
    for one in (done, failed, approval()):
        with pytest.raises(Conflict) as refused:
            one.executed("Again.", NOW)
        assert refused.value.code == "not_approved"
        with pytest.raises(Conflict):
            one.failed("Again.", NOW)


MOVES: list[tuple[str, Callable[[Approval], object]]] = [
    ("approve", decide),
    ("deny", lambda one: decide(one, Verdict.DENIED)),
    ("conditions", lambda one: decide(one, Verdict.CONDITIONS, conditions=[CONDITION])),
    ("withdraw", lambda one: one.withdraw(by=ANN, now=NOW)),
    ("expire", lambda one: one.expire(NOW + LIFETIME)),
    ("executed", lambda one: one.executed("Done.", NOW)),
    ("failed", lambda one: one.failed("No.", NOW)),
]


@given(st.lists(st.sampled_from(MOVES), max_size=8))
def test_whatever_is_tried_it_is_decided_once_and_done_once(
    tried: list[tuple[str, Callable[[Approval], object]]],
) -> None:
    one, done = approval(), []
    for name, move in tried:
        try:
            if move(one) is not None:
                done.append(name)
        except DomainError:
            continue
    assert len(done) == one.version - 1 <= 2
    assert done[1:] in ([], ["executed"], ["failed"])
    assert not done[1:] or done[0] == "approve"
