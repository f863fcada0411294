"""Advertisers, own benchmarks and response curves over HTTP."""

from typing import Any

import pytest

from tests.server.api.conftest import Person
from tests.server.api.matrix import BODIES

FEES = [{"kind": "ad_serving", "basis": "percent_of_net_media", "value": "2"}]
POINTS = [{"spend": 0, "outcome": 0}, {"spend": 1000, "outcome": 50}]
CURVE = {
    "channel": "ctv",
    "counts": "clicks",
    "currency": "USD",
    "days": 28,
    "source": "A model",
    "points": POINTS,
}


async def test_an_advertiser_is_made_found_and_changed(ada: Person) -> None:
    made = await ada.http.post("advertisers", json={"name": "Northwind", "fees": FEES, "currency": "eur"})
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    found = await ada.http.get(f"http://api.test{made.headers['Location']}")
    assert found.json() == made.json()
    assert (found.json()["fees"][0]["name"], found.json()["currency"]) == ("Ad serving", "EUR")
    path = f"advertisers/{made.json()['id']}"
    stale = await ada.http.patch(path, json={"name": "Contoso"}, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    await ada.campaign(advertiser="Northwind")
    renamed = await ada.http.patch(path, json={"name": "Contoso", "agency_discount_percent": "0"})
    assert (renamed.json()["agency_discount_percent"], renamed.json()["version"]) == ("0", 2)
    (campaign,) = (await ada.http.get("campaigns", params={"search": "contoso"})).json()["items"]
    assert (campaign["advertiser"], campaign["advertiser_id"]) == ("Contoso", made.json()["id"])
    assert (await ada.http.get("campaigns", params={"search": "northwind"})).json()["items"] == []
    await ada.http.post(f"{path}/archive")
    assert (await ada.http.get("advertisers")).json()["items"] == []
    everyone = await ada.http.get("advertisers", params={"include_archived": True, "search": "CON"})
    assert [one["name"] for one in everyone.json()["items"]] == ["Contoso"]
    again = await ada.http.post("campaigns", json={"advertiser": "Contoso", **_campaign("Summer")})
    assert (again.status_code, again.json()["code"]) == (409, "advertiser_archived")


def _campaign(name: str) -> dict[str, Any]:
    campaign: dict[str, Any] = {**BODIES["create_campaign"][0], "name": name}
    campaign.pop("advertiser", None)
    return campaign


async def test_what_is_in_use_is_ones_own_and_inherited(ada: Person) -> None:
    (body,) = BODIES["set_benchmark"]
    was_set = await ada.http.put("benchmarks", json={**body, "market": "DE"})
    assert (was_set.status_code, was_set.json()["cpm"]) == (200, "85")
    own = await ada.http.get("benchmarks", params={"channel": "search", "currency": "eur"})
    assert [one["id"] for one in own.json()["items"]] == [was_set.json()["id"]]
    in_use = await ada.http.get("benchmarks/in-use", params={"currency": "EUR", "market": "de"})
    of_search = next(one for one in in_use.json() if one["channel"] == "search")
    assert of_search["cpm"] == "85.00"
    assert of_search["source"] == "CPM: 2026 actuals; otherwise illustrative default"
    assert (await ada.http.delete(f"benchmarks/{was_set.json()['id']}")).status_code == 204
    assert (await ada.http.get("benchmarks")).json()["items"] == []


async def test_benchmarks_come_in_a_file_and_go_out_in_one(ada: Person) -> None:
    rows = b"channel,market,currency,cpm,ctr,source\r\nsearch,DE,EUR,85,5%,actuals\r\nctv,,EUR,,2,actuals\r\n"

    async def bring(data: bytes) -> Any:
        file = await ada.http.post("files", files={"file": ("rates.csv", data, "text/csv")})
        return await ada.http.post("benchmarks/import", json={"file_id": file.json()["id"]})

    refused = await bring(rows)
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_rows")
    assert [(one["row"], one["field"]) for one in refused.json()["details"]["problems"]] == [(3, "ctr")]
    done = await bring(rows.replace(b",,2,", b",,2%,"))
    assert done.json() == {"added": 2, "changed": 0}
    out = await ada.http.get("benchmarks/export")
    assert out.headers["Content-Type"].startswith("text/csv")
    assert out.text.splitlines()[1:] == ["ctv,,EUR,,,,0.02,,,,,,,actuals", "search,DE,EUR,,85,,0.05,,,,,,,actuals"]


async def test_a_curve_is_added_listed_and_retired(ada: Person) -> None:
    added = await ada.http.post("response-curves", json=CURVE)
    assert (added.status_code, added.json()["valid_to"], added.json()["family"]) == (201, "1000.00", "tabulated")
    found = await ada.http.get(f"http://api.test{added.headers['Location']}")
    assert found.json() == added.json()
    listed = await ada.http.get("response-curves", params={"channel": "ctv"})
    assert [one["id"] for one in listed.json()["items"]] == [added.json()["id"]]
    await ada.http.post(f"response-curves/{added.json()['id']}/retire")
    assert (await ada.http.get("response-curves")).json()["items"] == []
    kept = await ada.http.get("response-curves", params={"include_retired": True})
    assert kept.json()["items"][0]["retired"] is True


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"points": POINTS[:1]}, 400, "bad_curve"),
        ({"points": [POINTS[1], POINTS[0]]}, 400, "bad_curve"),
        ({"points": [{"spend": "NaN", "outcome": 1}, POINTS[1]]}, 422, "malformed"),
        ({"days": 0}, 422, "malformed"),
        ({"currency": "ZZZ"}, 400, "unknown_currency"),
        ({"points": None}, 400, "bad_curve"),
    ],
)
async def test_what_is_no_curve(ada: Person, changes: dict[str, Any], status: int, code: str) -> None:
    answer = await ada.http.post("response-curves", json={**CURVE, **changes})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
