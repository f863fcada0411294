"""Approvals, delegations and approvers as read models."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.approvals import ApprovalStatus, Request
from domain.delegations import DelegationKind
from domain.errors import NotFound
from domain.ids import ApprovalId, CampaignId, UserId, new_id
from domain.money import Money
from domain.tenants import Permission, Role
from server.postgres.approval_tables import approvals, delegations
from server.postgres.queries import PostgresQueries
from services.access_views import ApprovalFilter
from services.actor import Actor
from services.read_models import PageRequest
from tests.server.postgres.rows import Rows
from tests.services.samples import usd

ALL = ApprovalFilter()
STAKE = Money(5_000_00, "USD")


@pytest.fixture
async def rows(engine: AsyncEngine) -> Rows:
    return await Rows.of_new_tenant(engine)


@pytest.fixture
def queries(engine: AsyncEngine) -> PostgresQueries:
    return PostgresQueries(engine)


def owner(rows: Rows) -> Actor:
    return replace(rows.actor, permissions=Role.OWNER.permissions)


async def member(rows: Rows, name: str, role: Role = Role.PLANNER) -> Actor:
    user_id = await rows.user(UserId(new_id()), name)
    await rows.member(user_id, role)
    return Actor(rows.tenant_id, user_id, role.permissions)


async def asked(
    rows: Rows,
    action: str,
    arguments: Mapping[str, object],
    *,
    by: Actor | None = None,
    days: int = 7,
    status: ApprovalStatus = ApprovalStatus.PENDING,
    **more: Any,
) -> ApprovalId:
    request = Request(action, arguments, STAKE, ["US"], {})
    approval_id, now = ApprovalId(new_id()), datetime.now(UTC)
    values: dict[str, object] = {
        "id": approval_id,
        "action": action,
        "arguments": dict(arguments),
        "amount_minor": STAKE.minor,
        "currency": STAKE.currency,
        "markets": ["US"],
        "versions": {},
        "digest": request.digest(),
        "requested_by": (by or rows.actor).user_id,
        "created_at": now,
        "expires_at": now + timedelta(days=days),
        "status": status,
        "conditions": [],
        "version": 1,
    }
    await rows.insert(approvals, tenant_id=rows.tenant_id, **{**values, **more})
    return approval_id


async def delegated(
    rows: Rows, to: Actor, cap: int | None, kind: DelegationKind = DelegationKind.FULL, **more: Any
) -> None:
    values: dict[str, object] = {
        "user_id": to.user_id,
        "kind": kind,
        "cap_minor": cap * 100 if cap is not None else None,
        "currency": "USD" if cap is not None else None,
        "markets": [],
        "granted_by": rows.user_id,
        "created_at": datetime.now(UTC),
        "version": 1,
    }
    await rows.insert(delegations, tenant_id=rows.tenant_id, **{**values, **more})


async def titles(queries: PostgresQueries, actor: Actor, wanted: ApprovalFilter = ALL) -> Sequence[str]:
    return sorted(one.title for one in (await queries.approvals(actor, wanted, PageRequest())).items)


async def test_titles_come_from_ids_and_facts(queries: PostgresQueries, rows: Rows) -> None:
    campaign, zoe = await rows.campaign("Spring"), await member(rows, "Zoe")
    about = {"campaign_id": str(campaign)}
    whom = {"user_id": str(zoe.user_id)}
    until = {"expires_at": "2030-01-01T12:00:00Z"}
    cap = {"cap": {"amount": "10.00", "currency": "USD"}}
    for action, arguments in (
        ("campaign.move", {**about, "move": "launch", "reason": "The CFO said yes, just click."}),
        ("member.invite", {"email": "Ann@Example.com", "role": "viewer"}),
        ("member.remove", whom),
        ("member.change_role", {**whom, "role": "admin"}),
        ("grant.give", {**whom, **about, "role": "planner", **until}),
        ("delegation.give", {**whom, "kind": "full", "cap": None, "markets": ["US", "DE"], "expires_at": None}),
        ("delegation.give", {**whom, "kind": "execute_only", **cap, "markets": [], **until}),
        ("delegation.give", {**whom, "kind": "propose_only", "cap": None, "markets": [], "expires_at": None}),
    ):
        await asked(rows, action, arguments)
    assert await titles(queries, owner(rows)) == [
        "Invite ann@example.com as viewer",
        "Launch “Spring” for 5,000.00 USD in US",
        "Let Zoe act and approve without limit in US, DE",
        "Let Zoe act up to 10.00 USD until 2030-01-01 12:00 UTC",
        "Let Zoe only propose",
        "Make Zoe admin",
        "Make Zoe planner of “Spring” until 2030-01-01 12:00 UTC",
        "Remove Zoe from the workspace",
    ]


async def test_free_text_of_a_request_is_not_shown(queries: PostgresQueries, rows: Rows) -> None:
    told = {"campaign_id": str(await rows.campaign("Spring")), "move": "launch", "reason": "The CFO said yes."}
    shown = await queries.approval(owner(rows), await asked(rows, "campaign.move", told))
    assert shown.arguments == {"campaign_id": told["campaign_id"], "move": "launch"}
    assert "CFO" not in shown.model_dump_json()


@pytest.mark.parametrize("change", [{"amount_minor": 1}, {"digest": "0" * 64}], ids=["amount", "digest"])
async def test_a_row_that_is_not_what_was_asked_says_so(
    queries: PostgresQueries, rows: Rows, change: dict[str, Any]
) -> None:
    arguments = {"campaign_id": str(await rows.campaign("Spring")), "move": "launch", "reason": None}
    shown = await queries.approval(owner(rows), await asked(rows, "campaign.move", arguments, **change))
    assert shown.title == "A request that was changed after it was made"


async def test_a_request_of_no_known_kind_can_still_be_shown(queries: PostgresQueries, rows: Rows) -> None:
    shown = await queries.approval(owner(rows), await asked(rows, "everything.delete", {"user_id": "not an id"}))
    assert shown.title == "A request that was changed after it was made"


async def test_what_is_over_is_shown_as_expired(queries: PostgresQueries, rows: Rows) -> None:
    invite = {"email": "ann@example.com", "role": "viewer"}
    fresh, over = await asked(rows, "member.invite", invite), await asked(rows, "member.invite", invite, days=-1)
    noted = await asked(rows, "member.invite", invite, days=-1, status=ApprovalStatus.EXPIRED)
    denied = await asked(rows, "member.invite", invite, days=-1, status=ApprovalStatus.DENIED)
    found = {
        status: {
            one.id for one in (await queries.approvals(owner(rows), ApprovalFilter(status=status), PageRequest())).items
        }
        for status in (ApprovalStatus.PENDING, ApprovalStatus.EXPIRED, ApprovalStatus.DENIED)
    }
    assert found == {
        ApprovalStatus.PENDING: {fresh},
        ApprovalStatus.EXPIRED: {over, noted},
        ApprovalStatus.DENIED: {denied},
    }
    assert (await queries.approval(owner(rows), over)).status is ApprovalStatus.EXPIRED


async def test_a_right_in_one_campaign_shows_its_moves_alone(queries: PostgresQueries, rows: Rows) -> None:
    here, there = await rows.campaign("Here"), await rows.campaign("There")
    viewer = await member(rows, "Vic", Role.VIEWER)
    other = await member(rows, "Zoe")
    for campaign in (here, there):
        await asked(rows, "campaign.move", {"campaign_id": str(campaign), "move": "launch", "reason": None})
        await asked(rows, "plan.approve", {"campaign_id": str(campaign)})
        await asked(rows, "grant.give", {**_grant(other, campaign)})
    own = {"email": "own@example.com", "role": "viewer"}
    await asked(rows, "member.invite", own, by=viewer)
    granted = replace(viewer, grants={here: frozenset({Permission.PLAN_APPROVE})})
    assert await titles(queries, viewer) == ["Invite own@example.com as viewer"]
    assert ["“Here”" in title for title in await titles(queries, granted)] == [True, False, True]
    assert await titles(queries, granted, ApprovalFilter(mine=True)) == ["Invite own@example.com as viewer"]
    assert len(await titles(queries, owner(rows))) == 7


def _grant(to: Actor, campaign: CampaignId) -> dict[str, object]:
    return {"user_id": str(to.user_id), "campaign_id": str(campaign), "role": "planner", "expires_at": None}


async def test_what_is_not_there_or_not_ones_own_is_unknown(
    queries: PostgresQueries, rows: Rows, engine: AsyncEngine
) -> None:
    stranger = await Rows.of_new_tenant(engine)
    invite = {"email": "ann@example.com", "role": "viewer"}
    theirs, colleagues = await asked(stranger, "member.invite", invite), await asked(rows, "member.invite", invite)
    planner = await member(rows, "Pia")
    for actor, approval_id in ((owner(rows), theirs), (planner, colleagues), (owner(rows), ApprovalId(new_id()))):
        with pytest.raises(NotFound) as refused:
            await queries.approval(actor, approval_id)
        assert refused.value.code == "approval_not_found"


async def test_approvers_have_the_right_and_a_delegation_that_reaches_so_far(
    queries: PostgresQueries, rows: Rows
) -> None:
    await delegated(rows, rows.actor, None)
    soon = datetime.now(UTC) + timedelta(days=1)
    for name, role, cap, more in (
        ("Ann", Role.ADMIN, 100, {}),
        ("Bea", Role.ADMIN, 100, {"markets": ["DE"], "expires_at": soon}),
        ("Cem", Role.ADMIN, 99, {}),
        ("Dan", Role.ADMIN, 100, {"expires_at": soon - timedelta(days=2)}),
        ("Eli", Role.ADMIN, 100, {"kind": DelegationKind.EXECUTE_ONLY}),
        ("Fay", Role.PLANNER, 100, {}),
    ):
        await delegated(rows, await member(rows, name, role), cap, **more)
    await member(rows, "Gus", Role.ADMIN)
    found = await queries.approvers(rows.actor, usd(100))
    assert [(one.name, one.role) for one in found] == [("Ada", "owner"), ("Ann", "admin"), ("Bea", "admin")]
    assert [one.markets for one in found] == [[], [], ["DE"]]
    assert [one.name for one in await queries.approvers(rows.actor, usd(99), above=True)] == ["Ada", "Ann", "Bea"]
    assert [one.name for one in await queries.approvers(rows.actor, usd(100), above=True)] == ["Ada"]
    assert [one.name for one in await queries.approvers(rows.actor, usd(1, "EUR"))] == ["Ada"]
    assert [one.name for one in await queries.approvers(rows.actor, None)] == ["Ada", "Ann", "Bea", "Cem"]


async def test_delegations_are_for_who_manages_them(queries: PostgresQueries, rows: Rows) -> None:
    pia, zoe = await member(rows, "Pia"), await member(rows, "Zoe")
    await delegated(rows, zoe, 5, DelegationKind.EXECUTE_ONLY)
    await delegated(rows, rows.actor, None)
    assert [(one.name, one.kind) for one in await queries.delegations(owner(rows))] == [
        ("Ada", "full"),
        ("Zoe", "execute_only"),
    ]
    (own,) = await queries.delegations(zoe)
    assert (own.name, str(own.cap)) == ("Zoe", "5.00 USD")
    assert await queries.delegations(pia) == []
