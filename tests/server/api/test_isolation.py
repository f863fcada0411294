"""Another tenant's ids on every route: the matrix is made from the routes, so a new one is in it or fails it."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from joserfc.jwk import ECKey
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from server.bootstrap import System
from server.identity.tokens import AccessTokens
from server.settings import Settings
from tests.fakes.clock import FakeClock
from tests.security.figures import Figures
from tests.server.api.conftest import NewPerson, Person
from tests.server.api.matrix import (
    ACCOUNT,
    BODIES,
    FORMS,
    PREFIX,
    PUBLIC,
    QUERIES,
    REFUSED,
    WITHOUT_BODY,
    WORDS,
    Cell,
    Endpoint,
    asked,
    body_ids,
    cells,
    endpoints_of,
    filled,
    placeholders,
)
from tests.server.api.owned import Owned, ended, owned, rows

pytestmark = pytest.mark.security

# What is refused to the owner too, though it is found: whose it is shows from the code.
NOT_THE_OWNERS = {("withdraw_approval", "not_your_request")}
LAST = ["remove_member", "suspend_tenant", "resume_tenant", "erase_tenant"]


@pytest.fixture(scope="module")
def endpoints(app: FastAPI) -> list[Endpoint]:
    return endpoints_of(app)


@pytest.fixture
def inside(endpoints: list[Endpoint]) -> list[Endpoint]:
    """The routes of a tenant; those that take something away come last."""

    def order(one: Endpoint) -> tuple[int, bool, bool]:
        return LAST.index(one.name) if one.name in LAST else -1, one.method == "DELETE", one.method != "GET"

    return sorted((one for one in endpoints if one.path.startswith(PREFIX)), key=order)


@pytest.fixture
async def theirs(person: NewPerson, engine: AsyncEngine, system: System) -> Owned:
    return await owned(engine, system, await person())


@pytest.fixture
async def mine(ada: Person, engine: AsyncEngine, system: System) -> Owned:
    return await owned(engine, system, ada)


def test_the_matrix_knows_every_route_and_every_id(
    app: FastAPI, endpoints: list[Endpoint], inside: list[Endpoint], theirs: Owned
) -> None:
    for one in endpoints:
        outside = one.name in ACCOUNT | PUBLIC
        assert (one in inside) != outside, f"{one.name}: add it to ACCOUNT or PUBLIC, or put it under the tenant"
        if not outside and one.method != "GET":
            assert one.name in BODIES.keys() | FORMS.keys() | WITHOUT_BODY, (
                f"{one.name}: add a body that would be accepted"
            )
        if one.name in PUBLIC:
            continue
        unknown = set(one.path_ids) - theirs.ids.keys()
        assert not unknown, f"{one.name} has ids that no tenant of the matrix owns; add them to owned(): {unknown}"
        assert set(one.query_ids) <= QUERIES.keys(), f"{one.name}: say in QUERIES what {one.query_ids} name"
    for one in inside:
        if one.name in BODIES:
            wanted = sorted(map(sorted, body_ids(app, one)))
            given = sorted(sorted(placeholders(body)) for body in one.bodies)
            assert given == wanted, f"{one.name}: its bodies carry the ids {wanted}; put each into BODIES"
    assert len(inside) >= 60


async def test_another_tenants_door_stays_shut(
    inside: list[Endpoint],
    theirs: Owned,
    ada: Person,
    anonymous: httpx.AsyncClient,
    engine: AsyncEngine,
    figures: Figures,
) -> None:
    tenant = theirs.person.actor.tenant_id
    before = await rows(engine, tenant)
    leaks = []
    for one in inside:
        answer = await asked(anonymous, ada.token, one, theirs.ids, filled(one.bodies[0], theirs.ids))
        if (answer.status_code, answer.json()["code"]) != (404, "tenant_not_found"):
            leaks.append((one.name, answer.text))
    after = await rows(engine, tenant)
    leaks += [(name, "changed") for name in before if before[name] != after[name]]
    figures.put("routes", len(inside))
    figures.add("matrix_cells", len(inside))
    figures.add("leaks", len(leaks))
    assert not leaks
    assert all(before[table] for table in ("campaigns", "audit_log", "approvals", "sign_ins"))


async def test_another_tenants_ids_are_unknown_in_ones_own(
    endpoints: list[Endpoint],
    theirs: Owned,
    mine: Owned,
    anonymous: httpx.AsyncClient,
    engine: AsyncEngine,
    figures: Figures,
) -> None:
    """One foreign id at a time, everything else one's own: nothing else can be the reason."""
    tenants = theirs.person.actor.tenant_id, mine.person.actor.tenant_id
    before = [await rows(engine, tenant) for tenant in tenants]
    tried = cells([one for one in endpoints if one.name not in PUBLIC])
    leaks, refused = [], []
    for cell in tried:
        answer = await cell.tried(anonymous, mine.person.token, mine.ids, theirs.ids)
        if not answers_nothing(cell, answer):
            leaks.append((cell, answer.text))
        if cell.endpoint.path.startswith(PREFIX) and cell.endpoint.method != "GET":
            refused.append((f"http.{cell.endpoint.name}", answer.json()["code"]))
    after = [await rows(engine, tenant) for tenant in tenants]
    log = [[(row.action, row.code) for row in picture.pop("audit_log")] for picture in (before[1], after[1])]
    changed = [name for tenant in (0, 1) for name in before[tenant] if before[tenant][name] != after[tenant][name]]
    figures.add("matrix_cells", len(tried))
    figures.add("leaks", len(leaks) + len(changed))
    assert (leaks, changed) == ([], [])
    assert Counter(log[1]) - Counter(log[0]) == Counter(refused), "every denial leaves exactly one row"
    assert {cell.foreign for cell in tried} == theirs.ids.keys() - {"tenant_id"} - WORDS.keys()
    assert len(tried) >= 50


def answers_nothing(cell: Cell, answer: httpx.Response) -> bool:
    if cell.in_query and answer.status_code == 200:
        return bool(answer.json()["items"] == [])
    return answer.status_code == 404 and answer.headers["content-type"] == "application/problem+json"


async def test_what_works_for_the_owner(inside: list[Endpoint], theirs: Owned, anonymous: httpx.AsyncClient) -> None:
    """The control: with one's own ids the same requests arrive, so it was the ids that were refused."""
    for one in inside:
        if one.name == "follow_session" or one.name in REFUSED:  # the one has no end
            continue
        for body in one.bodies:
            answer = await asked(anonymous, theirs.person.token, one, theirs.ids, filled(body, theirs.ids))
            if answer.status_code == 403:
                assert (one.name, answer.json()["code"]) in NOT_THE_OWNERS, (one, answer.text)
            else:
                assert answer.status_code not in (401, 404, 405, 422), (one, answer.text)
            if one.name == "post_turn":
                await ended(theirs.person, theirs.ids["session_id"], answer.json()["id"])


async def test_ones_own_ids_in_a_question_find_something(
    inside: list[Endpoint], mine: Owned, anonymous: httpx.AsyncClient
) -> None:
    """The control: an empty answer says something only where one's own id has another."""
    (grant,) = BODIES["give_grant"]
    assert (await mine.person.http.post("grants", json=filled(grant, mine.ids))).status_code == 201
    for cell in cells(inside):
        if cell.in_query and cell.endpoint.method == "GET":
            answer = await cell.tried(anonymous, mine.person.token, mine.ids, mine.ids)
            assert answer.json()["items"], cell


async def test_malformed_ids_look_like_unknown_ones(
    inside: list[Endpoint], theirs: Owned, anonymous: httpx.AsyncClient
) -> None:
    for one in inside:
        body = filled(one.bodies[0], theirs.ids)
        for name in one.path_ids:
            answers = [
                await asked(anonymous, theirs.person.token, one, {**theirs.ids, name: id}, body)
                for id in (str(new_id()), "not-an-id", "%00", "1")
            ]
            told = [{**answer.json(), "request_id": ""} for answer in answers]
            assert told == [told[0]] * 4, (one, name)
            assert told[0]["status"] == 404, (one, name)


async def test_nobody_gets_in_without_a_token(
    endpoints: list[Endpoint], theirs: Owned, anonymous: httpx.AsyncClient
) -> None:
    for one in endpoints:
        if one.name not in PUBLIC:
            answer = await asked(anonymous, None, one, theirs.ids, filled(one.bodies[0], theirs.ids))
            assert (answer.status_code, answer.json()["code"]) == (401, "token_missing"), one


async def test_an_expired_token_and_a_forged_one_open_nothing(
    endpoints: list[Endpoint], theirs: Owned, anonymous: httpx.AsyncClient, settings: Settings
) -> None:
    """The one is ours, but of yesterday; the other is of today, but not ours."""
    assert settings.signing_key
    user_id = theirs.person.actor.user_id
    yesterday = FakeClock(datetime.now(UTC) - timedelta(days=1))
    stale = AccessTokens(settings.signing_key.get_secret_value(), yesterday).issue(user_id, new_id())
    other_key = ECKey.generate_key("P-256").as_pem(private=True).decode()
    forged = AccessTokens(other_key, FakeClock(datetime.now(UTC))).issue(user_id, new_id())
    for one in endpoints:
        if one.name in PUBLIC:
            continue
        for token, code in ((stale, "token_expired"), (forged, "invalid_token")):
            answer = await asked(anonymous, token, one, theirs.ids, filled(one.bodies[0], theirs.ids))
            assert (answer.status_code, answer.json()["code"]) == (401, code), one
