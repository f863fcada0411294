"""A plan's way over HTTP: submitted, judged, undone, in step again, copied."""

from typing import Any

import pytest

from domain.tenants import Role
from tests.server.api.conftest import CAMPAIGN, NewColleague, Person


@pytest.fixture
async def plan(ada: Person) -> dict[str, Any]:
    campaign = await ada.campaign()
    answer = await ada.http.post(f"campaigns/{campaign['id']}/plans", json={"channels": ["search", "social", "ctv"]})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def _shown(person: Person, plan: dict[str, Any], number: int | None = None) -> dict[str, Any]:
    params = {"number": number} if number else None
    return dict((await person.http.get(f"plans/{plan['id']}", params=params)).json())


async def _ask(person: Person, plan: dict[str, Any]) -> str:
    asked = await person.http.post("approvals", json={"action": "plan.approve", "campaign_id": plan["campaign_id"]})
    assert asked.status_code == 201, asked.text
    return str(asked.json()["id"])


async def test_a_version_shows_how_its_approval_stands(ada: Person, plan: dict[str, Any], member: NewColleague) -> None:
    planner = await member(Role.PLANNER)
    assert (plan["state"], plan["request"]) == ("draft", None)
    first = await _ask(planner, plan)
    waiting = await _shown(ada, plan)
    assert (waiting["state"], waiting["request"]["id"]) == ("submitted", first)
    condition = {"field": "search", "required": "at least 50,000", "reason": "Brand safety."}
    verdict = {"verdict": "conditions", "conditions": [condition]}
    assert (await ada.http.post(f"approvals/{first}/decision", json=verdict)).status_code == 200
    judged = await _shown(planner, plan)
    assert (judged["state"], judged["request"]["conditions"]) == ("conditions", [condition])
    second = await _ask(planner, plan)
    await ada.http.post(f"approvals/{second}/decision", json={"verdict": "approved"})
    approved = await _shown(planner, plan)
    assert (approved["state"], approved["approved_number"]) == ("approved", 1)
    revised = await ada.http.post(f"plans/{plan['id']}/revisions", json={"flighting": "front_loaded"})
    assert (revised.json()["state"], revised.json()["approved_number"]) == ("draft", 1)
    assert (await _shown(ada, plan, 1))["state"] == "superseded"
    since = (await ada.http.get(f"plans/{plan['id']}/changes-since-approval")).json()
    assert (since["first"], since["second"]) == (1, 2)
    assert all(line["weeks"] and line["kind"] == "changed" for line in since["lines"])
    versions = (await ada.http.get(f"campaigns/{plan['campaign_id']}/plans")).json()["items"]
    assert [(one["number"], one["approved"]) for one in versions] == [(2, False), (1, True)]


async def test_another_budget_makes_an_approved_plan_a_draft_again(ada: Person, plan: dict[str, Any]) -> None:
    assert (await ada.http.post(f"campaigns/{plan['campaign_id']}/plan-approval")).status_code == 200
    less = {"budget": {"amount": "200000.00", "currency": "USD"}}
    assert (await ada.http.patch(f"campaigns/{plan['campaign_id']}", json=less)).status_code == 200
    shown = await _shown(ada, plan)
    assert (shown["state"], shown["out_of_sync"], shown["drift"]["budget"]["amount"]) == ("draft", True, "-50000.00")
    kept = await ada.http.post(f"plans/{plan['id']}/resync", json={"how": "keep"})
    assert (kept.status_code, kept.json()["code"]) == (400, "over_budget")
    scaled = await ada.http.post(f"plans/{plan['id']}/resync", json={"how": "scale"})
    assert (scaled.status_code, scaled.json()["total"]["amount"]) == (201, "200000.00")
    assert (await ada.http.post(f"plans/{plan['id']}/undo", json={})).json()["code"] == "over_budget"


async def test_plan_and_campaign_are_copied(ada: Person, plan: dict[str, Any]) -> None:
    copy = await ada.http.post(f"campaigns/{plan['campaign_id']}/copies", json={"start": "2026-09-01"})
    assert copy.status_code == 201, copy.text
    made = copy.json()
    assert copy.headers["Location"].endswith(made["campaign"]["id"])
    assert (made["campaign"]["name"], made["campaign"]["end"]) == ("Spring launch (copy)", "2026-12-01")
    assert made["plan"]["total"] == CAMPAIGN["budget"]
    again = await ada.http.post(f"plans/{plan['id']}/copies/{made['campaign']['id']}", json={})
    assert (again.status_code, again.json()["number"]) == (201, 2)
    undone = await ada.http.post(f"plans/{again.json()['id']}/undo", headers={"If-Match": '"1"'})
    assert undone.status_code == 412


async def test_scenarios_over_http(ada: Person, plan: dict[str, Any]) -> None:
    path = f"plans/{plan['id']}/scenarios"
    less = await ada.http.post(path, json={"name": "Less", "budget_percent": "-10", "keep": ["ctv"]})
    assert (less.status_code, less.json()["number"], less.json()["total"]["amount"]) == (201, 2, "225000.00")
    twice = await ada.http.post(path, json={"name": "less"})
    assert (twice.status_code, twice.json()["code"]) == (409, "duplicate_scenario_name")
    assert [one["name"] for one in (await ada.http.get(path)).json()["items"]] == ["Less"]
    compared = (await ada.http.get(f"{path}/comparison", params={"scenario": "Less"})).json()
    assert [column["figures"]["spend"]["amount"] for column in compared["columns"]] == ["250000.00", "225000.00"]
    shown = await _shown(ada, plan, 2)
    assert (shown["kind"], shown["name"], shown["current_number"]) == ("scenario", "Less", 1)
    promoted = await ada.http.post(f"{path}/2/promotion", headers={"If-Match": '"2"'})
    assert (promoted.status_code, promoted.json()["number"]) == (201, 3)
    assert (await ada.http.delete(f"{path}/2")).status_code == 200
    assert (await ada.http.delete(f"{path}/2")).json()["code"] == "scenario_not_found"
    versions = (await ada.http.get(f"campaigns/{plan['campaign_id']}/plans")).json()["items"]
    assert [one["number"] for one in versions] == [3, 1]


async def test_long_work_is_started_and_followed(ada: Person, plan: dict[str, Any]) -> None:
    session = await ada.session()
    sweep = {"lowest": {"amount": "100000.00", "currency": "USD"}, "highest": CAMPAIGN["budget"], "steps": 3}
    for path, body, kind in (
        ("budget-sweeps", sweep, "budget_sweep"),
        ("year-plans", {"seasonality": [{"month": 4, "index": "1.2"}]}, "year_plan"),
        ("export-jobs", {"format": "xlsx"}, "plan_export"),
    ):
        answer = await ada.http.post(f"plans/{plan['id']}/{path}", json=body, params={"session_id": session})
        assert answer.status_code == 202, answer.text
        job = answer.json()
        assert (job["kind"], job["status"], job["session_id"]) == (kind, "queued", session)
        cancelled = await ada.http.post(f"jobs/{job['id']}/cancel")
        assert cancelled.json()["status"] == "cancelled"
    downwards = {"lowest": CAMPAIGN["budget"], "highest": sweep["lowest"]}
    refused = await ada.http.post(f"plans/{plan['id']}/budget-sweeps", json=downwards)
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (400, "bad_range", "highest")
