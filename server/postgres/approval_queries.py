"""Approvals, delegations and who may approve, as read models."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.approvals import Approval, ApprovalStatus
from domain.delegations import Delegation
from domain.errors import NotFound
from domain.ids import ApprovalId
from domain.money import Money
from domain.tenants import Permission, Role
from server.postgres import mapping as mapping
from server.postgres.approval_tables import approvals, delegations
from server.postgres.paging import Order
from server.postgres.tables import campaigns, memberships, users
from server.postgres.tenant_reader import AnyRow, AnySelect, TenantReader, same_tenant
from services.access_views import ApprovalFilter, ApprovalView, ApproverView, DelegationView
from services.actor import Actor, authorize
from services.amounts import Amount
from services.approval_views import named_in, view_of
from services.read_models import Page, PageRequest

_LATEST_FIRST = Order("approvals", (approvals.c.created_at, approvals.c.id), descending=True)
_SPENDING = ("campaign.move", "plan.approve")  # a right in the campaign decides these (actions.py: campaign_of)
_APPROVING = [role for role in Role if Permission.PLAN_APPROVE in role.permissions]


class ApprovalQueries(TenantReader):
    async def approvals(self, actor: Actor, wanted: ApprovalFilter, page: PageRequest) -> Page[ApprovalView]:
        authorize(actor, Permission.CAMPAIGN_READ)
        statement = select(approvals).where(_seen_by(actor))
        if wanted.status:
            statement = statement.where(_has(wanted.status))
        if wanted.mine:
            statement = statement.where(approvals.c.requested_by == actor.user_id)
        async with self._reading(actor.tenant_id) as connection:
            rows = (await connection.execute(_LATEST_FIRST.window(statement, page))).all()
            views = await _views(connection, actor, rows)
        return _LATEST_FIRST.page(rows, page, lambda row: views[row.id])

    async def approval(self, actor: Actor, approval_id: ApprovalId) -> ApprovalView:
        authorize(actor, Permission.CAMPAIGN_READ)
        statement = select(approvals).where(_seen_by(actor), approvals.c.id == approval_id)
        async with self._reading(actor.tenant_id) as connection:
            rows = (await connection.execute(statement)).all()
            if not rows:
                raise NotFound("There is no such approval.", code="approval_not_found")
            return (await _views(connection, actor, rows))[approval_id]

    async def approvers(self, actor: Actor, amount: Amount | None, *, above: bool = False) -> list[ApproverView]:
        """By name. Where a delegation is for some markets alone, the view says so."""
        authorize(actor, Permission.CAMPAIGN_READ)
        wanted, now = amount.money() if amount else None, datetime.now(UTC)
        if wanted and above:
            wanted = Money(wanted.minor + 1, wanted.currency)  # the least that is more
        statement = _delegated(actor).where(memberships.c.role.in_(_APPROVING))
        found = [(row, _delegation(row)) for row in await self._rows(actor.tenant_id, statement)]
        return [
            ApproverView(
                user_id=row.user_id,
                name=row.name,
                email=row.email,
                role=row.role,
                cap=Amount.of(delegation.cap) if delegation.cap else None,
                markets=delegation.markets,
                expires_at=delegation.expires_at,
            )
            for row, delegation in found
            if delegation.lets_approve(wanted, delegation.markets, now)
        ]

    async def delegations(self, actor: Actor) -> list[DelegationView]:
        """By name."""
        authorize(actor, Permission.CAMPAIGN_READ)
        statement = _delegated(actor)
        if not actor.may(Permission.DELEGATION_MANAGE):
            statement = statement.where(delegations.c.user_id == actor.user_id)
        return [_delegation_view(row) for row in await self._rows(actor.tenant_id, statement)]


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    """One's own, and what one may decide: everything, or the money of single campaigns."""
    mine = approvals.c.tenant_id == actor.tenant_id
    if actor.may(Permission.PLAN_APPROVE):
        return mine
    granted = [str(campaign) for campaign, rights in actor.grants.items() if Permission.PLAN_APPROVE in rights]
    of_granted = and_(approvals.c.action.in_(_SPENDING), approvals.c.arguments["campaign_id"].astext.in_(granted))
    return and_(mine, or_(approvals.c.requested_by == actor.user_id, of_granted))


def _has(status: ApprovalStatus) -> ColumnElement[bool]:
    """As it is shown: a request whose time is over has expired."""
    over = and_(approvals.c.status == ApprovalStatus.PENDING, approvals.c.expires_at <= func.now())
    match status:
        case ApprovalStatus.PENDING:
            return and_(approvals.c.status == status, approvals.c.expires_at > func.now())
        case ApprovalStatus.EXPIRED:
            return or_(approvals.c.status == status, over)
        case _:
            return approvals.c.status == status


async def _views(connection: AsyncConnection, actor: Actor, rows: Sequence[AnyRow]) -> dict[UUID, ApprovalView]:
    found = [_approval(row) for row in rows]
    named = [named_in(approval) for approval in found]
    c = campaigns.c
    of_people = select(users.c.id, users.c.name).where(users.c.id.in_({id for one in named for id in one.people}))
    of_campaigns = select(c.id, c.name).where(
        c.tenant_id == actor.tenant_id, c.id.in_({id for one in named for id in one.campaigns})
    )
    names: dict[UUID, str] = {}
    for statement in (of_people, of_campaigns):
        names |= {row.id: row.name for row in await connection.execute(statement)}
    return {approval.id: view_of(approval, names, datetime.now(UTC)) for approval in found}


def _delegated(actor: Actor) -> AnySelect:
    """Every member who has a delegation, by name."""
    of_member = same_tenant(delegations, memberships, delegations.c.user_id == memberships.c.user_id)
    return (
        select(delegations, users.c.name, users.c.email, memberships.c.role)
        .join(memberships, of_member)
        .join(users, users.c.id == memberships.c.user_id)
        .where(delegations.c.tenant_id == actor.tenant_id)
        .order_by(users.c.name, users.c.id)
    )


def _approval(row: AnyRow) -> Approval:
    return Approval(**_entity(row, approvals.c.keys(), "amount"))


def _delegation(row: AnyRow) -> Delegation:
    return Delegation(**_entity(row, delegations.c.keys(), "cap"))


def _entity(row: AnyRow, columns: Sequence[str], money: str) -> dict[str, Any]:
    facts = {name: getattr(row, name) for name in columns}
    minor, currency = facts.pop(f"{money}_minor"), facts.pop("currency")
    return {**facts, money: None if minor is None else Money(minor, currency)}


def _delegation_view(row: AnyRow) -> DelegationView:
    delegation = _delegation(row)
    facts = {name: getattr(delegation, name) for name in DelegationView.model_fields if name not in ("name", "cap")}
    cap = Amount.of(delegation.cap) if delegation.cap else None
    return DelegationView.model_validate({**facts, "name": row.name, "cap": cap})
