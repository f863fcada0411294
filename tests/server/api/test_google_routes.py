"""Going to Google and coming back, as a browser does it: redirects, and cookies that no script can read."""

from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import new_id
from server.bootstrap import System
from services.gateways import Identified
from tests.fakes.clock import FakeClock
from tests.fakes.identity_provider import InMemoryIdentityProvider
from tests.server.api.signing_in import HTTP, Account, bearer, browser, events_of, new_account, problem, with_provider

CALLBACK = "sign-in/google/callback"


@pytest.fixture(scope="module")
def google() -> InMemoryIdentityProvider:
    return InMemoryIdentityProvider(FakeClock())


@pytest.fixture(scope="module")
def connected(system: System, google: InMemoryIdentityProvider) -> FastAPI:
    return with_provider(system, google)


@pytest.fixture
async def http(connected: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(connected) as client:
        yield client


@pytest.fixture
async def grace(engine: AsyncEngine) -> Account:
    return await new_account(engine, None)


def known(google: InMemoryIdentityProvider, email: str, *, verified: bool = True) -> str:
    subject = f"g-{new_id()}"
    google.knows(Identified("google", subject, email, verified, "Grace"))
    return subject


async def consented(http: httpx.AsyncClient, google: InMemoryIdentityProvider, subject: str) -> dict[str, str]:
    """Goes to the provider and agrees there; what the browser brings back."""
    leaving = await http.get("sign-in/google")
    assert leaving.status_code == 303
    state, code = google.consent(leaving.headers["location"], subject)
    return {"state": state, "code": code}


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 303
    assert not [one for one in answer.headers.get_list("set-cookie") if "mp-refresh" in one]
    before, _, code = str(answer.headers["location"]).partition("=")
    assert before == "/?sign_in_refused"
    return code


async def test_leaving_takes_a_ticket_along(http: httpx.AsyncClient, system: System) -> None:
    leaving = await http.get("sign-in/google")
    assert leaving.headers["location"].startswith("https://identity.example/authorize?")
    cookies = SimpleCookie(leaving.headers["set-cookie"])
    ticket = cookies["__Host-mp-ticket"]
    assert (ticket["httponly"], ticket["secure"], ticket["samesite"]) == (True, True, "lax")
    assert (ticket["path"], ticket["max-age"]) == ("/", "600")
    assert leaving.headers["Referrer-Policy"] == "no-referrer"
    sent = httpx.URL(leaving.headers["location"]).params["redirect_uri"]
    assert sent == f"{system.settings.address}/api/v1/sign-in/google/callback"


async def test_coming_back_signs_in_and_leads_to_the_page(
    http: httpx.AsyncClient, google: InMemoryIdentityProvider, grace: Account, engine: AsyncEngine
) -> None:
    brought = await consented(http, google, known(google, grace.email))
    arrived = await http.get(CALLBACK, params=brought)
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/")
    kept = SimpleCookie("; ".join(arrived.headers.get_list("set-cookie")))["__Host-mp-refresh"]
    assert (kept["httponly"], kept["secure"], kept["samesite"]) == (True, True, "strict")
    assert list(http.cookies) == ["__Host-mp-refresh"]
    entry = await http.post("refresh")
    assert entry.json()["user"]["email"] == grace.email
    assert [one["current"] for one in (await http.get("sign-ins", headers=bearer(entry))).json()] == [True]
    assert await events_of(engine, grace.user_id) == ["identity_linked", "signed_in"]


async def test_on_ones_own_machine_it_goes_without_https(
    connected: FastAPI, google: InMemoryIdentityProvider, grace: Account
) -> None:
    async with browser(connected, HTTP) as http:
        brought = await consented(http, google, known(google, grace.email))
        assert (await http.get(CALLBACK, params=brought)).headers["location"] == "/"
        assert list(http.cookies) == ["mp-refresh"]
        assert (await http.post("refresh")).status_code == 200


@pytest.mark.parametrize("vouched", [True, False], ids=["no account", "address not verified"])
async def test_somebody_without_an_account_is_not_invited(
    http: httpx.AsyncClient, google: InMemoryIdentityProvider, grace: Account, vouched: bool
) -> None:
    email = f"{new_id()}@example.com" if vouched else grace.email
    brought = await consented(http, google, known(google, email, verified=vouched))
    assert refused(await http.get(CALLBACK, params=brought)) == "not_invited"
    assert dict(http.cookies) == {}


@pytest.mark.parametrize("missing", ["state", "code", "ticket", "everything"])
async def test_coming_back_without_something(
    http: httpx.AsyncClient, google: InMemoryIdentityProvider, grace: Account, missing: str
) -> None:
    brought = await consented(http, google, known(google, grace.email))
    if missing == "ticket":
        http.cookies.clear()
    kept = {name: value for name, value in brought.items() if missing not in (name, "everything")}
    assert refused(await http.get(CALLBACK, params=kept)) == "sign_in_refused"


async def test_declining_at_the_provider(http: httpx.AsyncClient, google: InMemoryIdentityProvider) -> None:
    await http.get("sign-in/google")
    answer = await http.get(CALLBACK, params={"error": "access_denied", "state": "x"})
    assert refused(answer) == "sign_in_refused"
    assert dict(http.cookies) == {}


async def test_what_belongs_to_another_browser(
    connected: FastAPI, http: httpx.AsyncClient, google: InMemoryIdentityProvider, grace: Account
) -> None:
    """Somebody else's code and state, slipped to a browser that is on its own way."""
    subject = known(google, grace.email)
    async with browser(connected) as other:
        theirs = await consented(other, google, subject)
    ours = await consented(http, google, subject)
    assert refused(await http.get(CALLBACK, params={**ours, "state": theirs["state"]})) == "sign_in_refused"
    assert refused(await http.get(CALLBACK, params=theirs)) == "sign_in_refused"


async def test_a_code_is_good_once(http: httpx.AsyncClient, google: InMemoryIdentityProvider, grace: Account) -> None:
    brought = await consented(http, google, known(google, grace.email))
    ticket = http.cookies["__Host-mp-ticket"]
    assert (await http.get(CALLBACK, params=brought)).headers["location"] == "/"
    again = await http.get(CALLBACK, params=brought, headers={"Cookie": f"__Host-mp-ticket={ticket}"})
    assert refused(again) == "sign_in_refused"


async def test_a_provider_that_is_away(system: System) -> None:
    google = InMemoryIdentityProvider(FakeClock())
    google.away = True
    async with browser(with_provider(system, google)) as http:
        assert refused(await http.get("sign-in/google")) == "identity_provider_away"


@pytest.mark.parametrize("path", ["sign-in/google", CALLBACK])
async def test_without_a_provider_there_is_no_such_way(system: System, path: str) -> None:
    async with browser(with_provider(system, None)) as http:
        assert problem(await http.get(path)) == (404, "no_such_provider")
