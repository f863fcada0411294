"""The tools for people, approvals and the audit on the real services: what a name, a code and a day come to."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from sqlalchemy.ext.asyncio import AsyncEngine

from agents.tools import UNTRUSTED
from agents.workspace.requests import code_of
from domain.approvals import ApprovalStatus
from domain.delegations import DelegationKind
from domain.tenants import Role
from services.access_views import ApprovalFilter, ApprovalView
from services.actions import InviteAction
from services.actor import Actor
from services.amounts import Amount
from services.application import Application
from services.delegations import GiveDelegation
from services.read_models import PageRequest
from services.tenants import ChangeSettings
from tests.agents.conftest import Conversation, Talk
from tests.agents.people import colleague
from tests.agents.scripted import ScriptedModel, calls
from tests.conftest import NewActor

DECISIONS: list[tuple[str, dict[str, Any]]] = [
    ("approve_request", {}),
    ("deny_request", {"reason": "no"}),
    ("set_conditions", {"conditions": [{"field": "role", "required": "viewer"}]}),
    ("withdraw_request", {}),
]


async def result_of(talk: Conversation) -> dict[str, Any]:
    """The message of the only tool that the next turn calls, as the journal has it."""
    turn = await talk.say("Go on.")
    (row,) = [row for row in await talk.rows(turn.id) if row.role == "tool"]
    data: Any = row.content["data"]
    return dict(data)


def scripted(tool: str, **args: Any) -> ScriptedModel:
    return ScriptedModel(steps=[calls(tool, **args), AIMessage("Said.")])


async def asked(app: Application, by: Actor, email: str) -> ApprovalView:
    return await app.approvals.ask(by, InviteAction(email=email, role=Role.VIEWER))


async def status_of(app: Application, of: Actor, approval: ApprovalView) -> ApprovalStatus:
    return (await app.queries.approval(of, approval.id)).status


@pytest.mark.parametrize(("tool", "args"), DECISIONS, ids=[tool for tool, _ in DECISIONS])
async def test_a_request_of_another_tenant_is_none(
    talk: Talk, tenant: NewActor, engine: AsyncEngine, tool: str, args: dict[str, Any]
) -> None:
    owner, stranger = await tenant(), await tenant()
    app = (await talk(by=owner)).app
    foreign = await asked(app, await colleague(engine, stranger, Role.ADMIN), "kim@example.com")
    own = await asked(app, await colleague(engine, owner, Role.ADMIN), "lee@example.com")
    for said in (str(foreign.id), code_of(foreign.id), "kim@example.com"):
        one = await talk(scripted(tool, request=said, **args), by=owner)
        said_back = await result_of(one)
        assert said_back["status"] == "error"
        assert "Refused (request_not_found" in said_back["content"] or "Refused (nothing_waits" in said_back["content"]
    assert await status_of(app, stranger, foreign) is ApprovalStatus.PENDING
    assert await status_of(app, owner, own) is ApprovalStatus.PENDING


@pytest.mark.parametrize("place", ["1", "2", "first"])
async def test_a_place_in_a_list_is_no_name(talk: Talk, tenant: NewActor, engine: AsyncEngine, place: str) -> None:
    owner = await tenant()
    one = await talk(scripted("approve_request", request=place), by=owner)
    waiting = await asked(one.app, await colleague(engine, owner, Role.ADMIN), "kim@example.com")
    assert "Refused (request_not_found" in (await result_of(one))["content"]
    assert await status_of(one.app, owner, waiting) is ApprovalStatus.PENDING


@pytest.mark.parametrize("how", ["code", "id", "words", "nothing"])
async def test_a_request_is_found_by_what_names_it(talk: Talk, tenant: NewActor, engine: AsyncEngine, how: str) -> None:
    owner = await tenant()
    admin = await colleague(engine, owner, Role.ADMIN)
    app = (await talk(by=owner)).app
    waiting = await asked(app, admin, "kim@example.com")
    said = {"code": code_of(waiting.id), "id": str(waiting.id), "words": "the invitation of kim@example.com"}.get(how)
    if said:
        await asked(app, admin, "somebody.else@example.org")
    one = await talk(scripted("approve_request", **({"request": said} if said else {})), by=owner)
    assert "Approved, and it is done: Invite kim@example.com" in (await result_of(one))["content"]
    assert await status_of(app, owner, waiting) is ApprovalStatus.EXECUTED


async def test_several_that_fit_are_offered_with_their_codes(talk: Talk, tenant: NewActor, engine: AsyncEngine) -> None:
    owner = await tenant()
    one = await talk(scripted("approve_request", request="invite"), by=owner)
    admin = await colleague(engine, owner, Role.ADMIN)
    both = [await asked(one.app, admin, email) for email in ("kim@example.com", "lee@example.com")]
    text = (await result_of(one))["content"]
    assert text.startswith("Refused (ambiguous, request)")
    assert all(code_of(approval.id) in text for approval in both)


async def test_a_member_of_another_tenant_is_nobody_here(talk: Talk, tenant: NewActor, engine: AsyncEngine) -> None:
    owner, stranger = await tenant(), await tenant()
    other = await colleague(engine, stranger, Role.VIEWER)
    for tool, args in (
        ("change_member_role", {"as_role": "admin"}),
        ("remove_member", {}),
        ("set_delegation", {"kind": "full", "unlimited": True}),
        ("withdraw_delegation", {}),
        ("show_changes", {}),
    ):
        field = "person" if tool == "show_changes" else "member"
        one = await talk(scripted(tool, **{field: str(other.user_id), **args}), by=owner)
        assert f"Refused (member_not_found, {field})" in (await result_of(one))["content"], tool
    assert [member.role for member in await one.app.queries.members(stranger)].count(Role.VIEWER) == 1


async def test_no_limit_has_to_be_said(talk: Talk, tenant: NewActor, engine: AsyncEngine) -> None:
    owner = await tenant()
    await colleague(engine, owner, Role.ADMIN)
    cap = {"amount": "10.00", "currency": "USD"}
    for args in ({}, {"cap": cap, "unlimited": True}):
        one = await talk(scripted("set_delegation", member="Sam", kind="full", **args), by=owner)
        assert "Refused (cap_required, cap)" in (await result_of(one))["content"]
    assert [delegation.name for delegation in await one.app.queries.delegations(owner)] == ["Ada"]


async def test_a_last_day_ends_at_midnight_of_the_workspace(talk: Talk, tenant: NewActor, engine: AsyncEngine) -> None:
    owner = await tenant()
    await colleague(engine, owner, Role.ADMIN)
    args = {"kind": "full", "unlimited": True, "last_day": "2035-12-31"}
    one = await talk(scripted("set_delegation", member="Sam", **args), by=owner)
    await one.app.tenants.change_settings(owner, ChangeSettings(timezone="America/New_York"))
    await result_of(one)
    ends = {delegation.name: delegation.expires_at for delegation in await one.app.queries.delegations(owner)}
    assert ends["Sam"] == datetime(2036, 1, 1, 5, tzinfo=UTC)


async def test_what_the_audit_says_is_marked_as_foreign(talk: Talk, tenant: NewActor) -> None:
    owner = await tenant()
    one = await talk(scripted("show_changes"), by=owner)
    said = await result_of(one)
    assert said["additional_kwargs"] == {UNTRUSTED: True}
    assert "session opened" in said["content"]


async def test_the_audit_tells_money_as_people_do(talk: Talk, tenant: NewActor, engine: AsyncEngine) -> None:
    owner = await tenant()
    admin = await colleague(engine, owner, Role.ADMIN)
    one = await talk(scripted("show_changes"), by=owner)
    for cap in ("1000.50", "2000.00"):
        limit = GiveDelegation(kind=DelegationKind.FULL, cap=Amount(amount=Decimal(cap), currency="USD"))
        await one.app.delegations.give(owner, admin.user_id, limit)
    told = (await result_of(one))["content"]
    assert "(kind full, cap 1,000.50 USD)" in told
    assert "(cap 1,000.50 USD → 2,000.00 USD)" in told
    assert "minor" not in told


async def test_a_list_of_requests_has_those_one_may_see(talk: Talk, tenant: NewActor, engine: AsyncEngine) -> None:
    owner = await tenant()
    admin, viewer = await colleague(engine, owner, Role.ADMIN), await colleague(engine, owner, Role.VIEWER)
    for by, seen in ((owner, True), (viewer, False)):
        one = await talk(scripted("list_approvals", status="pending"), by=by)
        waiting = await asked(one.app, admin, f"{by.user_id}@example.com")
        assert (code_of(waiting.id) in (await result_of(one))["content"]) is seen
    assert len((await one.app.queries.approvals(viewer, ApprovalFilter(), PageRequest())).items) == 0
