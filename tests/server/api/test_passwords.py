"""Changing one's password and setting a new one with a link, over HTTP."""

from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import UserId
from server.bootstrap import System
from services.account_work import NO_TENANT
from tests.server.api.conftest import PASSWORD
from tests.server.api.signing_in import Account, bearer, browser, events_of, new_account, problem

NEW = "a brand new password"


@pytest.fixture
async def account(engine: AsyncEngine, password_hash: str) -> Account:
    return await new_account(engine, password_hash)


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(app) as client:
        yield client


async def signed_in(http: httpx.AsyncClient, account: Account) -> httpx.Response:
    return await http.post("sign-in", json={**account.credentials, "refresh_in": "body"})


async def asked(engine: AsyncEngine, user_id: UserId) -> list[UUID]:
    """The resets of that account for which a letter is due."""
    query = text(
        "SELECT r.id FROM password_resets r JOIN wakeups w ON w.id = r.id AND w.kind = 'password_reset_mail' "
        "AND w.tenant_id = :nobody WHERE r.user_id = :user_id"
    )
    async with engine.connect() as connection:
        return [id for (id,) in await connection.execute(query, {"user_id": user_id, "nobody": NO_TENANT})]


async def test_changing_ones_password(http: httpx.AsyncClient, account: Account, engine: AsyncEngine) -> None:
    here, there = await signed_in(http, account), await signed_in(http, account)
    change = {"current_password": PASSWORD, "password": NEW}
    changed = await http.post("password", json=change, headers=bearer(here))
    assert (changed.status_code, changed.content) == (204, b"")
    answers = [await http.post("refresh", json={"refresh_token": one.json()["refresh_token"]}) for one in (here, there)]
    assert answers[0].status_code == 200
    assert problem(answers[1]) == (401, "sign_in_ended")
    assert problem(await signed_in(http, account)) == (401, "wrong_credentials")
    assert (await http.post("sign-in", json={"email": account.email, "password": NEW})).status_code == 200
    assert (await events_of(engine, account.user_id))[2:] == ["password_changed", "sign_in_failed", "signed_in"]


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"current_password": "wrong", "password": NEW}, 403, "wrong_password", "current_password"),
        ({"current_password": PASSWORD, "password": "short"}, 400, "password_too_short", "password"),
        ({"current_password": PASSWORD, "password": "x" * 300}, 400, "password_too_long", "password"),
        ({"current_password": PASSWORD, "password": "password123"}, 400, "password_guessable", "password"),
        ({"password": NEW}, 422, "malformed", "current_password"),
        ({"current_password": PASSWORD, "password": NEW, "user_id": "x"}, 422, "malformed", "user_id"),
    ],
    ids=["wrong", "short", "long", "guessable", "without the current one", "for somebody else"],
)
async def test_changes_that_are_refused(
    http: httpx.AsyncClient, account: Account, change: dict[str, str], status: int, code: str, field: str
) -> None:
    entry = await signed_in(http, account)
    answer = await http.post("password", json=change, headers=bearer(entry))
    assert (*problem(answer), answer.json()["field"]) == (status, code, field)
    for secret in (PASSWORD, NEW, "short", "password123"):
        assert f'"{secret}"' not in answer.text
    assert (await signed_in(http, account)).status_code == 200


async def test_changing_nobodys_password(http: httpx.AsyncClient) -> None:
    answer = await http.post("password", json={"current_password": PASSWORD, "password": NEW})
    assert problem(answer) == (401, "token_missing")


async def test_an_account_without_a_password_asks_for_a_link(
    http: httpx.AsyncClient, engine: AsyncEngine, system: System
) -> None:
    grace = await new_account(engine, None)
    token = {"Authorization": f"Bearer {system.tokens.issue(grace.user_id, grace.user_id)}"}
    answer = await http.post("password", json={"current_password": "none", "password": NEW}, headers=token)
    assert problem(answer) == (409, "no_password")
    await http.post("password-reset", json={"email": grace.email})
    (reset,) = await asked(engine, grace.user_id)
    link = system.connections.secrets.token("password-reset", reset)
    assert (await http.post("password-reset/confirm", json={"token": link, "password": NEW})).status_code == 204
    assert (await http.post("sign-in", json={"email": grace.email, "password": NEW})).status_code == 200


async def test_asking_for_a_link_gets_one_answer_whoever_it_is_for(
    http: httpx.AsyncClient, account: Account, engine: AsyncEngine
) -> None:
    answers = [
        await http.post("password-reset", json={"email": email})
        for email in (account.email, "nobody@example.com", "no address")
    ]
    told = [(one.status_code, one.content, [name for name in one.headers if name != "x-request-id"]) for one in answers]
    assert told[0] == told[1] == told[2]
    assert told[0][:2] == (202, b"")
    assert len(await asked(engine, account.user_id)) == 1
    assert await events_of(engine, account.user_id) == ["password_reset_asked"]


async def test_a_link_sets_a_password_once_and_signs_everybody_out(
    http: httpx.AsyncClient, account: Account, engine: AsyncEngine, system: System
) -> None:
    entry = await signed_in(http, account)
    await http.post("password-reset", json={"email": account.email.upper()})
    (reset,) = await asked(engine, account.user_id)
    link = system.connections.secrets.token("password-reset", reset)
    weak = await http.post("password-reset/confirm", json={"token": link, "password": "short"})
    assert problem(weak) == (400, "password_too_short")
    done = await http.post("password-reset/confirm", json={"token": link, "password": NEW})
    assert (done.status_code, done.content) == (204, b"")
    again = await http.post("password-reset/confirm", json={"token": link, "password": f"{NEW} 2"})
    assert problem(again) == (409, "reset_expired")
    refreshed = await http.post("refresh", json={"refresh_token": entry.json()["refresh_token"]})
    assert problem(refreshed) == (401, "sign_in_ended")
    assert (await http.post("sign-in", json={"email": account.email, "password": NEW})).status_code == 200
    assert (await events_of(engine, account.user_id))[1:3] == ["password_reset_asked", "password_reset"]


@pytest.mark.parametrize("token", ["x", "A" * 43])
async def test_a_link_that_is_none_of_ours(http: httpx.AsyncClient, token: str) -> None:
    answer = await http.post("password-reset/confirm", json={"token": token, "password": NEW})
    assert problem(answer) == (409, "reset_expired")
