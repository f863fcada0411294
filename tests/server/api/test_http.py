"""What every answer has, whatever the route: problems, ids, headers, limits; the probes and the description."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter
from sqlalchemy import text

from domain.errors import (
    BudgetSpent,
    Busy,
    DomainError,
    Duplicate,
    IllegalMove,
    LimitExceeded,
    StaleVersion,
    Unavailable,
)
from server.api.app import create_app
from server.api.middleware import SECURITY_HEADERS
from server.api.problems import KINDS, kind_of
from server.bootstrap import System
from server.embedded.parts import PartStatus
from tests.server.api.conftest import CAMPAIGN, Person


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Busy("-"), 409),
        (Duplicate("-"), 409),
        (IllegalMove("-"), 409),
        (StaleVersion("-"), 412),
        (LimitExceeded("-"), 429),
        (BudgetSpent("-"), 409),
        (Unavailable("-"), 503),
        (DomainError("-"), 500),
    ],
)
def test_an_error_is_found_by_its_nearest_ancestor(error: DomainError, status: int) -> None:
    assert kind_of(error).status == status


def test_every_branch_of_the_error_tree_is_in_the_table() -> None:
    tree = {kind for kind in DomainError.__subclasses__() if kind.__module__ == DomainError.__module__}
    assert tree <= KINDS.keys()


async def _problem(answer: httpx.Response) -> tuple[int, str]:
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["status"] == answer.status_code
    assert problem["request_id"] == answer.headers["X-Request-ID"]
    assert problem.keys() >= {"type", "title", "status", "detail", "code", "field", "request_id"}
    return answer.status_code, problem["code"]


async def test_routes_and_methods_that_are_none(anonymous: httpx.AsyncClient) -> None:
    assert await _problem(await anonymous.get("/nowhere")) == (404, "no_such_route")
    wrong = await anonymous.put("/api/v1/sign-in")
    assert await _problem(wrong) == (405, "method_not_allowed")
    assert wrong.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"{", "1"),
        (b'{"email": "a@example.com"}', "password"),
        (b'{"email": "a@example.com", "password": "x", "admin": true}', "admin"),
        (b'["a"]', "body"),
        (b"", "body"),
        (b'{"email": "a@example.com", "password": "\\ud800"}', "password"),
    ],
)
async def test_malformed_payloads(anonymous: httpx.AsyncClient, body: bytes, place: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await anonymous.post("/api/v1/sign-in", content=body, headers=headers)
    assert await _problem(answer) == (422, "malformed")
    assert [one["field"] for one in answer.json()["errors"]] == [place]


async def test_what_was_sent_does_not_come_back(anonymous: httpx.AsyncClient) -> None:
    answer = await anonymous.post("/api/v1/sign-in", json={"email": ["secret-a"], "password": {"secret": "b"}})
    assert "secret" not in answer.text


async def test_a_body_too_large_announced_or_in_pieces(anonymous: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 10_000

    headers = {"Content-Type": "application/json"}
    for content in (b"x" * 200_000, pieces()):
        answer = await anonymous.post("/api/v1/sign-in", content=content, headers=headers)
        assert await _problem(answer) == (413, "body_too_large")


async def test_a_request_keeps_a_sane_id_of_its_own(anonymous: httpx.AsyncClient) -> None:
    kept = await anonymous.get("/livez", headers={"X-Request-ID": "client-7.a_b"})
    assert kept.headers["X-Request-ID"] == "client-7.a_b"
    for strange in (b"x" * 65, b"a b", b'"><script>', "é".encode()):
        answer = await anonymous.get("/livez", headers={b"X-Request-ID": strange})
        assert len(answer.headers["X-Request-ID"]) == 36


async def test_headers_that_protect(anonymous: httpx.AsyncClient, ada: Person) -> None:
    for answer in (await anonymous.get("/"), await anonymous.get("/nowhere"), await ada.http.get("campaigns")):
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value
    assert (await ada.http.get("campaigns")).headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in (await anonymous.get("/livez")).headers
    secure = await anonymous.get("https://api.test/livez")
    assert "max-age" in secure.headers["Strict-Transport-Security"]


async def test_other_origins(anonymous: httpx.AsyncClient) -> None:
    """The one that is configured may read our headers; no other may anything. Refusals have them too."""
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "Authorization,Idempotency-Key"}
    allowed = await anonymous.options("/api/v1/sign-in", headers={"Origin": "https://app.example", **asked})
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://app.example"
    refused = await anonymous.get("/api/v1/me", headers={"Origin": "https://app.example"})
    assert refused.status_code == 401
    assert refused.headers["Access-Control-Allow-Origin"] == "https://app.example"
    exposed = refused.headers["Access-Control-Expose-Headers"]
    assert {"ETag", "Location", "X-Request-ID"} <= {name.strip() for name in exposed.split(",")}
    stranger = await anonymous.options("/api/v1/sign-in", headers={"Origin": "https://evil.example", **asked})
    assert "Access-Control-Allow-Origin" not in stranger.headers


@pytest.fixture
def broken(system: System) -> FastAPI:
    app = create_app(system)

    async def fail() -> None:
        raise RuntimeError("a secret of the inside")

    async def late() -> None:
        raise Unavailable("The database can't be reached.", code="database_unavailable")

    app.add_api_route("/fail", fail)
    app.add_api_route("/late", late)
    return app


async def test_our_own_mistakes_say_nothing_of_the_inside(broken: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(broken), base_url="http://api.test") as client:
        answer = await client.get("/fail", headers={"Origin": "https://app.example"})
        assert await _problem(answer) == (500, "internal")
        assert "secret" not in answer.text
        away = await client.get("/late")
        assert await _problem(away) == (503, "database_unavailable")
        assert away.headers["Retry-After"] == "5"


async def test_a_line_for_every_request_and_nothing_that_was_said(ada: Person, lines: io.StringIO) -> None:
    session = await ada.session()
    said = "Wer ist im Team? geheim-4711"
    accepted = await ada.http.post(f"sessions/{session}/turns", json={"message": said})
    path = f"sessions/{session}/turns/{accepted.json()['id']}"
    while (await ada.http.get(path)).json()["status"] in ("queued", "running"):
        await asyncio.sleep(0.02)
    await ada.http.get("campaigns", params={"search": "geheim-4712"})
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    posted = next(one for one in logged if one["event"] == "request" and one["status"] == 202)
    assert posted["request_id"] == accepted.headers["X-Request-ID"]
    assert posted["tenant_id"] == str(ada.actor.tenant_id)
    assert posted["session_id"] == session
    assert posted["turn_id"] == accepted.json()["id"]
    assert posted["user_id"] == str(ada.actor.user_id)
    assert posted["method"] == "POST"
    assert "geheim" not in lines.getvalue()
    assert ada.token not in lines.getvalue()


async def test_who_did_it_is_in_the_audit_with_its_request(ada: Person, system: System) -> None:
    made = await ada.http.post("campaigns", json=CAMPAIGN, headers={"X-Request-ID": "audit-me"})
    query = text("SELECT action, user_id, request_id FROM audit_log WHERE object_id = :id")
    async with system.connections.engine.connect() as connection:
        await connection.execute(
            text("SELECT set_config('app.tenant_id', :id, true)"), {"id": str(ada.actor.tenant_id)}
        )
        rows = (await connection.execute(query, {"id": made.json()["id"]})).all()
    assert [tuple(row) for row in rows] == [("campaign.created", ada.actor.user_id, "audit-me")]


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ([PartStatus("temporal", "127.0.0.1:7233", 0.4)], "ready"),
        ([PartStatus("temporal", "", None, "being built"), PartStatus("worker", "", None, "waits")], "degraded"),
    ],
)
async def test_readiness_with_its_parts(system: System, statuses: Sequence[PartStatus], status: str) -> None:
    transport = httpx.ASGITransport(create_app(system, lambda: statuses))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test") as client:
        for _ in range(2):
            answer = await client.get("/readyz")
            assert (answer.status_code, answer.json()["status"]) == (200, status)
            assert answer.json()["checks"]["postgres"] == "ok"
            assert answer.json()["checks"]["redis"] == "ok"


async def test_alive_without_asking_anybody(anonymous: httpx.AsyncClient) -> None:
    assert (await anonymous.get("/livez")).json() == {"status": "alive"}


async def test_the_description_of_the_api(anonymous: httpx.AsyncClient) -> None:
    described: dict[str, Any] = (await anonymous.get("/api/v1/openapi.json")).json()
    operations = [one for path in described["paths"].values() for one in path.values()]
    ids = [one["operationId"] for one in operations]
    assert len(set(ids)) == len(ids)
    assert {"create_campaign", "post_turn", "follow_session"} <= set(ids)
    assert "HTTPValidationError" not in described["components"]["schemas"]
    refused = described["paths"]["/api/v1/tenants/{tenant_id}/campaigns"]["post"]["responses"]["422"]
    assert list(refused["content"]) == ["application/problem+json"]
    for path, methods in described["paths"].items():
        for one in methods.values():
            named = {parameter["name"] for parameter in one.get("parameters", ()) if parameter["in"] == "path"}
            assert path.count("{") == len(named), path


def test_every_body_has_an_example_and_every_example_is_a_body(app: FastAPI) -> None:
    described, tried = app.openapi(), 0
    for one in iter_route_contexts(app.routes):
        route = one.original_route
        if not isinstance(route, APIRoute) or route.body_field is None or not route.include_in_schema:
            continue
        for method in one.methods or ():
            content = described["paths"][one.path][method.lower()]["requestBody"]["content"].get("application/json")
            if content is None:
                continue
            body: Any = route.body_field.field_info.annotation
            examples = [*_shown(content), *_examples_of(content["schema"], described["components"]["schemas"])]
            assert examples, f"{one.path}: show what may be sent"
            for example in examples:
                TypeAdapter(body).validate_json(json.dumps(example))
            tried += len(examples)
    assert tried >= 50


def _shown(content: dict[str, Any]) -> list[Any]:
    return [shown["value"] for shown in content.get("examples", {}).values()]


def _examples_of(schema: dict[str, Any], models: dict[str, Any]) -> list[Any]:
    named = [one.get("$ref", "").rsplit("/", 1)[-1] for one in (schema, *schema.get("anyOf", ()))]
    return [example for name in named for example in models.get(name, {}).get("examples", ())]


async def test_the_page_and_what_it_loads_is_ours(anonymous: httpx.AsyncClient) -> None:
    page = await anonymous.get("/")
    assert page.status_code == 200
    assert "<script" in page.text
    for part in ("/static/app.js", "/static/style.css"):
        assert part in page.text
        found = await anonymous.get(part)
        assert found.status_code == 200
        assert "http://" not in found.text.replace("http://www.w3.org/2000/svg", "")
        assert "https://" not in found.text
    assert " style=" not in page.text
    assert " onclick=" not in page.text
