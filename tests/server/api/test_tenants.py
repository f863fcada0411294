"""Tenants as wholes over HTTP: founded, suspended, taken along, erased."""

import io
import json
from zipfile import ZipFile

import httpx
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from tests.server.api.conftest import NewPerson, Person

Client = httpx.AsyncClient


async def test_an_owner_founds_another_one(ada: Person) -> None:
    founded = await ada.http.post("http://api.test/api/v1/tenants", json={"name": "Acme Media"})
    assert founded.status_code == 201
    assert (founded.json()["name"], founded.json()["status"]) == ("Acme Media", "active")
    inside = await ada.http.get(f"http://api.test/api/v1/tenants/{founded.json()['id']}/settings")
    assert inside.json()["tenant_name"] == "Acme Media"
    me = (await ada.http.get("http://api.test/api/v1/me")).json()
    assert [(one["name"], one["role"]) for one in me["tenants"]] == [("Acme", "owner"), ("Acme Media", "owner")]


async def test_a_suspended_tenant_is_shut_until_its_owner_resumes_it(person: NewPerson) -> None:
    ada, eve = await person(), await person()
    await ada.campaign()
    assert (await ada.http.post("suspend")).json()["status"] == "suspended"
    for path in ("campaigns", "settings"):
        shut = await ada.http.get(path)
        assert (shut.status_code, shut.json()["code"]) == (403, "tenant_suspended")
    assert (await ada.http.get("http://api.test/api/v1/me")).json()["tenants"][0]["status"] == "suspended"
    for place in (str(ada.actor.tenant_id), str(new_id()), "not-an-id"):
        strange = await eve.http.post(f"http://api.test/api/v1/tenants/{place}/resume")
        assert (strange.status_code, strange.json()["code"]) == (404, "tenant_not_found")
    assert (await ada.http.post("resume")).json()["status"] == "active"
    assert len((await ada.http.get("campaigns")).json()["items"]) == 1
    again = await ada.http.post("resume")
    assert (again.status_code, again.json()["code"]) == (409, "tenant_active")


async def test_whoever_may_not_resume_is_noted(person: NewPerson, engine: AsyncEngine) -> None:
    ada, eve = await person(), await person()
    await eve.http.post(f"http://api.test/api/v1/tenants/{ada.actor.tenant_id}/resume")
    noted = text("SELECT event, details ->> 'code' AS code FROM security_log WHERE user_id = :id")
    async with engine.connect() as connection:
        row = (await connection.execute(noted, {"id": eve.actor.user_id})).one()
    assert (row.event, row.code) == ("tenant_refused", "tenant_not_found")


async def test_everything_may_be_taken_along(ada: Person) -> None:
    await ada.campaign()
    answer = await ada.http.post("export")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert f"media-planner-{ada.actor.tenant_id}.zip" in answer.headers["content-disposition"]
    with ZipFile(io.BytesIO(answer.content)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert json.loads(archive.read("campaigns.ndjson"))["name"] == "Spring launch"
        actions = [json.loads(line)["action"] for line in archive.read("audit_log.ndjson").splitlines()]
    assert manifest["rows"]["campaigns"] == 1
    assert actions == ["campaign.created", "tenant.exported"]


async def test_an_erased_tenant_is_unknown_to_its_members(ada: Person) -> None:
    await ada.campaign()
    await ada.session()
    wrong = await ada.http.post("erase", json={"name": "Acm"})
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["field"]) == (400, "name_mismatch", "name")
    erased = await ada.http.post("erase", json={"name": "Acme"}, headers={"Idempotency-Key": str(new_id())})
    assert erased.status_code == 200
    assert (erased.json()["rows"]["campaigns"], erased.json()["rows"]["sessions"]) == (1, 1)
    for answer in (await ada.http.get("campaigns"), await ada.http.post("resume"), await ada.http.post("export")):
        assert (answer.status_code, answer.json()["code"]) == (404, "tenant_not_found")
    me = (await ada.http.get("http://api.test/api/v1/me")).json()
    assert (me["tenants"], me["user"]["name"], me["user"]["has_password"]) == ([], "Erased", False)


async def test_the_limit_of_self_approval_is_a_setting(ada: Person) -> None:
    limit = {"self_approval_limit": {"amount": "1000.00", "currency": "USD"}}
    answer = await ada.http.patch("settings", json=limit)
    assert answer.json()["settings"]["self_approval_limit_minor"] == 100_000
    assert (await ada.http.get("settings")).json() == answer.json()
