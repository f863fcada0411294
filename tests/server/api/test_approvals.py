"""Approvals and delegations over HTTP: asking, deciding, and who could."""

from typing import Any
from uuid import UUID

import pytest

from domain.campaigns import Move
from domain.ids import CampaignId
from domain.tenants import Role
from server.bootstrap import System
from services.amounts import Amount
from tests.server.api.conftest import NewColleague, Person


@pytest.fixture
async def ready(system: System, ada: Person) -> str:
    """The id of a campaign that is only to be launched, for 250,000 dollars."""
    made = await ada.campaign(markets=["US"])
    async with system.application.begin(ada.actor) as work:
        campaign = await work.campaigns.get(CampaignId(UUID(str(made["id"]))))
        campaign.move(Move.PLAN)
        campaign.move(Move.APPROVE)
        await work.commit(Amount.of(campaign.budget))
    return str(made["id"])


def launch(campaign_id: str) -> dict[str, str]:
    return {"action": "campaign.move", "campaign_id": campaign_id, "move": "launch"}


async def asked(by: Person, campaign_id: str) -> dict[str, Any]:
    answer = await by.http.post("approvals", json=launch(campaign_id))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_launch_that_is_not_covered_needs_an_approval(ada: Person, member: NewColleague, ready: str) -> None:
    planner = await member(Role.PLANNER)
    refused = await planner.http.post(f"campaigns/{ready}/moves", json={"move": "launch"})
    assert (refused.status_code, refused.json()["code"], refused.json()["title"]) == (
        403,
        "approval_needed",
        "Approval needed",
    )
    assert refused.json()["details"] == {"action": "campaign.move", "amount": "250000.00", "currency": "USD"}
    answer = await planner.http.post("approvals", json=launch(ready))
    approval = answer.json()
    assert answer.headers["location"].endswith(f"/approvals/{approval['id']}")
    assert answer.headers["etag"] == '"1"'
    assert approval["title"] == "Launch “Spring launch” for 250,000.00 USD in US"
    assert (approval["status"], approval["requester"]) == ("pending", "Sam")
    decided = await ada.http.post(
        f"approvals/{approval['id']}/decision", json={"verdict": "approved"}, headers={"If-Match": '"1"'}
    )
    assert (decided.status_code, decided.json()["status"], decided.json()["decider"]) == (200, "executed", "Ada")
    assert (await ada.http.get(f"campaigns/{ready}")).json()["status"] == "live"


async def test_a_covered_launch_needs_none(member: NewColleague, ready: str) -> None:
    planner = await member(Role.PLANNER, 250_000)
    assert (await planner.http.post(f"campaigns/{ready}/moves", json={"move": "launch"})).json()["status"] == "live"


async def test_the_same_key_is_one_request_and_one_decision(ada: Person, member: NewColleague, ready: str) -> None:
    planner, key = await member(Role.PLANNER), {"Idempotency-Key": "once"}
    both = [(await planner.http.post("approvals", json=launch(ready), headers=key)).json() for _ in "12"]
    assert both[0] == both[1]
    path = f"approvals/{both[0]['id']}/decision"
    decided = [(await ada.http.post(path, json={"verdict": "approved"}, headers=key)).json() for _ in "12"]
    assert decided[0] == decided[1]
    assert decided[0]["status"] == "executed"
    again = await ada.http.post(path, json={"verdict": "denied"})
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")


async def test_who_may_not_decide_is_told_why(ada: Person, member: NewColleague, ready: str) -> None:
    planner = await member(Role.PLANNER, 1)
    path = f"approvals/{(await asked(planner, ready))['id']}/decision"
    for decider, code in (
        (planner, "not_permitted"),
        (await member(Role.ADMIN), "delegation_too_small"),
        (await member(Role.ADMIN, 249_999), "delegation_too_small"),
    ):
        refused = await decider.http.post(path, json={"verdict": "approved"})
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    stale = await ada.http.post(path, json={"verdict": "approved"}, headers={"If-Match": '"2"'})
    assert stale.status_code == 412


async def test_conditions_and_reasons_are_kept(ada: Person, member: NewColleague, ready: str) -> None:
    planner = await member(Role.PLANNER)
    approval = await asked(planner, ready)
    wanted = [{"field": "budget", "required": "at most 200,000.00 USD", "reason": "The client cut it."}]
    path = f"approvals/{approval['id']}/decision"
    bare = await ada.http.post(path, json={"verdict": "conditions"})
    assert (bare.status_code, bare.json()["code"]) == (400, "conditions_required")
    decided = await ada.http.post(path, json={"verdict": "conditions", "conditions": wanted, "reason": "Nearly."})
    seen = (await planner.http.get(f"approvals/{approval['id']}")).json()
    assert seen == decided.json()
    assert (seen["status"], seen["conditions"], seen["reason"]) == ("conditions", wanted, "Nearly.")


async def test_everybody_sees_their_own_and_approvers_see_all(ada: Person, member: NewColleague, ready: str) -> None:
    one, other = await member(Role.PLANNER), await member(Role.PLANNER)
    first, second = await asked(one, ready), await asked(other, ready)
    await one.http.post(f"approvals/{first['id']}/withdraw")

    async def ids(person: Person, **query: str) -> list[str]:
        return [found["id"] for found in (await person.http.get("approvals", params=query)).json()["items"]]

    assert await ids(ada) == [second["id"], first["id"]]
    assert await ids(ada, status="pending") == [second["id"]]
    assert await ids(ada, mine="true") == []
    assert await ids(one) == [first["id"]]
    assert (await one.http.get(f"approvals/{second['id']}")).status_code == 404
    page = (await ada.http.get("approvals", params={"limit": 1})).json()
    assert await ids(ada, limit="1", cursor=page["next_cursor"]) == [first["id"]]


async def test_only_who_asked_withdraws(ada: Person, member: NewColleague, ready: str) -> None:
    planner = await member(Role.PLANNER)
    path = f"approvals/{(await asked(planner, ready))['id']}/withdraw"
    assert (await ada.http.post(path)).json()["code"] == "not_your_request"
    assert (await planner.http.post(path)).json()["status"] == "withdrawn"


async def test_who_can_approve_so_much(ada: Person, member: NewColleague) -> None:
    await member(Role.ADMIN, 100_000)
    await member(Role.PLANNER, 900_000)
    query = {"amount": "100000", "currency": "USD"}
    assert [one["name"] for one in (await ada.http.get("approvers", params=query)).json()] == ["Ada", "Sam"]
    assert [one["name"] for one in (await ada.http.get("approvers", params=query | {"above": "true"})).json()] == [
        "Ada"
    ]
    over = {"amount": "100000.01", "currency": "USD"}
    assert [one["name"] for one in (await ada.http.get("approvers", params=over)).json()] == ["Ada"]
    assert len((await ada.http.get("approvers")).json()) == 2
    refused = await ada.http.get("approvers", params={"amount": "1"})
    assert (refused.status_code, refused.json()["code"]) == (400, "currency_required")


async def test_delegations_are_given_seen_and_withdrawn(ada: Person, member: NewColleague) -> None:
    planner = await member(Role.PLANNER)
    path = f"delegations/{planner.actor.user_id}"
    given = await ada.http.put(
        path, json={"kind": "full", "cap": {"amount": "5000.00", "currency": "USD"}, "markets": ["US"]}
    )
    assert (given.headers["etag"], given.json()["cap"]["amount"]) == ('"1"', "5000.00")
    assert (await ada.http.put(path, json={"kind": "full"}, headers={"If-Match": '"9"'})).status_code == 412
    assert [one["name"] for one in (await ada.http.get("delegations")).json()] == ["Ada", "Sam"]
    assert [one["name"] for one in (await planner.http.get("delegations")).json()] == ["Sam"]
    assert (await planner.http.put(path, json={"kind": "full"})).status_code == 403
    assert (await ada.http.delete(path)).status_code == 204
    assert (await planner.http.get("delegations")).json() == []


@pytest.mark.parametrize(
    "body",
    [
        {"action": "campaign.delete"},
        {"action": "campaign.move", "move": "launch"},
        {"action": "member.remove", "user_id": "0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77", "tenant_id": "x"},
    ],
    ids=["unknown", "without an id", "surprise"],
)
async def test_what_is_no_action_is_malformed(ada: Person, body: dict[str, str]) -> None:
    assert (await ada.http.post("approvals", json=body)).status_code == 422


async def test_what_spends_nothing_is_not_asked_for(ada: Person, ready: str) -> None:
    refused = await ada.http.post("approvals", json={**launch(ready), "move": "pause"})
    assert (refused.status_code, refused.json()["code"]) == (400, "no_approval_needed")
