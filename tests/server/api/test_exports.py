"""Exports and charts over HTTP: the file that is made is the plan's, and its link opens it."""

import io
import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from openpyxl import load_workbook

from tests.server.api.conftest import Person


@pytest.fixture
async def plan(ada: Person) -> dict[str, Any]:
    campaign = await ada.campaign()
    drafted = await ada.http.post(f"campaigns/{campaign['id']}/plans", json={"channels": ["search", "social", "ctv"]})
    return dict(drafted.json())


async def _exported(ada: Person, anonymous: httpx.AsyncClient, plan: dict[str, Any], format: str) -> bytes:
    answer = await ada.http.post(f"plans/{plan['id']}/exports", json={"format": format})
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert answer.headers["Location"].endswith(f"/files/{file['id']}")
    listed = await ada.http.get("files", params={"campaign_id": plan["campaign_id"]})
    assert [one["id"] for one in listed.json()["items"]] == [file["id"]]
    fetched = await anonymous.get(urlsplit(file["link"]["url"]).path)
    assert (fetched.status_code, len(fetched.content)) == (200, file["size"])
    assert fetched.headers["Content-Disposition"].startswith("attachment;")
    return fetched.content


async def test_a_workbook_of_the_plan(ada: Person, anonymous: httpx.AsyncClient, plan: dict[str, Any]) -> None:
    data = await _exported(ada, anonymous, plan, "xlsx")
    summary = load_workbook(io.BytesIO(data), data_only=True)["Summary"]
    facts = {row[0].value: row[1].value for row in summary.iter_rows()}
    assert facts["Planned"] == Decimal(plan["total"]["amount"])
    assert facts["Made by"] != facts["Exported"]


async def test_a_standard_document_of_the_plan(ada: Person, anonymous: httpx.AsyncClient, plan: dict[str, Any]) -> None:
    read = json.loads(await _exported(ada, anonymous, plan, "mediaplan_json"))
    assert [item["id"] for item in read["lineitems"]] == ["search", "social", "ctv"]
    assert sum(Decimal(str(item["cost_total"])) for item in read["lineitems"]) == Decimal(plan["total"]["amount"])


@pytest.mark.parametrize("kind", ["budget", "weeks", "curves", "reach"])
async def test_charts(ada: Person, plan: dict[str, Any], kind: str) -> None:
    answer = await ada.http.get(f"plans/{plan['id']}/charts/{kind}", params={"number": 1})
    assert answer.status_code == 200, answer.text
    assert answer.json()["kind"] == kind
    assert answer.json()["spec"]["data"]["values"]


async def test_what_is_not_there_is_refused(ada: Person, plan: dict[str, Any]) -> None:
    for request, status, code in (
        (
            ada.http.post(f"plans/{plan['id']}/exports", json={"format": "xlsx", "version": 9}),
            404,
            "plan_version_not_found",
        ),
        (ada.http.post(f"plans/{plan['id']}/exports", json={"format": "pdf"}), 422, "malformed"),
        (ada.http.get(f"plans/{plan['id']}/charts/pie"), 422, "malformed"),
    ):
        answer = await request
        assert (answer.status_code, answer.json()["code"]) == (status, code)
