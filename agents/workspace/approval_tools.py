"""The workspace agent's tools for delegations and approvals: who may decide what, what waits, and deciding it."""

from datetime import date

from pydantic import Field

from agents.approval_outcomes import said_of
from agents.blocks import ApprovalBlock
from agents.tools import Call, Effect, Nothing, Offered, Said, offer
from agents.workspace.approval_answers import (
    approvals_block,
    approvals_text,
    approvers_block,
    approvers_text,
    decided_text,
    delegations_block,
    delegations_text,
)
from agents.workspace.people import end_of, member_meant
from agents.workspace.people_tools import AGENT, OfMember
from agents.workspace.requests import request_meant
from domain.approvals import ApprovalStatus, Verdict
from domain.delegations import DelegationKind
from domain.errors import InvalidInput
from domain.tenants import Permission
from services.access_views import ApprovalFilter, ApprovalView
from services.actions import GiveDelegationAction
from services.amounts import Amount
from services.application import Application
from services.approvals import Decide, WantedCondition, Words
from services.commands import Command
from services.read_models import PageRequest

_PAGE = 25
_REQUEST = (
    "The request's code (R-7F3A2C), or words of what it asks for or the requester's name; left out: the only one that "
    "waits. Never its place in a list: lists change."
)


class Delegating(OfMember):
    kind: DelegationKind = Field(
        description="full: acts and approves; execute_only: acts, approves nothing; propose_only: asks for everything."
    )
    cap: Amount | None = Field(default=None, description="Up to which amount.")
    unlimited: bool = Field(default=False, description="Only where it was said that there is no limit.")
    markets: list[str] = Field(default_factory=list, max_length=100, description="Country codes; empty: everywhere.")
    last_day: date | None = Field(default=None, description="The last day it holds; left out: no end.")


class ForAmount(Command):
    amount: Amount | None = Field(default=None, description="Left out: anybody who may approve anything.")
    above: bool = Field(default=False, description="For more than the amount: a limit of just that much is too low.")


class OfStatus(Command):
    status: ApprovalStatus | None = Field(default=None, description="Left out: all of them.")
    mine: bool = Field(default=False, description="Only what the person has asked for.")


class OfRequest(Command):
    request: str | None = Field(default=None, min_length=1, max_length=200, description=_REQUEST)


class Approving(OfRequest):
    reason: Words | None = None


class Denying(OfRequest):
    reason: Words


class Wanted(Command):
    field: str = Field(min_length=1, max_length=100, description="What has to be different: budget, start, markets, …")
    required: str = Field(min_length=1, max_length=200, description="What it has to be: at most 200,000.00 USD.")
    reason: Words | None = None


class Conditioning(OfRequest):
    conditions: list[Wanted] = Field(min_length=1, max_length=20)
    reason: Words | None = None


class ApprovalTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def set_delegation(self, call: Call[Delegating]) -> Said:
        """Say up to which amount a member acts and approves without asking. Takes the place of what they had."""
        asked, queries = call.arguments, self._app.queries
        if asked.kind is not DelegationKind.PROPOSE_ONLY and (asked.cap is None) != asked.unlimited:
            raise InvalidInput("Up to which amount, or without limit?", code="cap_required", field="cap")
        action = GiveDelegationAction(
            user_id=(await member_meant(queries, call.actor, asked.member)).user_id,
            kind=asked.kind,
            cap=asked.cap,
            markets=asked.markets,
            expires_at=await end_of(queries, call.actor, asked.last_day),
        )
        return said_of(await self._app.approvals.perform(call.actor, action))

    async def withdraw_delegation(self, call: Call[OfMember]) -> Said:
        """Take a member's delegation back: from then on they ask for everything."""
        member = await member_meant(self._app.queries, call.actor, call.arguments.member)
        view = await self._app.delegations.withdraw(call.actor, member.user_id)
        return Said(f"{view.name} has no delegation any more and asks for everything that needs approval.")

    async def list_delegations(self, call: Call[Nothing]) -> Said:
        """Up to which amounts members act and approve without asking."""
        found = await self._app.queries.delegations(call.actor)
        return Said(delegations_text(found), delegations_block(found))

    async def who_can_approve(self, call: Call[ForAmount]) -> Said:
        """Which members can approve an amount, more than that, or anything at all."""
        amount, above = call.arguments.amount, call.arguments.above
        found = await self._app.queries.approvers(call.actor, amount, above=above)
        return Said(approvers_text(found, amount, above=above), approvers_block(found))

    async def list_approvals(self, call: Call[OfStatus]) -> Said:
        """Requests that wait for approval or were decided, latest first: one's own, and those one may decide."""
        wanted = ApprovalFilter.model_validate(call.arguments.model_dump())
        page = await self._app.queries.approvals(call.actor, wanted, PageRequest(limit=_PAGE))
        text = approvals_text(page.items, wanted.status, more=page.next_cursor is not None)
        return Said(text, approvals_block(page.items))

    async def approve_request(self, call: Call[Approving]) -> Said:
        """Approve a request that waits, because the person said so. It is then done, exactly as it was asked for."""
        return await self._decide(call, call.arguments, Decide(verdict=Verdict.APPROVED, reason=call.arguments.reason))

    async def deny_request(self, call: Call[Denying]) -> Said:
        """Deny a request that waits, with the reason."""
        return await self._decide(call, call.arguments, Decide(verdict=Verdict.DENIED, reason=call.arguments.reason))

    async def set_conditions(self, call: Call[Conditioning]) -> Said:
        """Answer a request with what would have to be different. Nothing is done; the requester can ask again."""
        asked = call.arguments
        conditions = [
            WantedCondition(field=one.field, required=one.required, reason=one.reason or asked.reason or one.required)
            for one in asked.conditions
        ]
        command = Decide(verdict=Verdict.CONDITIONS, reason=asked.reason, conditions=conditions)
        return await self._decide(call, asked, command)

    async def withdraw_request(self, call: Call[OfRequest]) -> Said:
        """Take back a request that the person made and that nobody has decided yet."""
        meant = await request_meant(self._app.queries, call.actor, call.arguments.request, mine=True)
        return _said(await self._app.approvals.withdraw(call.actor, meant.id))

    async def _decide(
        self, call: Call[Approving] | Call[Denying] | Call[Conditioning], asked: OfRequest, command: Decide
    ) -> Said:
        meant = await request_meant(self._app.queries, call.actor, asked.request)
        return _said(await self._app.approvals.decide(call.actor, meant.id, command))


def _said(approval: ApprovalView) -> Said:
    return Said(decided_text(approval), ApprovalBlock(approval=approval))


def approval_tools(application: Application) -> list[Offered]:
    do = ApprovalTools(application)
    return [
        offer(AGENT, do.set_delegation, Delegating, Permission.DELEGATION_MANAGE, Effect.COMMIT),
        offer(AGENT, do.withdraw_delegation, OfMember, Permission.DELEGATION_MANAGE, Effect.COMMIT),
        offer(AGENT, do.list_delegations, Nothing, Permission.PLAN_READ, Effect.READ),
        offer(AGENT, do.who_can_approve, ForAmount, Permission.PLAN_READ, Effect.READ),
        offer(AGENT, do.list_approvals, OfStatus, Permission.PLAN_READ, Effect.READ),
        offer(AGENT, do.approve_request, Approving, Permission.PLAN_APPROVE, Effect.COMMIT),
        offer(AGENT, do.deny_request, Denying, Permission.PLAN_APPROVE, Effect.DRAFT),
        offer(AGENT, do.set_conditions, Conditioning, Permission.PLAN_APPROVE, Effect.DRAFT),
        offer(AGENT, do.withdraw_request, OfRequest, Permission.PLAN_SUBMIT, Effect.DRAFT),
    ]
