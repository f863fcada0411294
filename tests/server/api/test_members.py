"""Inviting, joining, changing and leaving over HTTP; grants on one campaign."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import InvitationId, UserId, new_id
from server.bootstrap import System
from services.invitations import invitation_token
from tests.server.api.conftest import CAMPAIGN, PASSWORD, Person, elsewhere

Client = httpx.AsyncClient
NewColleague = Callable[..., Awaitable["Colleague"]]


@dataclass(frozen=True, slots=True)
class Colleague:
    user_id: UserId
    email: str
    http: Client


@pytest.fixture
async def colleague(app: FastAPI, system: System, ada: Person, anonymous: Client) -> NewColleague:
    """Invited by Ada, and signed in with the account that they made."""

    async def new(role: str) -> Colleague:
        email = _address()
        link = _link(system, ada, await _invited(ada, email, role))
        joined = await anonymous.post(
            "/api/v1/invitations/accept", json={"token": link, "name": "Ben", "password": PASSWORD}
        )
        assert joined.status_code == 201, joined.text
        entry = await anonymous.post("/api/v1/sign-in", json={"email": email, "password": PASSWORD})
        headers = {"Authorization": f"Bearer {entry.json()['access_token']}"}
        client = Client(transport=elsewhere(app), base_url=ada.http.base_url, headers=headers)
        return Colleague(UserId(UUID(joined.json()["user_id"])), email, client)

    return new


async def test_from_an_invitation_to_a_member(ada: Person, system: System, anonymous: Client) -> None:
    email = _address()
    invitation = await _invited(ada, email, "analyst")
    assert invitation.keys() == {
        *("id", "email", "role", "invited_by", "created_at", "expires_at", "accepted_at", "revoked_at", "version")
    }
    link = _link(system, ada, invitation)
    seen = await anonymous.post("/api/v1/invitations/look", json={"token": link})
    assert seen.json() == {"tenant_name": "Acme", "role": "analyst", "email": email, "has_account": False}
    command = {"token": link, "name": "Ben", "password": PASSWORD}
    joined = await anonymous.post("/api/v1/invitations/accept", json=command)
    assert joined.json() == {
        "user_id": joined.json()["user_id"],
        "tenant_id": str(ada.actor.tenant_id),
        "role": "analyst",
    }
    again = await anonymous.post("/api/v1/invitations/accept", json=command)
    assert (again.status_code, again.json()["code"]) == (409, "invitation_used")
    (listed,) = (await ada.http.get("invitations")).json()["items"]
    assert listed["accepted_at"] is not None
    member = await ada.http.get(f"members/{joined.json()['user_id']}")
    assert (member.json()["email"], member.json()["role"], member.headers["ETag"]) == (email, "analyst", '"1"')
    assert [one["name"] for one in (await ada.http.get("members")).json()] == ["Ada", "Ben"]


async def test_who_has_an_account_joins_signed_in_or_with_its_password(
    ada: Person, system: System, anonymous: Client, colleague: NewColleague
) -> None:
    ben = await colleague("viewer")
    await ada.http.delete(f"members/{ben.user_id}")
    link = _link(system, ada, await _invited(ada, ben.email, "planner"))
    seen = await anonymous.post("/api/v1/invitations/look", json={"token": link})
    assert seen.json()["has_account"] is True
    wrong = await anonymous.post("/api/v1/invitations/accept", json={"token": link, "password": "not this one"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
    nobody = await anonymous.post("/api/v1/me/invitations", json={"token": link})
    assert (nobody.status_code, nobody.json()["code"]) == (401, "token_missing")
    other = await ada.http.post("http://api.test/api/v1/me/invitations", json={"token": link})
    assert (other.status_code, other.json()["code"]) == (403, "other_address")
    joined = await ben.http.post("http://api.test/api/v1/me/invitations", json={"token": link})
    assert (joined.status_code, joined.json()["role"]) == (201, "planner")


async def test_a_role_counts_from_the_next_request_on(ada: Person, colleague: NewColleague) -> None:
    """The same access token all along: it carries no rights."""
    ben = await colleague("viewer")
    refused = await ben.http.patch("settings", json={"locale": "de-DE"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    changed = await ada.http.patch(f"members/{ben.user_id}", json={"role": "admin"}, headers={"If-Match": '"1"'})
    assert (changed.json()["role"], changed.headers["ETag"]) == ("admin", '"2"')
    assert (await ben.http.patch("settings", json={"locale": "de-DE"})).status_code == 200
    stale = await ada.http.patch(f"members/{ben.user_id}", json={"role": "viewer"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    await ada.http.patch(f"members/{ben.user_id}", json={"role": "viewer"})
    assert (await ben.http.patch("settings", json={"locale": "fr-FR"})).status_code == 403
    removed = await ada.http.delete(f"members/{ben.user_id}")
    assert (removed.status_code, removed.content) == (204, b"")
    gone = await ben.http.get("campaigns")
    assert (gone.status_code, gone.json()["code"]) == (404, "tenant_not_found")


async def test_the_last_owner_stays(ada: Person, colleague: NewColleague) -> None:
    own = f"members/{ada.actor.user_id}"
    for answer in (await ada.http.delete(own), await ada.http.patch(own, json={"role": "viewer"})):
        assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    admin = await colleague("admin")
    reaching_up = await admin.http.post("invitations", json={"email": _address(), "role": "owner"})
    assert (reaching_up.status_code, reaching_up.json()["code"]) == (403, "owner_only")


async def test_invitations_are_withdrawn(ada: Person, system: System, anonymous: Client) -> None:
    invitation = await _invited(ada, _address(), "viewer")
    assert (await ada.http.delete(f"invitations/{invitation['id']}")).status_code == 204
    answer = await anonymous.post("/api/v1/invitations/look", json={"token": _link(system, ada, invitation)})
    assert (answer.status_code, answer.json()["code"]) == (409, "invitation_revoked")
    unknown = await anonymous.post("/api/v1/invitations/look", json={"token": "a" * 43})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "invitation_not_found")


async def test_trying_links_is_limited(anonymous: Client) -> None:
    answers = [await anonymous.post("/api/v1/invitations/look", json={"token": f"guess {n}"}) for n in range(31)]
    assert [answer.status_code for answer in answers] == [404] * 30 + [429]
    accept = await anonymous.post("/api/v1/invitations/accept", json={"token": "x", "password": "y"})
    assert accept.status_code == 429


async def test_repeated_under_one_key_an_invitation_goes_out_once(ada: Person, engine: AsyncEngine) -> None:
    body, headers = {"email": _address(), "role": "viewer"}, {"Idempotency-Key": str(new_id())}
    first, second = [await ada.http.post("invitations", json=body, headers=headers) for _ in range(2)]
    assert first.json() == second.json()
    async with engine.connect() as connection:
        statement = text("SELECT count(*) FROM wakeups WHERE tenant_id = :id AND kind = 'invitation_mail'")
        assert await connection.scalar(statement, {"id": ada.actor.tenant_id}) == 1


async def test_a_viewer_plans_the_campaign_that_is_granted(ada: Person, colleague: NewColleague) -> None:
    vera = await colleague("viewer")
    spring, autumn = await ada.campaign(), await ada.campaign(name="Autumn")
    given = await ada.http.post(
        "grants", json={"user_id": str(vera.user_id), "campaign_id": spring["id"], "role": "planner"}
    )
    assert (given.status_code, given.json()["campaign_name"]) == (201, "Spring launch")
    plan = {"channels": ["search", "ctv"]}
    planned = await vera.http.post(f"campaigns/{spring['id']}/plans", json=plan)
    assert planned.status_code == 201
    job = await vera.http.post(f"campaigns/{spring['id']}/jobs")
    assert job.status_code == 202
    assert (await vera.http.post(f"jobs/{job.json()['id']}/cancel")).status_code == 200
    for refused in (
        await vera.http.post(f"campaigns/{autumn['id']}/plans", json=plan),
        await vera.http.patch(f"campaigns/{autumn['id']}", json={"name": "Mine"}),
        await vera.http.post("campaigns", json={**CAMPAIGN, "name": "New"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    mine = await ada.http.get("grants", params={"user_id": str(vera.user_id)})
    assert [one["id"] for one in mine.json()["items"]] == [given.json()["id"]]
    assert (await ada.http.get("grants", params={"user_id": str(ada.actor.user_id)})).json()["items"] == []
    assert (await vera.http.get("grants")).status_code == 403
    assert (await ada.http.delete(f"grants/{given.json()['id']}")).status_code == 204
    assert (await vera.http.post(f"campaigns/{spring['id']}/jobs")).status_code == 403


async def _invited(by: Person, email: str, role: str) -> dict[str, str]:
    answer = await by.http.post("invitations", json={"email": email, "role": role})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def _link(system: System, by: Person, invitation: dict[str, str]) -> str:
    secrets = system.connections.secrets
    return invitation_token(secrets, by.actor.tenant_id, InvitationId(UUID(invitation["id"])))


def _address() -> str:
    return f"{new_id()}@example.com"
