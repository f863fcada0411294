"""Machines over HTTP: they open a tenant, never an account."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from tests.server.api.conftest import CAMPAIGN, NewPerson, Person

Client = httpx.AsyncClient
READING = ["campaign:read", "plan:read"]


async def test_a_machine_reads_what_its_scopes_let_it(ada: Person, anonymous: Client) -> None:
    await ada.campaign()
    created = await ada.http.post("service-tokens", json=_wanted(READING))
    assert created.status_code == 201
    token = created.json().pop("token")
    root, bearer = f"/api/v1/tenants/{ada.actor.tenant_id}", _bearer(token)
    listed = await anonymous.get(f"{root}/campaigns", headers=bearer)
    assert [one["name"] for one in listed.json()["items"]] == ["Spring launch"]
    refused = await anonymous.post(f"{root}/campaigns", json=CAMPAIGN, headers=bearer)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    (shown,) = (await ada.http.get("service-tokens")).json()["items"]
    assert shown == {key: value for key, value in created.json().items() if key != "token"}
    assert token not in (await ada.http.get("service-tokens")).text


async def test_the_audit_names_the_token(ada: Person, anonymous: Client, engine: AsyncEngine) -> None:
    created = (await ada.http.post("service-tokens", json=_wanted(["campaign:write"]))).json()
    root = f"/api/v1/tenants/{ada.actor.tenant_id}"
    made = await anonymous.post(f"{root}/campaigns", json=CAMPAIGN, headers=_bearer(created["token"]))
    assert made.status_code == 201
    async with engine.connect() as connection:
        await connection.execute(
            text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(ada.actor.tenant_id)}
        )
        row = (
            await connection.execute(
                text("SELECT user_id, service_token_id FROM audit_log WHERE action = 'campaign.created'")
            )
        ).one()
    assert (row.user_id, str(row.service_token_id)) == (ada.actor.user_id, created["id"])


async def test_a_key_repeats_the_answer_and_the_token_is_not_kept(ada: Person, engine: AsyncEngine) -> None:
    body, headers = _wanted(READING), {"Idempotency-Key": str(new_id())}
    first, second = [await ada.http.post("service-tokens", json=body, headers=headers) for _ in range(2)]
    assert first.json() == second.json()
    async with engine.connect() as connection:
        await connection.execute(
            text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(ada.actor.tenant_id)}
        )
        (kept,) = await connection.scalars(text("SELECT result::text FROM effects"))
    assert first.json()["token"] not in kept


@pytest.mark.parametrize("path", ["me", "sign-ins"])
async def test_accounts_are_for_people(ada: Person, anonymous: Client, path: str) -> None:
    token = (await ada.http.post("service-tokens", json=_wanted(READING))).json()["token"]
    answer = await anonymous.get(f"/api/v1/{path}", headers=_bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    founded = await anonymous.post("/api/v1/tenants", json={"name": "Mine"}, headers=_bearer(token))
    assert founded.status_code == 401


async def test_tokens_that_open_nothing(person: NewPerson, anonymous: Client) -> None:
    ada, eve = await person(), await person()
    created = (await ada.http.post("service-tokens", json=_wanted(READING))).json()
    token, root = created["token"], f"/api/v1/tenants/{ada.actor.tenant_id}/campaigns"
    elsewhere = await anonymous.get(f"/api/v1/tenants/{eve.actor.tenant_id}/campaigns", headers=_bearer(token))
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (404, "tenant_not_found")
    malformed = await anonymous.get("/api/v1/tenants/not-an-id/campaigns", headers=_bearer(token))
    assert (malformed.status_code, malformed.json()["code"]) == (404, "tenant_not_found")
    for unknown in (f"mp_{'a' * 43}", "mp_", token.upper()):
        answer = await anonymous.get(root, headers=_bearer(unknown))
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")
    assert (await ada.http.delete(f"service-tokens/{created['id']}")).status_code == 204
    revoked = await anonymous.get(root, headers=_bearer(token))
    assert (revoked.status_code, revoked.json()["code"]) == (401, "invalid_token")


async def test_a_machine_makes_no_machines(ada: Person, anonymous: Client) -> None:
    token = (await ada.http.post("service-tokens", json=_wanted(["token:manage", *READING]))).json()["token"]
    place = f"/api/v1/tenants/{ada.actor.tenant_id}/service-tokens"
    answer = await anonymous.post(place, json=_wanted(READING), headers=_bearer(token))
    assert (answer.status_code, answer.json()["code"]) == (403, "person_required")


def _wanted(scopes: list[str]) -> dict[str, object]:
    return {
        "name": "Nightly report",
        "scopes": scopes,
        "expires_at": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
    }


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
