"""Signing in and staying signed in, as browsers and as programs do it; the devices, and who one is."""

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import UserId, new_id
from server.bootstrap import System
from tests.server.api.signing_in import HTTP, HTTPS, Account, bearer, browser, events_of, new_account, problem

_PROBLEM = "application/problem+json"


@pytest.fixture
async def account(engine: AsyncEngine, password_hash: str) -> Account:
    return await new_account(engine, password_hash)


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        yield client


async def in_body(http: httpx.AsyncClient, account: Account) -> httpx.Response:
    answer = await http.post("sign-in", json={**account.credentials, "refresh_in": "body"})
    assert answer.status_code == 200, answer.text
    return answer


async def test_signing_in_answers_with_all_that_a_client_needs(http: httpx.AsyncClient, account: Account) -> None:
    typed = {**account.credentials, "email": f" {account.email.upper()} "}
    entry = (await http.post("sign-in", json=typed)).json()
    assert (entry["token_type"], entry["expires_in"], entry["refresh_token"]) == ("Bearer", 600, None)
    assert entry["user"] == {
        **{"id": str(account.user_id), "name": "Grace", "email": account.email},
        "has_password": True,
    }
    assert [(one["name"], one["role"]) for one in entry["tenants"]] == [("Hopper & Co", "owner")]
    me = await http.get("me", headers={"Authorization": f"Bearer {entry['access_token']}"})
    assert me.json() == {name: entry[name] for name in ("user", "tenants", "model")}
    assert me.json()["model"] == "offline"


@pytest.mark.parametrize(
    ("root", "name", "secure"), [(HTTPS, "__Host-mp-refresh", True), (HTTP, "mp-refresh", "")], ids=["https", "http"]
)
async def test_a_browser_keeps_the_refresh_token_in_a_cookie_that_no_script_reads(
    app: FastAPI, account: Account, root: str, name: str, secure: object
) -> None:
    async with browser(app, root) as http:
        answer = await http.post("sign-in", json=account.credentials)
        cookies = SimpleCookie(answer.headers["set-cookie"])
        assert list(cookies) == [name]
        kept = cookies[name]
        assert kept.value not in answer.text
        assert (kept["httponly"], kept["secure"], kept["samesite"]) == (True, secure, "strict")
        assert (kept["path"], kept["domain"]) == ("/", "")
        assert 29 * 86_400 < int(kept["max-age"]) <= 30 * 86_400
        again = await http.post("refresh")
        assert again.status_code == 200
        assert http.cookies[name] != kept.value


async def test_over_https_the_cookie_of_http_counts_for_nothing(app: FastAPI, account: Account) -> None:
    """Another host of the domain could have set it."""
    async with browser(app, HTTP) as plain, browser(app, HTTPS) as http:
        await plain.post("sign-in", json=account.credentials)
        cookie = {"Cookie": f"mp-refresh={plain.cookies['mp-refresh']}"}
        assert problem(await http.post("refresh", headers=cookie)) == (401, "refresh_token_missing")


async def test_another_program_gets_the_refresh_token_in_the_answer(http: httpx.AsyncClient, account: Account) -> None:
    first = await in_body(http, account)
    second = await http.post("refresh", json={"refresh_token": first.json()["refresh_token"]})
    for answer in (first, second):
        assert "set-cookie" not in answer.headers
        assert len(answer.json()["refresh_token"]) == 70
    assert second.json()["refresh_token"] != first.json()["refresh_token"]
    assert second.json()["refresh_expires_at"] == first.json()["refresh_expires_at"]
    assert (await http.get("me", headers=bearer(second))).json()["user"] == second.json()["user"]


async def test_refreshing_without_a_token_or_with_none_of_ours(http: httpx.AsyncClient) -> None:
    for body in (None, {}, {"refresh_token": None}, {"refresh_token": ""}):
        assert problem(await http.post("refresh", json=body)) == (401, "refresh_token_missing")
    for token in ("x", "A" * 70, "é"):
        answer = await http.post("refresh", json={"refresh_token": token})
        assert problem(answer) == (401, "invalid_refresh_token")
        assert answer.headers["content-type"] == _PROBLEM
    assert problem(await http.post("refresh", json={"refresh_token": "A" * 201})) == (422, "malformed")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://api.test"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://api.test.evil.example"},
        {"Origin": "null"},
    ],
    ids=["cross-site", "same-site", "origin", "longer origin", "opaque origin"],
)
async def test_a_page_of_another_site_can_use_no_cookie(
    http: httpx.AsyncClient, account: Account, headers: dict[str, str]
) -> None:
    await http.post("sign-in", json=account.credentials)
    for path in ("refresh", "sign-out"):
        assert problem(await http.post(path, headers=headers)) == (403, "cross_site")
    assert (await http.post("refresh")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin", "Origin": "https://api.test"}, {"Origin": "https://api.test"}],
    ids=["fetch metadata", "origin alone"],
)
async def test_our_own_page_uses_the_cookie(http: httpx.AsyncClient, account: Account, headers: dict[str, str]) -> None:
    await http.post("sign-in", json=account.credentials, headers=headers)
    assert (await http.post("refresh", headers=headers)).status_code == 200
    assert (await http.post("sign-out", headers=headers)).status_code == 204


async def test_a_page_of_another_site_signs_nobody_in_behind_their_back(
    http: httpx.AsyncClient, account: Account
) -> None:
    answer = await http.post("sign-in", json=account.credentials, headers={"Origin": "https://app.example"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


async def test_signing_out_of_a_browser(http: httpx.AsyncClient, account: Account, engine: AsyncEngine) -> None:
    await http.post("sign-in", json=account.credentials)
    old = {"refresh_token": http.cookies["__Host-mp-refresh"]}
    left = await http.post("sign-out")
    assert (left.status_code, left.content, dict(http.cookies)) == (204, b"", {})
    assert problem(await http.post("refresh", json=old)) == (401, "sign_in_ended")
    assert await events_of(engine, account.user_id) == ["signed_in", "signed_out"]


@pytest.mark.parametrize("by", ["body", "access token"])
async def test_signing_out_of_another_program(http: httpx.AsyncClient, account: Account, by: str) -> None:
    entry = await in_body(http, account)
    token = {"refresh_token": entry.json()["refresh_token"]}
    left = await http.post("sign-out", **({"json": token} if by == "body" else {"headers": bearer(entry)}))
    assert left.status_code == 204
    assert problem(await http.post("refresh", json=token)) == (401, "sign_in_ended")


async def test_signing_out_without_having_signed_in(http: httpx.AsyncClient) -> None:
    assert problem(await http.post("sign-out")) == (401, "token_missing")


async def test_devices_are_listed_and_a_lost_one_is_revoked(
    app: FastAPI, http: httpx.AsyncClient, account: Account, engine: AsyncEngine
) -> None:
    async with browser(app, **{"User-Agent": "Phone/1.0"}) as phone:
        lost = await in_body(phone, account)
    here = await in_body(http, account)
    devices = (await http.get("sign-ins", headers=bearer(here))).json()
    assert [(one["device"].split("/")[0], one["current"]) for one in devices] == [
        ("python-httpx", True),
        ("Phone", False),
    ]
    ended = await http.delete(f"sign-ins/{devices[1]['id']}", headers=bearer(here))
    assert (ended.status_code, ended.content) == (204, b"")
    refreshed = await http.post("refresh", json={"refresh_token": lost.json()["refresh_token"]})
    assert problem(refreshed) == (401, "sign_in_ended")
    assert len((await http.get("sign-ins", headers=bearer(here))).json()) == 1
    assert await events_of(engine, account.user_id) == ["signed_in", "signed_in", "sign_in_revoked"]


async def test_somebody_elses_device_looks_like_none(
    http: httpx.AsyncClient, account: Account, engine: AsyncEngine, password_hash: str
) -> None:
    entry = await in_body(http, account)
    (device,) = (await http.get("sign-ins", headers=bearer(entry))).json()
    stranger = bearer(await in_body(http, await new_account(engine, password_hash)))
    answers = [
        await http.delete(f"sign-ins/{id}", headers=stranger) for id in (device["id"], str(new_id()), "not-an-id")
    ]
    assert [problem(answer) for answer in answers] == [(404, "sign_in_not_found")] * 3
    told = [{**answer.json(), "request_id": ""} for answer in answers]
    assert told[0] == told[1] == told[2]
    assert (await http.post("refresh", json={"refresh_token": entry.json()["refresh_token"]})).status_code == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "me"), ("GET", "sign-ins"), ("DELETE", "sign-ins/x")])
async def test_what_needs_an_access_token(http: httpx.AsyncClient, method: str, path: str) -> None:
    assert problem(await http.request(method, path)) == (401, "token_missing")


async def test_a_token_that_outlived_its_account(http: httpx.AsyncClient, system: System) -> None:
    token = system.tokens.issue(UserId(new_id()), new_id())
    answer = await http.get("me", headers={"Authorization": f"Bearer {token}"})
    assert problem(answer) == (401, "no_account")


async def test_a_device_that_calls_itself_strange_things(app: FastAPI, account: Account) -> None:
    async with browser(app, **{"User-Agent": "x" * 5_000}) as http:
        entry = await in_body(http, account)
        (device,) = (await http.get("sign-ins", headers=bearer(entry))).json()
        assert device["device"] == "x" * 200


async def test_an_account_without_a_password_is_told_so(
    http: httpx.AsyncClient, engine: AsyncEngine, system: System
) -> None:
    grace = await new_account(engine, None)
    assert problem(await http.post("sign-in", json=grace.credentials)) == (401, "wrong_credentials")
    token = system.tokens.issue(grace.user_id, new_id())
    me = (await http.get("me", headers={"Authorization": f"Bearer {token}"})).json()
    assert me["user"]["has_password"] is False
