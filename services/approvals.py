"""Approvals: what may not be done yet is asked for, decided by somebody else, and done once.

The effect uses its approval up in its own transaction (clearance.py), so it is done once, whoever carries it out and
however often. A decision leaves a wakeup: a process that dies after it leaves nothing undone and nobody untold.
"""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from domain.approvals import Approval, ApprovalStatus, Condition, Verdict
from domain.errors import DomainError, Forbidden, InvalidInput, NotFound, StaleVersion, Unavailable
from domain.ids import ApprovalId, CampaignId, TenantId
from domain.tenants import Permission
from services.access_views import ApprovalView
from services.actions import Action, Actions, Done, campaign_of, may_need_approval, stored_action
from services.actor import Actor, Origin, authorize, system_actor
from services.approval_posts import ApprovalPosts
from services.approval_views import action_of, event_of, read
from services.clearance import Uncleared
from services.commands import Command
from services.ports import Clock, WakeupKind, Wakeups
from services.sign_in import SignIn
from services.unit_of_work import Begin

log = logging.getLogger(__name__)

Words = Annotated[str, Field(min_length=1, max_length=500)]
_AT_ONCE = 50
_RETRY_SECONDS = 5.0
_FINISHED_BY = timedelta(seconds=_RETRY_SECONDS)  # by whoever decided; after it a sweep takes over


class WantedCondition(Command):
    field: Annotated[str, Field(min_length=1, max_length=100)]
    required: Annotated[str, Field(min_length=1, max_length=200)]
    reason: Words


class Decide(Command):
    verdict: Verdict
    reason: Words | None = None
    conditions: list[WantedCondition] = Field(default_factory=list, max_length=20)


@dataclass(frozen=True, slots=True)
class Waiting:
    approval: ApprovalView


Outcome = Done | Waiting


class Approvals:
    def __init__(self, begin: Begin, clock: Clock, sign_in: SignIn, wakeups: Wakeups, actions: Actions) -> None:
        self._begin = begin
        self._clock = clock
        self._sign_in = sign_in
        self._wakeups = wakeups
        self._actions = actions
        self._posts = ApprovalPosts(begin, clock)

    async def perform(self, actor: Actor, action: Action) -> Outcome:
        """Does it, or asks for an approval where it needs one. Under an effect key the same answer again."""
        asking = _asking(actor)
        if asked := await self._asked(asking):
            return Waiting(asked)
        try:
            return await self._actions.run(actor, action)
        except Uncleared as needed:
            return Waiting(await self._ask(asking, needed))

    async def ask(self, actor: Actor, action: Action) -> ApprovalView:
        """For what would be possible now. Raises InvalidInput `no_approval_needed` for what nobody has to approve."""
        if not may_need_approval(action):
            raise InvalidInput("Nobody has to approve this; just do it.", code="no_approval_needed", field="action")
        asking = _asking(actor)
        if asked := await self._asked(asking):
            return asked
        try:
            await self._actions.run(actor.through(replace(actor.origin, effect_key=None, proposing=True)), action)
        except Uncleared as needed:
            return await self._ask(asking, needed)
        raise AssertionError("what is proposed is never done")

    async def decide(
        self, actor: Actor, approval_id: ApprovalId, command: Decide, *, expected: int | None = None
    ) -> ApprovalView:
        """Carried out at once where it is approved. Raises Forbidden `own_request`, `delegation_too_small`."""
        decided = await self._decided(actor, approval_id, command, expected)
        try:
            await self.carry_out(actor.tenant_id, approval_id)
        except (Unavailable, StaleVersion) as error:
            log.warning("put off", extra={"approval_id": str(approval_id), "code": error.code})
            return decided
        async with self._begin(system_actor(actor.tenant_id)) as work:
            return await read(work, await work.approvals.get(approval_id), self._clock.now())

    async def withdraw(self, actor: Actor, approval_id: ApprovalId) -> ApprovalView:
        async with self._begin(actor) as work:
            if done := await work.earlier(ApprovalView):
                return done
            approval, now = await work.approvals.get(approval_id), self._clock.now()
            change = approval.withdraw(by=actor.user_id, now=now)
            view = await read(work, approval, now)
            if approval.session_id is not None:
                await work.transcript.log(event_of(view, approval.session_id))
            return await work.commit(view, change)

    async def carry_out(self, tenant_id: TenantId, approval_id: ApprovalId) -> bool:
        """Does what was approved, in the requester's name and with their rights of now, and tells the conversation.

        False while that has to wait for a turn to end. Raises Unavailable or StaleVersion to be tried again.
        """
        approval = await self._find(tenant_id, approval_id)
        if approval.status is ApprovalStatus.APPROVED:
            try:
                await self._run(approval)
            except (Unavailable, StaleVersion):
                raise
            except DomainError as refused:
                await self._give_up(approval, refused)
            approval = await self._find(tenant_id, approval_id)
        return await self._posts.post(tenant_id, approval)

    async def carry_out_due(self) -> None:
        """One sweep over what a process that died left undone, or could not tell yet."""
        claimed = await self._wakeups.claim(WakeupKind.APPROVAL, limit=_AT_ONCE, retry_after=_RETRY_SECONDS)
        for wakeup in claimed:
            try:
                finished = await self.carry_out(wakeup.tenant_id, ApprovalId(wakeup.id))
            except NotFound:
                finished = True
            except Exception as error:  # the boundary of one request: the others are carried out all the same
                log.warning("put off", extra={"approval_id": str(wakeup.id)}, exc_info=error)
                continue
            if finished:
                await self._wakeups.done(wakeup)

    async def _asked(self, asking: Actor) -> ApprovalView | None:
        if asking.origin.effect_key is None:
            return None
        async with self._begin(asking) as work:
            return await work.earlier(ApprovalView)

    async def _ask(self, asking: Actor, needed: Uncleared) -> ApprovalView:
        origin, now = asking.origin, self._clock.now()
        async with self._begin(asking) as work:
            if done := await work.earlier(ApprovalView):
                return done
            approval, change = Approval.ask(
                asking.tenant_id,
                needed.request,
                by=asking.user_id,
                now=now,
                session_id=origin.session_id,
                turn_id=origin.turn_id,
            )
            work.approvals.add(approval)
            view = await read(work, approval, now)
            if origin.session_id is not None:
                await work.transcript.log(event_of(view, origin.session_id, origin.turn_id, origin.agent))
            await work.wake(WakeupKind.APPROVAL_ASKED_MAIL, approval.id, now)
            return await work.commit(view, change)

    async def _decided(
        self, actor: Actor, approval_id: ApprovalId, command: Decide, expected: int | None
    ) -> ApprovalView:
        async with self._begin(actor) as work:
            if done := await work.earlier(ApprovalView):
                return done
            approval, now = await work.approvals.get(approval_id), self._clock.now()
            authorize(actor, Permission.PLAN_APPROVE, _campaign_of(approval))
            _refuse_answering_itself(actor, approval)
            if expected is not None and expected != approval.version:
                raise StaleVersion("The request was changed meanwhile.", current=approval.version)
            if command.verdict is Verdict.APPROVED:
                approval.must_be_intact()
            change = approval.decide(
                command.verdict,
                by=actor.user_id,
                delegation=await work.delegations.find(actor.user_id),
                self_limit=(await work.members.profile()).settings.self_approval_limit,
                now=now,
                reason=command.reason,
                conditions=[Condition(one.field, one.required, one.reason) for one in command.conditions],
            )
            await work.wake(WakeupKind.APPROVAL, approval.id, now + _FINISHED_BY)
            await work.wake(WakeupKind.APPROVAL_DECIDED_MAIL, approval.id, now)
            return await work.commit(await read(work, approval, now), change)

    async def _run(self, approval: Approval) -> None:
        approval.must_be_intact()
        action = stored_action(approval.action, approval.arguments)
        origin = Origin(effect_key=f"approval:{approval.id}", approval_id=approval.id, session_id=approval.session_id)
        await self._actions.run(await self._sign_in.enter(approval.requested_by, approval.tenant_id, origin), action)

    async def _give_up(self, approval: Approval, refused: DomainError) -> None:
        """It was approved, but it does not fit any more."""
        actor = system_actor(approval.tenant_id).through(Origin(approval_id=approval.id))
        async with self._begin(actor) as work:
            current, now = await work.approvals.get(approval.id), self._clock.now()
            if current.status is not ApprovalStatus.APPROVED:
                return
            change = current.failed(refused.message, now)
            await work.commit(await read(work, current, now), change)

    async def _find(self, tenant_id: TenantId, approval_id: ApprovalId) -> Approval:
        async with self._begin(system_actor(tenant_id)) as work:
            return await work.approvals.get(approval_id)


def _campaign_of(approval: Approval) -> CampaignId | None:
    """Where a right in one campaign is enough to decide."""
    return campaign_of(action_of(approval))


def _asking(actor: Actor) -> Actor:
    key = actor.origin.effect_key
    return actor.through(replace(actor.origin, effect_key=f"{key}:ask" if key else None))


def _refuse_answering_itself(actor: Actor, approval: Approval) -> None:
    """A model that asks for something is not who allows it: the person has to say something new first."""
    if actor.origin.turn_id is not None and actor.origin.turn_id == approval.turn_id:
        raise Forbidden("What was asked for in this turn is decided in another one.", code="person_required")
