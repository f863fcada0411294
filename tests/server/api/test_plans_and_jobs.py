"""Plans and jobs over HTTP, from the first draft to a cancelled workflow."""

from decimal import Decimal
from typing import Any

import pytest

from tests.server.api.conftest import Person


@pytest.fixture
async def plan(ada: Person) -> dict[str, Any]:
    campaign = await ada.campaign()
    answer = await ada.http.post(f"campaigns/{campaign['id']}/plans", json={"channels": ["search", "social", "ctv"]})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"].endswith(f"/plans/{answer.json()['id']}?number=1")
    return dict(answer.json())


def _spent(plan: dict[str, Any]) -> dict[str, Decimal]:
    return {line["channel"]: Decimal(line["budget"]["amount"]) for line in plan["lines"]}


async def test_a_draft_spends_the_budget_and_moves_the_campaign(ada: Person, plan: dict[str, Any]) -> None:
    assert sum(_spent(plan).values()) == Decimal("250000.00")
    assert (await ada.http.get(f"campaigns/{plan['campaign_id']}")).json()["status"] == "planned"
    found = await ada.http.get(f"plans/{plan['id']}")
    assert (found.json()["number"], found.headers["ETag"]) == (1, '"1"')


async def test_a_revision_moves_exactly_what_was_asked(ada: Person, plan: dict[str, Any]) -> None:
    twenty = {"amount": "20000.00", "currency": "USD"}
    changes = [
        {"channel": "search", "action": "decrease", "amount": twenty},
        {"channel": "social", "action": "increase", "amount": twenty},
    ]
    path = f"plans/{plan['id']}/revisions"
    revised = await ada.http.post(path, json={"changes": changes}, headers={"If-Match": '"1"'})
    assert revised.status_code == 201
    before, after = _spent(plan), _spent(revised.json())
    moved = Decimal("20000.00")
    assert after == {**before, "search": before["search"] - moved, "social": before["social"] + moved}
    stale = await ada.http.post(path, json={"changes": changes}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    compared = (await ada.http.get(f"plans/{plan['id']}/comparison")).json()
    assert (compared["first"], compared["second"]) == (1, 2)
    first = (await ada.http.get(f"plans/{plan['id']}", params={"number": 1})).json()
    assert _spent(first) == before


async def test_an_optimization_keeps_what_it_was_told_to(ada: Person, plan: dict[str, Any]) -> None:
    optimised = await ada.http.post(f"plans/{plan['id']}/optimizations", json={"keep": ["ctv"]})
    assert optimised.status_code == 201
    assert _spent(optimised.json())["ctv"] == _spent(plan)["ctv"]
    versions = (await ada.http.get(f"campaigns/{plan['campaign_id']}/plans")).json()["items"]
    assert sorted(one["number"] for one in versions) == [1, 2]


async def test_a_what_if_changes_nothing(ada: Person, plan: dict[str, Any]) -> None:
    answer = await ada.http.post(f"plans/{plan['id']}/what-ifs", json={"budget_percent": "-10"})
    assert answer.json()["budget"] == {"amount": "225000.00", "currency": "USD"}
    assert (await ada.http.get(f"plans/{plan['id']}")).json() == plan


async def test_questions_change_nothing(ada: Person, plan: dict[str, Any]) -> None:
    here = f"plans/{plan['id']}"
    more = (await ada.http.post(f"{here}/questions/more", json={"percent": "10"})).json()
    assert more["change"] == {"amount": "25000.00", "currency": "USD"}
    cheapest = (await ada.http.post(f"{here}/questions/cheapest-budget", json={"outcome": "500"})).json()
    assert Decimal(cheapest["outcome"]) >= 500
    returns = (await ada.http.get(f"{here}/questions/returns")).json()
    assert {line["code"] for line in returns["lines"]} == {"search", "social", "ctv"}
    reach = (await ada.http.get(f"{here}/reach", params={"duplication": "1.5", "cap": 2, "number": 1})).json()
    assert (reach["number"], len(reach["total"]["reach"])) == (1, 10)
    assert reach["total"]["reach"][0] < plan["reach"]["reach"] <= plan["reach"]["universe"]
    assert (await ada.http.get(here)).json() == plan


async def test_a_limit_that_cannot_hold_names_what_conflicts(ada: Person, plan: dict[str, Any]) -> None:
    shares = [{"channel": "search", "percent": "60"}, {"channel": "social", "percent": "50"}]
    answer = await ada.http.post(f"plans/{plan['id']}/optimizations", json={"minimums": shares})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (400, "minimums_exceed_budget", "minimum")
    assert "search, social" in problem["detail"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("plans/{id}/reach?number=9", 404, "plan_version_not_found"),
        ("plans/{id}/reach?duplication=-1", 422, "malformed"),
        ("plans/{id}?number=9", 404, "plan_version_not_found"),
        ("plans/{id}?number=0", 422, "malformed"),
        ("plans/{id}/comparison", 409, "single_version"),
        ("plans/not-an-id", 404, "no_plan"),
        ("plans/0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77", 404, "no_plan"),
    ],
)
async def test_what_is_not_there(ada: Person, plan: dict[str, Any], path: str, status: int, code: str) -> None:
    answer = await ada.http.get(path.format(id=plan["id"]))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_job_waits_in_the_outbox_and_can_be_cancelled(ada: Person, plan: dict[str, Any]) -> None:
    session = await ada.session()
    started = await ada.http.post(f"campaigns/{plan['campaign_id']}/jobs", params={"session_id": session})
    assert (started.status_code, started.json()["status"]) == (202, "queued")
    place = f"jobs/{started.json()['id']}"
    assert (await ada.http.get(place)).headers["ETag"] == started.headers["ETag"]
    listed = (await ada.http.get("jobs", params={"campaign_id": plan["campaign_id"]})).json()["items"]
    assert [one["id"] for one in listed] == [started.json()["id"]]
    assert (await ada.http.post(f"{place}/cancel")).json()["status"] == "cancelled"
    again = await ada.http.post(f"{place}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "job_ended")


async def test_a_job_reports_to_ones_own_conversation_only(ada: Person, plan: dict[str, Any]) -> None:
    nobodys = "0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77"
    answer = await ada.http.post(f"campaigns/{plan['campaign_id']}/jobs", params={"session_id": nobodys})
    assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")
    assert (await ada.http.get("jobs")).json()["items"] == []


async def test_the_budget_overview_by_channel(ada: Person, plan: dict[str, Any]) -> None:
    rows = (await ada.http.get("budget-overview", params={"by": "channel"})).json()
    assert sum(Decimal(row["planned"]["amount"]) for row in rows) == Decimal("250000.00")
