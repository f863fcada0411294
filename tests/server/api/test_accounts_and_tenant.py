"""Getting into a tenant, its settings, and conversations."""

import asyncio
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import UserId, new_id
from domain.tenants import Role, Tenant
from domain.users import Email, User
from server.bootstrap import System
from server.postgres.founding import enrol
from tests.server.api.conftest import CAMPAIGN, NewPerson, Person


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer null"])
async def test_without_a_token_nothing_opens(anonymous: httpx.AsyncClient, ada: Person, header: str) -> None:
    paths = ["/api/v1/me", f"/api/v1/tenants/{ada.actor.tenant_id}/campaigns", "/api/v1/tenants/nonsense/campaigns"]
    for path in paths:
        answer = await anonymous.get(path, headers={"Authorization": header} if header else {})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_token_of_somebody_without_an_account(
    anonymous: httpx.AsyncClient, ada: Person, system: System
) -> None:
    bearer = {"Authorization": f"Bearer {system.tokens.issue(UserId(new_id()), new_id())}"}
    answer = await anonymous.get(f"/api/v1/tenants/{ada.actor.tenant_id}/campaigns", headers=bearer)
    assert (answer.status_code, answer.json()["code"]) == (404, "tenant_not_found")


async def test_a_suspended_tenant(ada: Person, engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE tenants SET status = 'suspended' WHERE id = :id"), {"id": ada.actor.tenant_id}
        )
    answer = await ada.http.get("campaigns")
    assert (answer.status_code, answer.json()["code"]) == (403, "tenant_suspended")


async def test_a_viewer_reads_and_talks_but_changes_nothing(
    ada: Person, anonymous: httpx.AsyncClient, engine: AsyncEngine, system: System
) -> None:
    now = datetime.now(UTC)
    viewer = User.register(Email.of(f"{new_id()}@example.com"), "Vera", "no password", now)
    tenant = Tenant(ada.actor.tenant_id, "Acme", now)
    await enrol(engine, tenant, viewer, Role.VIEWER, now)
    bearer = {"Authorization": f"Bearer {system.tokens.issue(viewer.id, new_id())}"}
    root = f"/api/v1/tenants/{ada.actor.tenant_id}"
    refused = await anonymous.post(f"{root}/campaigns", json=CAMPAIGN, headers=bearer)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    assert refused.json()["details"] == {"permission": "campaign:write"}
    assert (await anonymous.get(f"{root}/campaigns", headers=bearer)).json()["items"] == []
    assert (await anonymous.post(f"{root}/sessions", headers=bearer)).status_code == 201


async def test_a_colleagues_conversation_looks_like_none(
    ada: Person, anonymous: httpx.AsyncClient, engine: AsyncEngine, system: System
) -> None:
    now = datetime.now(UTC)
    colleague = User.register(Email.of(f"{new_id()}@example.com"), "Max", "no password", now)
    await enrol(engine, Tenant(ada.actor.tenant_id, "Acme", now), colleague, Role.ADMIN, now)
    session = await ada.session()
    bearer = {"Authorization": f"Bearer {system.tokens.issue(colleague.id, new_id())}"}
    place = f"/api/v1/tenants/{ada.actor.tenant_id}/sessions/{session}"
    for answer in await asyncio.gather(
        anonymous.get(place, headers=bearer),
        anonymous.delete(place, headers=bearer),
        anonymous.get(f"{place}/messages", headers=bearer),
        anonymous.get(f"{place}/events", headers=bearer),
        anonymous.post(f"{place}/turns", json={"message": "hi"}, headers=bearer),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "session_not_found")
    assert (await ada.http.get(f"sessions/{session}")).status_code == 200


async def test_settings_change_under_their_tag(ada: Person) -> None:
    before = await ada.http.get("settings")
    change = {"locale": "de-DE", "default_currency": "EUR"}
    after = await ada.http.patch("settings", json=change, headers={"If-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.json()["settings"] == {**before.json()["settings"], **change}
    stale = await ada.http.patch("settings", json=change, headers={"If-Match": before.headers["ETag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"timezone": "Mars/Olympus"}, 400, "unknown_timezone"),
        ({"default_currency": "XQQ"}, 400, "unknown_currency"),
        ({"locale": "!!"}, 400, "unknown_locale"),
        ({"week_start": "someday"}, 422, "malformed"),
        ({"fiscal_year_start": 13}, 422, "malformed"),
    ],
)
async def test_settings_that_are_none(ada: Person, change: dict[str, object], status: int, code: str) -> None:
    answer = await ada.http.patch("settings", json=change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_conversations_are_opened_renamed_listed_and_deleted(ada: Person) -> None:
    opened = await ada.http.post("sessions", json={"title": "Spring"})
    session = opened.json()["id"]
    renamed = await ada.http.patch(
        f"sessions/{session}", json={"title": "Summer"}, headers={"If-Match": opened.headers["ETag"]}
    )
    assert renamed.json()["title"] == "Summer"
    stale = await ada.http.patch(
        f"sessions/{session}", json={"title": "Autumn"}, headers={"If-Match": opened.headers["ETag"]}
    )
    assert stale.status_code == 412
    assert [one["title"] for one in (await ada.http.get("sessions")).json()["items"]] == ["Summer"]
    assert (await ada.http.get("sessions", params={"search": "spring"})).json()["items"] == []
    deleted = await ada.http.delete(f"sessions/{session}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await ada.http.get(f"sessions/{session}")).status_code == 404


async def test_everybody_has_their_own_conversations(person: NewPerson) -> None:
    one, other = await person(), await person()
    await one.session()
    assert (await other.http.get("sessions")).json()["items"] == []
