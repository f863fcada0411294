"""How often an address, an account and a person may ask; and when they are told to come back."""

from collections.abc import Awaitable, Callable

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from domain.ids import new_id
from server.api.limits import address_of
from services import quotas
from services.gateways import Quota
from tests.server.api.conftest import NewPerson
from tests.server.api.signing_in import browser, problem

_NO_TOKEN = {"refresh_token": "none of ours"}
_NOBODY = {"token": "none of ours", "password": "four words at random"}


async def _until_limited(ask: Callable[[], Awaitable[httpx.Response]], quota: Quota) -> httpx.Response:
    """The first answer that is refused for it. While they are asked for, some more are earned."""
    for number in range(quota.burst * 20):
        answer = await ask()
        if answer.status_code == 429:
            assert number >= quota.burst
            return answer
    raise AssertionError("nothing was ever limited")


@pytest.mark.parametrize(
    ("method", "path", "body", "quota"),
    [
        ("POST", "sign-in", {}, quotas.SIGN_IN_ADDRESS),
        ("GET", "sign-in/google", None, quotas.SIGN_IN_ADDRESS),
        ("GET", "sign-in/google/callback", None, quotas.SIGN_IN_ADDRESS),
        ("POST", "password", {}, quotas.SIGN_IN_ADDRESS),
        ("POST", "refresh", _NO_TOKEN, quotas.REFRESH_ADDRESS),
        ("POST", "password-reset", {}, quotas.RESET_ADDRESS),
        ("POST", "password-reset/confirm", _NOBODY, quotas.RESET_ADDRESS),
    ],
)
async def test_an_address_that_asks_too_often_is_told_when_to_come_back(
    app: FastAPI, method: str, path: str, body: object, quota: Quota
) -> None:
    async with browser(app) as http, browser(app) as neighbour:
        limited = await _until_limited(lambda: http.request(method, path, json=body), quota)
        assert problem(limited) == (429, "rate_limited")
        assert limited.headers["Retry-After"] == str(limited.json()["details"]["retry_after"])
        assert 1 <= int(limited.headers["Retry-After"]) <= 60
        assert (await neighbour.request(method, path, json=body)).status_code != 429


async def test_one_account_is_not_guessed_at_from_many_addresses(app: FastAPI) -> None:
    async def guess() -> httpx.Response:
        async with browser(app) as http:
            answer = await http.post("sign-in", json=guessed)
        assert problem(answer) in [(401, "wrong_credentials"), (429, "rate_limited")]
        return answer

    guessed = {"email": f"{new_id()}@example.com", "password": "a wrong guess"}
    await _until_limited(guess, quotas.SIGN_IN_ACCOUNT)


async def test_one_person_asks_so_many_turns_in_all_their_conversations(app: FastAPI, person: NewPerson) -> None:
    one, other = await person(), await person()
    message = {"message": "hello"}
    limited = await _until_limited(lambda: one.http.post(f"sessions/{new_id()}/turns", json=message), quotas.TURN_USER)
    assert problem(limited) == (429, "rate_limited")
    unknown = await other.http.post(f"sessions/{new_id()}/turns", json=message)
    assert problem(unknown) == (404, "session_not_found")


async def test_one_address_asks_so_many_turns_whoever_it_says_it_is(app: FastAPI) -> None:
    async with browser(app) as http:
        path = f"tenants/{new_id()}/sessions/{new_id()}/turns"
        limited = await _until_limited(lambda: http.post(path, json={"message": "hello"}), quotas.TURN_ADDRESS)
        assert problem(limited) == (429, "rate_limited")


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("/run/socket", "/run/socket"),
        (None, "unknown"),
    ],
)
def test_what_counts_as_one_address(host: str | None, key: str) -> None:
    client = None if host is None else (host, 4711)
    assert address_of(Request({"type": "http", "headers": [], "client": client})) == key
