"""The audit over HTTP: a row for every refusal and none for a look at nothing; found, paged, verified."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import UserId, new_id
from domain.tenants import Role, Tenant
from domain.users import Email, User
from server.bootstrap import System
from server.postgres.audit_tables import security_log
from server.postgres.founding import enrol
from tests.server.api.conftest import CAMPAIGN, NewPerson, Person, elsewhere

Row = dict[str, Any]
TRACE = "0af7651916cd43dd8448eb211c80319c"


@dataclass(frozen=True, slots=True)
class Viewer:
    user_id: UserId
    http: httpx.AsyncClient


@pytest.fixture
async def viewer(app: FastAPI, system: System, ada: Person, engine: AsyncEngine) -> Viewer:
    now = datetime.now(UTC)
    user = User.register(Email.of(f"{new_id()}@example.com"), "Vera", "no password", now)
    await enrol(engine, Tenant(ada.actor.tenant_id, "Acme", now), user, Role.VIEWER, now)
    headers = {"Authorization": f"Bearer {system.tokens.issue(user.id, new_id())}"}
    return Viewer(user.id, httpx.AsyncClient(transport=elsewhere(app), base_url=ada.http.base_url, headers=headers))


@pytest.fixture
def denied(ada: Person) -> Callable[[], Awaitable[list[Row]]]:
    async def rows() -> list[Row]:
        return await audit(ada, decision="denied", sort="at")

    return rows


async def audit(ada: Person, **wanted: str) -> list[Row]:
    answer = await ada.http.get("audit", params=wanted)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_a_refused_write_leaves_one_row(
    ada: Person, viewer: Viewer, denied: Callable[[], Awaitable[list[Row]]]
) -> None:
    campaign = await ada.campaign()
    headers = {"X-Request-ID": "request-1", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    refused = await viewer.http.patch(f"campaigns/{campaign['id']}", json={"name": "Mine"}, headers=headers)
    assert refused.status_code == 403
    (row,) = await denied()
    assert (row["action"], row["code"], row["version"]) == ("http.update_campaign", "not_permitted", 0)
    assert (row["user_id"], row["user_name"], row["object_id"]) == (str(viewer.user_id), "Vera", campaign["id"])
    assert (row["request_id"], row["trace_id"]) == ("request-1", TRACE)
    assert row["after"] == {"permission": "campaign:write", "campaign_id": campaign["id"]}


async def test_a_refusal_that_is_repeated_under_its_key_leaves_one_row(
    viewer: Viewer, denied: Callable[[], Awaitable[list[Row]]]
) -> None:
    for key in ("one", "one", "one", "two"):
        refused = await viewer.http.post("campaigns", json=CAMPAIGN, headers={"Idempotency-Key": key})
        assert refused.status_code == 403
    assert len(await denied()) == 2


async def test_a_refused_look_leaves_a_row_and_a_look_at_nothing_leaves_none(
    ada: Person, viewer: Viewer, denied: Callable[[], Awaitable[list[Row]]]
) -> None:
    for path in (f"campaigns/{new_id()}", "campaigns/not-an-id", f"jobs/{new_id()}", "nowhere"):
        assert (await ada.http.get(path)).status_code == 404
    assert await denied() == []
    assert (await viewer.http.get("audit")).status_code == 403
    (row,) = await denied()
    assert (row["action"], row["object_id"]) == ("http.list_audit", str(ada.actor.tenant_id))


@pytest.mark.parametrize("id", [None, "not-an-id"])
async def test_changing_what_there_is_not_leaves_a_row(
    ada: Person, denied: Callable[[], Awaitable[list[Row]]], id: str | None
) -> None:
    unknown = id or str(new_id())
    assert (await ada.http.post(f"campaigns/{unknown}/archive")).status_code == 404
    (row,) = await denied()
    assert (row["action"], row["code"]) == ("http.archive_campaign", "campaign_not_found")
    assert row["object_id"] == (str(ada.actor.tenant_id) if id else unknown)


async def test_what_is_wrong_but_not_refused_leaves_none(
    ada: Person, anonymous: httpx.AsyncClient, denied: Callable[[], Awaitable[list[Row]]]
) -> None:
    campaign = await ada.campaign()
    answers = [
        await ada.http.post("campaigns", json={**CAMPAIGN, "name": ""}),
        await ada.http.post("campaigns", json=CAMPAIGN),
        await ada.http.post(f"campaigns/{campaign['id']}/moves", json={"move": "launch"}),
        await ada.http.patch(f"campaigns/{campaign['id']}", json={"name": "B"}, headers={"If-Match": '"9"'}),
        await anonymous.post(f"{ada.http.base_url}campaigns", json=CAMPAIGN),
    ]
    assert [answer.status_code for answer in answers] == [422, 409, 409, 412, 401]
    assert await denied() == []


async def test_a_stranger_leaves_a_line_in_the_security_log_and_none_in_the_tenant(
    person: NewPerson, ada: Person, engine: AsyncEngine
) -> None:
    stranger = await person()
    answer = await stranger.http.post(f"{ada.http.base_url}campaigns", json=CAMPAIGN)
    assert answer.status_code == 404
    assert await audit(ada) == []
    line = await refused_at_the_door(engine, stranger.actor.user_id)
    assert line.details == {"tenant_id": str(ada.actor.tenant_id), "code": "tenant_not_found"}
    assert line.request_id == answer.headers["X-Request-ID"]
    assert line.sign_in_id is not None


async def test_a_member_of_a_suspended_tenant_leaves_a_line_there_too(ada: Person, engine: AsyncEngine) -> None:
    suspend = text("UPDATE tenants SET status = 'suspended' WHERE id = :id")
    async with engine.begin() as connection:
        await connection.execute(suspend, {"id": ada.actor.tenant_id})
    assert (await ada.http.get("campaigns")).status_code == 403
    line = await refused_at_the_door(engine, ada.actor.user_id)
    assert line.details == {"tenant_id": str(ada.actor.tenant_id), "code": "tenant_suspended"}


async def refused_at_the_door(engine: AsyncEngine, user_id: UserId) -> Any:
    """The one line."""
    async with engine.connect() as connection:
        found = await connection.execute(select(security_log).where(security_log.c.user_id == user_id))
        line = found.one()
    assert line.event == "tenant_refused"
    return line


async def test_changes_are_found_by_who_what_and_when(ada: Person, viewer: Viewer) -> None:
    before = datetime.now(UTC)
    campaign = await ada.campaign()
    await ada.http.patch(f"campaigns/{campaign['id']}", json={"name": "Summer"})
    await viewer.http.post("campaigns", json=CAMPAIGN)
    done, made = await audit(ada, action="campaign")
    assert (made["action"], made["version"], made["user_name"], made["before"]) == ("campaign.created", 1, "Ada", {})
    assert (done["before"]["name"], done["after"]["name"]) == ("Spring launch", "Summer")
    assert [row["action"] for row in await audit(ada, action="campaign.created")] == ["campaign.created"]
    assert await audit(ada, action="camp") == []
    assert len(await audit(ada, user_id=str(viewer.user_id))) == 1
    assert len(await audit(ada, object_id=str(campaign["id"]))) == 2
    assert len(await audit(ada, decision="allowed")) == 2
    assert len(await audit(ada, since=before.isoformat())) == 3
    assert await audit(ada, until=before.isoformat()) == []
    assert await audit(ada, since=(before + timedelta(days=1)).isoformat()) == []


async def test_pages_from_either_end(ada: Person) -> None:
    for number in range(5):
        await ada.campaign(name=f"Campaign {number}")
    for sort, expected in (("at", [0, 1, 2, 3, 4]), ("-at", [4, 3, 2, 1, 0])):
        first = (await ada.http.get("audit", params={"sort": sort, "limit": 3})).json()
        rest = (await ada.http.get("audit", params={"sort": sort, "cursor": first["next_cursor"]})).json()
        names = [row["after"]["name"] for row in first["items"] + rest["items"]]
        assert names == [f"Campaign {number}" for number in expected]
    other = await ada.http.get("audit", params={"sort": "at", "cursor": first["next_cursor"]})
    assert other.json()["code"] == "bad_cursor"


@pytest.mark.parametrize(
    "query",
    [{"since": "2026-03-01T00:00:00"}, {"since": "soon"}, {"decision": "maybe"}, {"action": "a%"}, {"limit": "0"}],
)
async def test_questions_that_are_none(ada: Person, query: dict[str, str]) -> None:
    assert (await ada.http.get("audit", params=query)).status_code == 422


async def test_another_tenants_rows_are_never_among_them(person: NewPerson, ada: Person) -> None:
    await (await person()).campaign()
    assert await audit(ada) == []


async def test_the_chain_is_verified(ada: Person, viewer: Viewer, system: System) -> None:
    await ada.campaign()
    waiting = (await ada.http.get("audit/verification")).json()
    assert (waiting["intact"], waiting["sealed"], waiting["unsealed"], waiting["head"]) == (True, 0, 1, None)
    await system.application.audit.seal_due()
    assert [row["seq"] for row in await audit(ada)] == [1]
    sealed = (await ada.http.get("audit/verification")).json()
    assert (sealed["intact"], sealed["sealed"], sealed["unsealed"]) == (True, 1, 0)
    noted = await ada.http.get("audit/verification", params={"head": sealed["head"]})
    assert noted.json() == sealed
    lost = (await ada.http.get("audit/verification", params={"head": f"2:{'0' * 64}"})).json()
    assert lost["first_broken"] == {"seq": 2, "audit_id": None, "reason": "head_missing"}
    assert (await ada.http.get("audit/verification", params={"head": "1"})).json()["code"] == "bad_head"
    assert (await viewer.http.get("audit/verification")).status_code == 403
