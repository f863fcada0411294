"""Delegations: up to which amount a member acts and approves without asking."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import AwareDatetime, Field

from domain.approvals import Request
from domain.changes import Change
from domain.delegations import Delegation, DelegationKind
from domain.errors import Forbidden, NotFound, StaleVersion
from domain.ids import UserId
from domain.tenants import Membership, Permission, Role
from domain.text import clean_line
from services.access_views import DelegationView
from services.actor import Actor, authorize
from services.amounts import Amount
from services.campaigns import Label
from services.clearance import clear
from services.commands import Command
from services.ports import Clock
from services.unit_of_work import Begin, UnitOfWork


class GiveDelegation(Command):
    """Takes the place of the one the member had."""

    kind: DelegationKind
    cap: Amount | None = Field(default=None, description="Left out: without limit.")
    markets: list[Label] = Field(default_factory=list, max_length=100, description="Empty: everywhere.")
    expires_at: AwareDatetime | None = None


class Delegations:
    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    async def give(
        self, actor: Actor, user_id: UserId, command: GiveDelegation, *, expected: int | None = None
    ) -> DelegationView:
        """Raises Forbidden `own_delegation`, `owner_only` or `beyond_your_own`: only an owner gives what they lack."""
        authorize(actor, Permission.DELEGATION_MANAGE)
        async with self._begin(actor) as work:
            if done := await work.earlier(DelegationView):
                return done
            now = self._clock.now()
            giver = await _allowed_to_change(work, actor, user_id)
            earlier = await work.delegations.find(user_id)
            _must_be_at(earlier, expected)
            request = _request(user_id, command, earlier)
            delegation, change = _given(actor, user_id, command, earlier, now)
            if giver.role is not Role.OWNER and command.kind is not DelegationKind.PROPOSE_ONLY:
                await _refuse_beyond_own(work, actor, delegation, now)
            cleared = await clear(work, actor, request, now)
            if earlier is None:
                work.delegations.add(delegation)
            return await work.commit(await _view(work, delegation), change, cleared)

    async def withdraw(self, actor: Actor, user_id: UserId, *, expected: int | None = None) -> DelegationView:
        """The member then asks for everything. Raises NotFound `delegation_not_found`."""
        authorize(actor, Permission.DELEGATION_MANAGE)
        async with self._begin(actor) as work:
            if done := await work.earlier(DelegationView):
                return done
            await _allowed_to_change(work, actor, user_id)
            delegation = await work.delegations.find(user_id)
            if delegation is None:
                raise NotFound("This member has no delegation.", code="delegation_not_found")
            _must_be_at(delegation, expected)
            view = await _view(work, delegation)
            await work.delegations.remove(delegation)
            return await work.commit(view, delegation.withdrawn())


async def _allowed_to_change(work: UnitOfWork, actor: Actor, user_id: UserId) -> Membership:
    """The membership of whoever asks. Raises NotFound for somebody who is no member."""
    giver, member = await work.members.get(actor.user_id), await work.members.get(user_id)
    if giver.role is Role.OWNER:
        return giver
    if user_id == actor.user_id:
        raise Forbidden("Nobody changes their own delegation.", code="own_delegation")
    if member.role is Role.OWNER:
        raise Forbidden("Only an owner changes an owner's delegation.", code="owner_only")
    return giver


async def _refuse_beyond_own(work: UnitOfWork, actor: Actor, wanted: Delegation, now: datetime) -> None:
    own = await work.delegations.find(actor.user_id)
    if own is None or not own.lets_pass_on(wanted, now):
        raise Forbidden("You can't delegate more than was delegated to you.", code="beyond_your_own")


def _given(
    actor: Actor, user_id: UserId, command: GiveDelegation, earlier: Delegation | None, now: datetime
) -> tuple[Delegation, Change]:
    cap, markets = command.cap.money() if command.cap else None, _clean(command.markets)
    if earlier is None:
        return Delegation.give(
            actor.tenant_id,
            user_id,
            command.kind,
            cap,
            markets,
            by=actor.user_id,
            now=now,
            expires_at=command.expires_at,
        )
    change = earlier.change(command.kind, cap, markets, by=actor.user_id, now=now, expires_at=command.expires_at)
    return earlier, change


def _request(user_id: UserId, command: GiveDelegation, earlier: Delegation | None) -> Request:
    arguments = {"user_id": str(user_id), **command.model_dump(mode="json")}
    versions = {"delegation": earlier.version} if earlier else {}
    return Request("delegation.give", arguments, None, [], versions)


def _clean(markets: Sequence[str]) -> list[str]:
    return [clean_line(market, field="markets", longest=80) for market in markets]


def _must_be_at(delegation: Delegation | None, expected: int | None) -> None:
    current = delegation.version if delegation else None
    if expected is not None and expected != current:
        raise StaleVersion("The delegation was changed meanwhile.", current=current)


async def _view(work: UnitOfWork, delegation: Delegation) -> DelegationView:
    return DelegationView(
        user_id=delegation.user_id,
        name=(await work.people.get(delegation.user_id)).name,
        kind=delegation.kind,
        cap=Amount.of(delegation.cap) if delegation.cap else None,
        markets=list(delegation.markets),
        granted_by=delegation.granted_by,
        created_at=delegation.created_at,
        expires_at=delegation.expires_at,
        version=delegation.version,
    )
