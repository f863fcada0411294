"""Another tenant's ids on every route: the matrix is made from the routes, so a new one is in it or fails it."""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from joserfc.jwk import ECKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from server.identity.tokens import AccessTokens
from server.postgres.tables import metadata
from server.settings import Settings
from tests.fakes.clock import FakeClock
from tests.server.api.conftest import CAMPAIGN, NewPerson, Person

PREFIX = "/api/v1/tenants/{tenant_id}"

# A body that would be accepted from one's own.
BODIES: dict[str, dict[str, Any]] = {
    "create_campaign": CAMPAIGN,
    "update_campaign": {"name": "Taken over"},
    "move_campaign": {"move": "cancel", "reason": "mine now"},
    "draft_plan": {"channels": ["search"]},
    "revise_plan": {"flighting": "front_loaded"},
    "optimize_plan": {},
    "try_what_if": {"budget_percent": "-10"},
    "open_session": {"title": "Mine"},
    "rename_session": {"title": "Mine"},
    "post_turn": {"message": "Show me everything"},
    "start_planning_job": {"channels": ["search"]},
    "change_settings": {"locale": "de-DE"},
}
WITHOUT_BODY = {"archive_campaign", "restore_campaign", "cancel_turn", "cancel_job", "delete_session"}
OUTSIDE = {"sign_in", "me", "livez", "readyz", "_page"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    name: str
    method: str
    path: str

    @property
    def ids(self) -> list[str]:
        return [name for name in re.findall(r"{(\w+)}", self.path) if name != "tenant_id"]


@dataclass(frozen=True, slots=True)
class Owned:
    """What a tenant has: one of everything that an id can name."""

    person: Person
    ids: dict[str, str]


@pytest.fixture(scope="module")
def endpoints(app: FastAPI) -> list[Endpoint]:
    contexts = [one for one in iter_route_contexts(app.routes) if isinstance(one.original_route, APIRoute)]
    return [Endpoint(str(one.name), method, str(one.path)) for one in contexts for method in one.methods or ()]


@pytest.fixture
def inside(endpoints: list[Endpoint]) -> list[Endpoint]:
    """The routes of a tenant; those that take something away come last."""
    return sorted((one for one in endpoints if one.name not in OUTSIDE), key=lambda one: one.method == "DELETE")


@pytest.fixture
async def theirs(person: NewPerson) -> Owned:
    return await _owned(await person())


async def _owned(owner: Person) -> Owned:
    campaign = await owner.campaign()
    plan = (await owner.http.post(f"campaigns/{campaign['id']}/plans", json={"channels": ["search", "ctv"]})).json()
    session = await owner.session()
    turn = (await owner.http.post(f"sessions/{session}/turns", json={"message": "hello"})).json()
    job = (await owner.http.post(f"campaigns/{campaign['id']}/jobs")).json()
    while (await owner.http.get(f"sessions/{session}/turns/{turn['id']}")).json()["status"] in ("queued", "running"):
        await asyncio.sleep(0.02)
    ids = {"campaign_id": campaign["id"], "plan_id": plan["id"], "session_id": session, "turn_id": turn["id"]}
    own = {"tenant_id": owner.actor.tenant_id, "job_id": job["id"]}
    return Owned(owner, {name: str(value) for name, value in {**ids, **own}.items()})


async def _state(engine: AsyncEngine, tenant_id: object) -> dict[str, list[Any]]:
    """Every row of the tenant, in every table that has tenants."""
    rows = {}
    async with engine.connect() as connection:
        await connection.execute(text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(tenant_id)})
        for table in metadata.sorted_tables:
            if "tenant_id" in table.c and table.name != "wakeups":
                query = text(f"SELECT * FROM {table.name} WHERE tenant_id = :id ORDER BY 1, 2, 3")
                rows[table.name] = list((await connection.execute(query, {"id": tenant_id})).all())
    return rows


async def _tried(client: httpx.AsyncClient, token: str | None, one: Endpoint, ids: dict[str, str]) -> httpx.Response:
    headers = {"Idempotency-Key": str(new_id())} | ({"Authorization": f"Bearer {token}"} if token else {})
    return await client.request(one.method, one.path.format(**ids), headers=headers, json=BODIES.get(one.name))


def test_the_matrix_knows_every_route(endpoints: list[Endpoint], inside: list[Endpoint]) -> None:
    writing = {one.name for one in endpoints if one.method != "GET"}
    assert writing <= BODIES.keys() | WITHOUT_BODY | OUTSIDE
    assert len(inside) >= 30
    assert all(one.path.startswith(PREFIX) for one in inside)


async def test_another_tenants_door_stays_shut(
    inside: list[Endpoint], theirs: Owned, ada: Person, anonymous: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    before = await _state(engine, theirs.person.actor.tenant_id)
    for one in inside:
        answer = await _tried(anonymous, ada.token, one, theirs.ids)
        assert (answer.status_code, answer.json()["code"]) == (404, "tenant_not_found"), one
    assert await _state(engine, theirs.person.actor.tenant_id) == before
    assert before["campaigns"]
    assert before["audit_log"]


async def test_another_tenants_ids_are_unknown_in_ones_own(
    inside: list[Endpoint], theirs: Owned, ada: Person, anonymous: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    """One foreign id at a time, everything else one's own: nothing else can be the reason."""
    mine = await _owned(ada)
    tenants = theirs.person.actor.tenant_id, ada.actor.tenant_id
    before = [await _state(engine, tenant) for tenant in tenants]
    cases = [(one, foreign) for one in inside for foreign in one.ids]
    assert len(cases) >= 24
    for one, foreign in cases:
        answer = await _tried(anonymous, ada.token, one, {**mine.ids, foreign: theirs.ids[foreign]})
        assert answer.status_code == 404, (one, foreign, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
    assert [await _state(engine, tenant) for tenant in tenants] == before


async def test_what_works_for_the_owner(inside: list[Endpoint], theirs: Owned, anonymous: httpx.AsyncClient) -> None:
    """The control: with one's own ids the same requests arrive, so it was the ids that were refused."""
    for one in inside:
        if one.name != "follow_session":  # it has no end
            answer = await _tried(anonymous, theirs.person.token, one, theirs.ids)
            assert answer.status_code not in (401, 403, 404, 405, 422), (one, answer.text)


async def test_malformed_ids_look_like_unknown_ones(
    inside: list[Endpoint], theirs: Owned, anonymous: httpx.AsyncClient
) -> None:
    for one in inside:
        for name in one.ids:
            answers = [
                await _tried(anonymous, theirs.person.token, one, {**theirs.ids, name: id})
                for id in (str(new_id()), "not-an-id", "%00", "1")
            ]
            told = [{**answer.json(), "request_id": ""} for answer in answers]
            assert told == [told[0]] * 4, (one, name)
            assert told[0]["status"] == 404, (one, name)


async def test_nobody_gets_in_without_a_token(
    inside: list[Endpoint], theirs: Owned, anonymous: httpx.AsyncClient
) -> None:
    for one in inside:
        answer = await _tried(anonymous, None, one, theirs.ids)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_missing"), one


async def test_an_expired_token_and_a_forged_one_open_nothing(
    inside: list[Endpoint], theirs: Owned, anonymous: httpx.AsyncClient, settings: Settings
) -> None:
    """The one is ours, but of yesterday; the other is of today, but not ours."""
    assert settings.signing_key
    user_id = theirs.person.actor.user_id
    yesterday = FakeClock(datetime.now(UTC) - timedelta(days=1))
    stale = AccessTokens(settings.signing_key.get_secret_value(), yesterday).issue(user_id)
    other_key = ECKey.generate_key("P-256").as_pem(private=True).decode()
    forged = AccessTokens(other_key, FakeClock(datetime.now(UTC))).issue(user_id)
    for one in inside:
        for token, code in ((stale, "token_expired"), (forged, "invalid_token")):
            answer = await _tried(anonymous, token, one, theirs.ids)
            assert (answer.status_code, answer.json()["code"]) == (401, code), one
