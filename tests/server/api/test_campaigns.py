"""Campaigns over HTTP: made, found, changed, refused."""

from typing import Any

import pytest

from tests.server.api.conftest import CAMPAIGN, NewPerson, Person


async def test_made_and_read_back(ada: Person) -> None:
    made = await ada.http.post("campaigns", json=CAMPAIGN)
    assert made.status_code == 201
    assert made.headers["ETag"] == '"1"'
    found = await ada.http.get(f"http://api.test{made.headers['Location']}")
    assert found.json() == made.json()
    assert found.headers["ETag"] == '"1"'
    assert found.json()["budget"] == {"amount": "250000.00", "currency": "USD"}


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"start": "2026-06-01", "end": "2026-05-01"}, 400, "flight_end_before_start", "end"),
        ({"budget": {"amount": "0", "currency": "USD"}}, 400, "budget_not_positive", "budget"),
        ({"budget": {"amount": "-5", "currency": "USD"}}, 400, "budget_not_positive", "budget"),
        ({"budget": {"amount": "5", "currency": "XQQ"}}, 400, "unknown_currency", "currency"),
        ({"budget": {"amount": 1e308, "currency": "USD"}}, 400, "amount_too_large", "amount"),
        ({"budget": {"amount": "1e308", "currency": "USD"}}, 400, "amount_too_large", "amount"),
        ({"budget": {"amount": "0.001", "currency": "USD"}}, 400, "too_precise", "amount"),
        ({"budget": {"amount": "NaN", "currency": "USD"}}, 422, "malformed", "budget.amount"),
        ({"name": "\u202eevil"}, 400, "control_characters", "name"),
        ({"name": "a\u0000b"}, 400, "control_characters", "name"),
        ({"name": ""}, 422, "malformed", "name"),
        ({"tenant_id": "0199b3c4-7d1e-7c55-8f0e-3a5d2c9b1e77"}, 422, "malformed", "tenant_id"),
        ({"objective": "world domination"}, 422, "malformed", "objective"),
    ],
)
async def test_bad_input(ada: Person, changes: dict[str, Any], status: int, code: str, field: str) -> None:
    answer = await ada.http.post("campaigns", json={**CAMPAIGN, **changes})
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (status, code, field)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert (await ada.http.get("campaigns")).json()["items"] == []


@pytest.mark.parametrize("name", ["🚀 Launch 👩‍👩‍👧 campaign", "حملة الربيع", "קמפיין אביב", "Ñandú — Größe"])
async def test_names_of_any_script(ada: Person, name: str) -> None:
    campaign = await ada.campaign(name=name)
    assert (await ada.http.get(f"campaigns/{campaign['id']}")).json()["name"] == name


async def test_two_of_one_name(ada: Person) -> None:
    await ada.campaign()
    second = await ada.http.post("campaigns", json={**CAMPAIGN, "name": "SPRING launch"})
    assert (second.status_code, second.json()["code"]) == (409, "duplicate_campaign_name")


async def test_same_name_in_another_tenant(person: NewPerson) -> None:
    one, other = await person(), await person()
    await one.campaign()
    await other.campaign()


@pytest.mark.parametrize(
    ("tag", "status", "code"),
    [
        ('"1"', 200, None),
        ("*", 200, None),
        ('"2"', 412, "stale_version"),
        ('W/"1"', 412, "stale_version"),
        ('"abc"', 412, "stale_version"),
        ('"99999999999999999999999"', 412, "stale_version"),
        ("1", 400, "bad_etag"),
        ('"1", "2"', 400, "bad_etag"),
    ],
)
async def test_if_match(ada: Person, tag: str, status: int, code: str | None) -> None:
    campaign = await ada.campaign()
    answer = await ada.http.patch(f"campaigns/{campaign['id']}", json={"name": "Renamed"}, headers={"If-Match": tag})
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    kept = (await ada.http.get(f"campaigns/{campaign['id']}")).json()
    assert kept["name"] == ("Renamed" if status == 200 else "Spring launch")


async def test_moves_archive_and_restore(ada: Person) -> None:
    campaign = await ada.campaign()
    path = f"campaigns/{campaign['id']}"
    assert (await ada.http.post(f"{path}/moves", json={"move": "launch"})).json()["code"] == "illegal_move"
    cancelled = await ada.http.post(f"{path}/moves", json={"move": "cancel", "reason": "No budget"})
    assert cancelled.json()["status"] == "cancelled"
    assert (await ada.http.post(f"{path}/archive")).json()["archived"] is True
    assert (await ada.http.get("campaigns")).json()["items"] == []
    assert (await ada.http.post(f"{path}/restore")).json()["archived"] is False


async def test_pages_filters_and_sorting(ada: Person) -> None:
    for name in ("Delta", "alpha", "Charlie", "bravo"):
        await ada.campaign(name=name)
    first = (await ada.http.get("campaigns", params={"sort": "name", "limit": 3})).json()
    rest = (await ada.http.get("campaigns", params={"sort": "name", "cursor": first["next_cursor"]})).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["alpha", "bravo", "Charlie", "Delta"]
    assert rest["next_cursor"] is None
    found = await ada.http.get("campaigns", params={"search": "char"})
    assert [one["name"] for one in found.json()["items"]] == ["Charlie"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"cursor": "nonsense"}, 400, "bad_cursor"),
        ({"limit": 0}, 422, "malformed"),
        ({"limit": 1000}, 422, "malformed"),
        ({"sort": "sideways"}, 422, "malformed"),
        ({"search": "x" * 300}, 422, "malformed"),
    ],
)
async def test_bad_lists(ada: Person, query: dict[str, Any], status: int, code: str) -> None:
    answer = await ada.http.get("campaigns", params=query)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_cursor_of_another_sort(ada: Person) -> None:
    await ada.campaign(name="One")
    await ada.campaign(name="Two")
    cursor = (await ada.http.get("campaigns", params={"limit": 1, "sort": "name"})).json()["next_cursor"]
    answer = await ada.http.get("campaigns", params={"cursor": cursor, "sort": "start"})
    assert answer.json()["code"] == "bad_cursor"


async def test_one_key_one_campaign(ada: Person) -> None:
    key = {"Idempotency-Key": "launch-1"}
    first = await ada.http.post("campaigns", json=CAMPAIGN, headers=key)
    again = await ada.http.post("campaigns", json=CAMPAIGN, headers=key)
    assert again.status_code == 201
    assert again.json() == first.json()
    assert len((await ada.http.get("campaigns")).json()["items"]) == 1


async def test_a_key_used_for_something_else_never_answers_with_the_first_result(ada: Person) -> None:
    key = {"Idempotency-Key": "launch-1"}
    first = await ada.http.post("campaigns", json=CAMPAIGN, headers=key)
    other = await ada.http.post("campaigns", json={**CAMPAIGN, "name": "Autumn"}, headers=key)
    assert other.json()["name"] == "Autumn"
    archived = await ada.http.post(f"campaigns/{first.json()['id']}/archive", headers=key)
    assert archived.json()["archived"] is True


async def test_a_key_is_one_persons(person: NewPerson) -> None:
    one, other = await person(), await person()
    key = {"Idempotency-Key": "launch-1"}
    first = await one.http.post("campaigns", json=CAMPAIGN, headers=key)
    second = await other.http.post("campaigns", json=CAMPAIGN, headers=key)
    assert first.json()["id"] != second.json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 201, "two words"])
async def test_a_key_that_is_none(ada: Person, key: str) -> None:
    answer = await ada.http.post("campaigns", json=CAMPAIGN, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
