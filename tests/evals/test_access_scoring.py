"""The part of the scorer about people and rights, against planted failures."""

from dataclasses import replace
from typing import Any

import pytest

from domain.money import Money
from evals.access_facts import Access
from evals.access_scoring import access_failures
from evals.cases import AccessExpected

USD_100 = Money(10_000, "USD")
BEFORE = Access(
    members={"Ada": {"role": "owner"}, "Priya": {"role": "planner"}},
    delegations={"Ada": {"kind": "full", "cap": None, "markets": [], "ends": None}},
    grants={"Priya: Hazel": {"role": "planner"}},
    invitations={"kim@example.com": {"role": "viewer", "state": "open"}},
    approvals={"launch Hazel": {"status": "pending", "amount": USD_100, "by": "Priya", "decided_by": None}},
    denials=["own_request"],
)


def wrong(after: Access, **expected: Any) -> list[str]:
    return list(access_failures(BEFORE, after, AccessExpected.model_validate(expected)))


def test_nothing_expected_and_nothing_done_is_clean() -> None:
    assert wrong(BEFORE) == []
    assert wrong(BEFORE, denied=[]) == []


def test_what_was_expected_is_clean() -> None:
    after = Access(
        members={"Ada": {"role": "owner"}, "Priya": {"role": "admin"}},
        delegations={**BEFORE.delegations, "Priya": {"kind": "full", "cap": USD_100, "markets": [], "ends": None}},
        grants={},
        invitations={
            "kim@example.com": {"role": "viewer", "state": "revoked"},
            "lee@example.com": {"role": "admin", "state": "open"},
        },
        approvals={"launch Hazel": {**BEFORE.approvals["launch Hazel"], "status": "executed", "decided_by": "Ada"}},
        denials=["own_request", "not_permitted"],
    )
    found = wrong(
        after,
        members={"Priya": {"role": "admin"}},
        delegations={"Priya": {"kind": "full", "cap": "100.00 USD"}},
        grants={"Priya: Hazel": None},
        invitations={"kim@example.com": {"state": "revoked"}, "lee@example.com": {"role": "admin"}},
        approvals={"launch Hazel": {"status": "executed", "decided_by": "any"}},
        denied=["not_permitted"],
    )
    assert found == []


@pytest.mark.parametrize(
    ("after", "expected", "found"),
    [
        pytest.param(
            replace(BEFORE, members={**BEFORE.members, "Eve": {"role": "owner"}}), {}, "'Eve' should not", id="a member"
        ),
        pytest.param(replace(BEFORE, members={"Ada": {"role": "owner"}}), {}, "'Priya' is missing", id="a member gone"),
        pytest.param(
            replace(BEFORE, members={"Ada": {"role": "owner"}, "Priya": {"role": "owner"}}),
            {},
            "role: owner, not planner",
            id="another role",
        ),
        pytest.param(BEFORE, {"members": {"Priya": None}}, "'Priya' should not be there", id="not removed"),
        pytest.param(
            BEFORE,
            {"delegations": {"Ada": {"cap": "50.00 USD"}}},
            "cap: None, not 50.00 USD",
            id="limit not set",
        ),
        pytest.param(
            replace(BEFORE, grants={"Priya: Hazel": {"role": "admin"}}), {}, "role: admin, not planner", id="grant"
        ),
        pytest.param(
            BEFORE, {"invitations": {"lee@example.com": {"role": "viewer"}}}, "'lee@example.com' is missing", id="sent"
        ),
        pytest.param(
            BEFORE, {"approvals": {"launch Hazel": {"status": "executed"}}}, "status: pending", id="not carried out"
        ),
        pytest.param(replace(BEFORE, approvals={}), {}, "'launch Hazel' is missing", id="a request gone"),
        pytest.param(BEFORE, {"denied": ["not_permitted"]}, "denied:", id="not in the audit"),
    ],
)
def test_a_wrong_end_state_is_found(after: Access, expected: dict[str, Any], found: str) -> None:
    failures = wrong(after, **expected)
    assert any(found in one for one in failures), failures
