"""Plans that come in over HTTP: previewed, saved by the preview's digest, and refused with what is to be settled."""

from typing import Any

import pytest

from tests.server.api.conftest import Person
from tests.services.importing import PLANS

TABLE = b"Channel,Vendor,Budget\nSearch,Google,60000\nSocial,Meta,40000\nTotal,,100000\n"


async def brought(ada: Person, name: str, data: bytes) -> str:
    answer = await ada.http.post("files", files={"file": (name, data)})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_table_becomes_the_plan_that_was_shown(ada: Person) -> None:
    campaign = await ada.campaign()
    source = {"file_id": await brought(ada, "plan.csv", TABLE)}
    shown = await ada.http.post(f"campaigns/{campaign['id']}/plan-imports/preview", json=source)
    assert shown.status_code == 200, shown.text
    preview = shown.json()
    assert [(line["code"], line["amount"]["amount"]) for line in preview["lines"]] == [
        ("search", "60000.00"),
        ("social", "40000.00"),
    ]
    assert (preview["importable"], preview["problem_count"]) == (True, 1)
    command = {**source, "digest": preview["digest"]}
    saved = await ada.http.post(f"campaigns/{campaign['id']}/plan-imports", json=command)
    assert saved.status_code == 201, saved.text
    assert saved.headers["Location"].endswith(f"/plans/{saved.json()['id']}?number=1")
    plan = saved.json()
    assert [line["vehicle"] for line in plan["lines"]] == ["Google", "Meta"]
    other = {**command, "columns": [{"column": "B", "field": "market"}]}
    refused = await ada.http.post(f"campaigns/{campaign['id']}/plan-imports", json=other)
    assert (refused.status_code, refused.json()["code"]) == (409, "preview_outdated")


async def test_a_document_becomes_a_campaign_with_its_plan(ada: Person) -> None:
    data = (PLANS / "example_mediaplan_v3.0.json").read_bytes()
    source: dict[str, Any] = {"file_id": await brought(ada, "plan.json", data)}
    preview = (await ada.http.post("plan-imports/preview", json=source)).json()
    assert preview["over_budget"] == {"amount": "12800.00", "currency": "USD"}
    command = {**source, "digest": preview["digest"]}
    refused = await ada.http.post("plan-imports", json=command)
    assert (refused.status_code, refused.json()["code"]) == (400, "over_budget")
    saved = await ada.http.post("plan-imports", json={**command, "budget": "as_imported"})
    assert saved.status_code == 201, saved.text
    plan = saved.json()
    assert (plan["total"]["amount"], plan["campaign_name"]) == (
        "962800.00",
        "GlobalTech AI Platform Lead Gen - Q3 2025",
    )
    shown = (await ada.http.get(f"campaigns/{plan['campaign_id']}")).json()
    assert (shown["budget"]["amount"], shown["advertiser"], shown["status"]) == (
        "962800.00",
        "GlobalTech Corporation",
        "planned",
    )


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("plan.csv", b"a,b\n1,2\n", "no_header_row"),
        ("plan.csv", TABLE, "campaign_required"),
        ("plan.json", b'{"meta": {}}', "not_mediaplanschema"),
    ],
)
async def test_what_can_not_become_a_campaign_says_why(ada: Person, name: str, data: bytes, code: str) -> None:
    campaign = await ada.campaign()
    place = "plan-imports" if code == "campaign_required" else f"campaigns/{campaign['id']}/plan-imports"
    answer = await ada.http.post(f"{place}/preview", json={"file_id": await brought(ada, name, data)})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
