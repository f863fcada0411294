"""Correspondence: the letters that a transaction asked for, composed when they are sent and sent until they arrive.

The outbox holds ids alone. What has been settled meanwhile (accepted, withdrawn, decided, expired) needs no letter.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid5

from domain.approvals import Approval, ApprovalStatus, Verdict
from domain.changes import Change
from domain.errors import Conflict, DomainError, InvalidInput, NotFound, Unavailable
from domain.ids import ApprovalId, CampaignId, InvitationId, UserId
from domain.money import Money
from services.account_work import BeginAccounts, SecurityEvent, SecurityEventKind
from services.actions import campaign_of
from services.actor import system_actor
from services.approval_views import action_of, read
from services.audit_store import AuditStore, row_of
from services.gateways import Letter, Post
from services.letters import Letters
from services.ports import Clock, Wakeup, WakeupKind, Wakeups
from services.recipients import Approver, Recipients
from services.unit_of_work import Begin, UnitOfWork

_BATCH = 10
_CLAIM_SECONDS = 60.0  # longer than any way of sending takes
_SOONEST, _LATEST = timedelta(seconds=10), timedelta(hours=1)
_STALE = timedelta(days=7)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why somebody is written to, since when, and the user whom it concerns where there is no tenant."""

    since: datetime
    letters: list[Letter]
    user_id: UserId | None = None


Compose = Callable[[Wakeup], Awaitable[Occasion | None]]


class Correspondence:
    def __init__(
        self,
        begin: Begin,
        accounts: BeginAccounts,
        wakeups: Wakeups,
        recipients: Recipients,
        audit: AuditStore,
        post: Post,
        letters: Letters,
        clock: Clock,
    ) -> None:
        self._begin = begin
        self._accounts = accounts
        self._wakeups = wakeups
        self._recipients = recipients
        self._audit = audit
        self._post = post
        self._letters = letters
        self._clock = clock
        self._composers: dict[WakeupKind, Compose] = {
            WakeupKind.INVITATION_MAIL: self._invitation,
            WakeupKind.PASSWORD_RESET_MAIL: self._password_reset,
            WakeupKind.APPROVAL_ASKED_MAIL: self._approval_asked,
            WakeupKind.APPROVAL_DECIDED_MAIL: self._approval_decided,
        }

    async def deliver_due(self) -> None:
        """One sweep. What can't be sent now is tried again, less and less often; an address that is none, never."""
        for kind, compose in self._composers.items():
            more = True
            while more:
                due = await self._wakeups.claim(kind, limit=_BATCH, retry_after=_CLAIM_SECONDS)
                await asyncio.gather(*(self._deliver(wakeup, compose) for wakeup in due))
                more = len(due) == _BATCH

    async def _deliver(self, wakeup: Wakeup, compose: Compose) -> None:
        facts = {"kind": wakeup.kind, "tenant": str(wakeup.tenant_id), "id": str(wakeup.id)}
        try:
            occasion = await compose(wakeup)
            if occasion is None or await self._sent(wakeup, occasion):
                await self._wakeups.done(wakeup)
            else:
                await self._wakeups.put_off(wakeup, self._pause(occasion))
        except DomainError as error:  # the claim runs out, and it is tried again
            log.warning("a letter has to wait", extra={**facts, "code": error.code})
        except Exception:  # one letter must not keep all the others
            log.exception("a letter failed", extra=facts)

    async def _sent(self, wakeup: Wakeup, occasion: Occasion) -> bool:
        """False where it is worth trying again. Letters that went out then go twice, under the same id."""
        outcomes = [await self._send(wakeup, letter, occasion.user_id) for letter in occasion.letters]
        return all(outcomes)

    async def _send(self, wakeup: Wakeup, letter: Letter, user_id: UserId | None) -> bool:
        facts = {"kind": wakeup.kind, "tenant": str(wakeup.tenant_id), "id": str(wakeup.id), "letter": str(letter.id)}
        try:
            await self._post.send(letter)
        except Unavailable as error:
            log.warning("a letter has to wait", extra={**facts, "code": error.code})
            return False
        except InvalidInput as error:
            log.warning("a letter can't be delivered", extra={**facts, "code": error.code})
            await self._note_undeliverable(wakeup, letter, error, user_id)
        return True

    async def _note_undeliverable(
        self, wakeup: Wakeup, letter: Letter, error: InvalidInput, user_id: UserId | None
    ) -> None:
        """Where somebody looks who wonders why nothing came. Without the address: the audit is kept for good."""
        if wakeup.kind is WakeupKind.PASSWORD_RESET_MAIL:
            async with self._accounts() as work:
                about = {"letter": letter.kind.value, "code": error.code}
                await work.commit(SecurityEvent(SecurityEventKind.LETTER_UNDELIVERABLE, user_id, details=about))
            return
        change = Change("letter.undeliverable", wakeup.id, 0, after={"letter": letter.kind, "code": error.code})
        row = row_of(system_actor(wakeup.tenant_id), change, self._clock.now())
        await self._audit.append(replace(row, id=uuid5(letter.id, "undeliverable")))

    def _pause(self, occasion: Occasion) -> float:
        """As long again as it has been tried already."""
        tried = self._clock.now() - occasion.since
        return min(max(tried, _SOONEST), _LATEST).total_seconds()

    async def _invitation(self, wakeup: Wakeup) -> Occasion | None:
        async with self._begin(system_actor(wakeup.tenant_id)) as work:
            try:
                invitation = await work.invitations.get(InvitationId(wakeup.id))
                invitation.must_be_open(self._clock.now())
            except (NotFound, Conflict):
                return None
            by = await work.people.get(invitation.invited_by)
            letter = self._letters.invitation(invitation, await work.members.tenant_name(), by.name)
        return Occasion(invitation.created_at, [letter])

    async def _password_reset(self, wakeup: Wakeup) -> Occasion | None:
        async with self._accounts() as work:
            reset = await work.password_resets.find(wakeup.id)
            user = await work.users.find(reset.user_id) if reset else None
        if reset is None or user is None or reset.used_at or self._clock.now() >= reset.expires_at:
            return None
        return Occasion(reset.created_at, [self._letters.password_reset(reset, user)], user.id)

    async def _approval_asked(self, wakeup: Wakeup) -> Occasion | None:
        now = self._clock.now()
        async with self._begin(system_actor(wakeup.tenant_id)) as work:
            approval = await _approval(work, wakeup)
            if approval is None or approval.status is not ApprovalStatus.PENDING or now >= approval.expires_at:
                return None
            view, tenant = await read(work, approval, now), await work.members.tenant_name()
            self_limit = (await work.members.profile()).settings.self_approval_limit
        found = await self._recipients.approvers(wakeup.tenant_id, _campaign(approval), now)
        able = [one.user for one in found if _could_approve(approval, one, self_limit, now)]
        if not able:
            log.warning("nobody can approve what was asked for", extra={"approval_id": str(wakeup.id)})
        return Occasion(approval.created_at, [self._letters.approval_asked(view, tenant, user) for user in able])

    async def _approval_decided(self, wakeup: Wakeup) -> Occasion | None:
        now = self._clock.now()
        async with self._begin(system_actor(wakeup.tenant_id)) as work:
            approval = await _approval(work, wakeup)
            if approval is None or approval.decided_at is None or now - approval.decided_at > _STALE:
                return None
            requester = approval.requested_by
            if approval.decided_by == requester or await work.members.find(requester) is None:
                return None
            view, tenant = await read(work, approval, now), await work.members.tenant_name()
            letter = self._letters.approval_decided(view, tenant, await work.people.get(requester))
        return Occasion(approval.decided_at, [letter])


async def _approval(work: UnitOfWork, wakeup: Wakeup) -> Approval | None:
    try:
        return await work.approvals.get(ApprovalId(wakeup.id))
    except NotFound:
        return None


def _campaign(approval: Approval) -> CampaignId | None:
    """Where a right in one campaign is enough to decide."""
    return campaign_of(action_of(approval))


def _could_approve(approval: Approval, who: Approver, self_limit: Money, now: datetime) -> bool:
    """The rule itself is asked, on a copy."""
    try:
        replace(approval).decide(
            Verdict.APPROVED, by=who.user.id, delegation=who.delegation, self_limit=self_limit, now=now
        )
    except DomainError:
        return False
    return True
