"""A workspace in which some may launch, some may approve, and campaigns wait for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.approvals import Approval, Verdict
from domain.campaigns import Campaign, CampaignStatus, Move
from domain.delegations import Delegation, DelegationKind
from domain.ids import ApprovalId, CampaignId, SessionId, TurnId, UserId, new_id
from domain.money import Money
from domain.tenants import Membership, Role, TenantSettings
from domain.users import Email, User
from server.identity.derived import DerivedSecrets
from services.access_views import ApprovalView
from services.actions import Action, Actions, MoveCampaignAction
from services.actor import Actor, Origin
from services.amounts import Amount
from services.approvals import Approvals, Decide, Outcome, Waiting
from services.delegations import Delegations
from services.grants import Grants
from services.members import Members
from services.plan_approval import PlanApproval
from services.ports import WakeupKind, Wakeups
from services.queries import CampaignView
from services.sign_in import SignIn
from tests.drivers import SERVER_SECRET
from tests.services.conftest import Product
from tests.services.samples import create, usd

APPROVE = Decide(verdict=Verdict.APPROVED)
DENY = Decide(verdict=Verdict.DENIED, reason="Not this quarter.")
CONDITIONS = Decide.model_validate(
    {
        "verdict": "conditions",
        "conditions": [{"field": "budget", "required": "at most 50,000 USD", "reason": "The client cut it."}],
    }
)


@dataclass(frozen=True)
class Workspace:
    product: Product
    wakeups: Wakeups
    owner: Actor
    sign_in: SignIn
    members: Members
    actions: Actions
    delegations: Delegations
    approvals: Approvals

    async def colleague(
        self, role: Role, cap: int | None = None, *, name: str = "Bob", kind: DelegationKind | None = None
    ) -> Actor:
        """With a delegation up to the cap, in dollars; without one for None, unless a kind is named."""
        now = self.product.clock.now()
        user = User.register(Email.of(f"{new_id()}@example.com"), name, None, now)
        user_id = user.id
        async with self.product.begin(self.owner) as work:
            await work.people.add(user)
            work.members.add(Membership(self.owner.tenant_id, user_id, role, now))
            await work.commit(Amount.of(Money(1, "USD")))
        if cap is not None or kind is not None:
            await self.delegate(user_id, kind or DelegationKind.FULL, cap)
        return await self.sign_in.enter(user_id, self.owner.tenant_id)

    async def delegate(
        self, user_id: UserId, kind: DelegationKind, cap: int | None, markets: Sequence[str] = ()
    ) -> None:
        now, owner = self.product.clock.now(), self.owner
        limit = Money(cap * 100, "USD") if cap is not None else None
        async with self.product.begin(owner) as work:
            if there := await work.delegations.find(user_id):
                there.change(kind, limit, markets, by=owner.user_id, now=now)
            else:
                given, _ = Delegation.give(owner.tenant_id, user_id, kind, limit, markets, by=owner.user_id, now=now)
                work.delegations.add(given)
            await work.commit(Amount.of(Money(1, "USD")))

    async def ready_campaign(self, name: str = "Spring", budget: int = 100_000) -> CampaignView:
        """Planned and approved: only to be launched."""
        made = await self.product.campaigns.create(self.owner, create(name=name, budget=usd(budget)))
        await self.change_campaign(made.id, Move.PLAN, Move.APPROVE)
        return made

    async def change_campaign(self, campaign_id: CampaignId, *moves: Move) -> None:
        async with self.product.begin(self.owner) as work:
            campaign = await work.campaigns.get(campaign_id)
            for move in moves:
                campaign.move(move)
            await work.commit(Amount.of(campaign.budget))

    async def status(self, campaign_id: CampaignId) -> CampaignStatus:
        return (await self._campaign(campaign_id)).status

    async def _campaign(self, campaign_id: CampaignId) -> Campaign:
        async with self.product.begin(self.owner) as work:
            return await work.campaigns.get(campaign_id)

    async def stored(self, approval_id: ApprovalId) -> Approval:
        async with self.product.begin(self.owner) as work:
            return await work.approvals.get(approval_id)

    async def settle_for(self, settings: TenantSettings) -> None:
        async with self.product.begin(self.owner) as work:
            (await work.members.profile()).adopt(settings)
            await work.commit(Amount.of(Money(1, "USD")))

    async def waits(self, actor: Actor, action: Action) -> ApprovalView:
        return asked(await self.approvals.perform(actor, action))

    async def approved_by_a_process_that_died(self, approval_id: ApprovalId) -> None:
        """The decision alone: nothing is carried out, and the sweep's turn has come."""
        async with self.product.begin(self.owner) as work:
            approval = await work.approvals.get(approval_id)
            change = approval.decide(
                Verdict.APPROVED,
                by=self.owner.user_id,
                delegation=await work.delegations.find(self.owner.user_id),
                self_limit=(await work.members.profile()).settings.self_approval_limit,
                now=self.product.clock.now(),
            )
            await work.commit(Amount.of(Money(1, "USD")), change)
        await self.due_now(approval_id)

    async def due_now(self, approval_id: ApprovalId) -> None:
        """The sweep's turn has come, whatever the decision's process did."""
        async with self.product.begin(self.owner) as work:
            await work.wake(WakeupKind.APPROVAL, approval_id, self.product.clock.now() - timedelta(minutes=1))
            await work.commit(Amount.of(Money(1, "USD")))


def workspace(product: Product, wakeups: Wakeups, owner: Actor) -> Workspace:
    begin, clock = product.begin, product.clock
    sign_in = SignIn(product.directory, clock)
    members, grants = Members(begin, DerivedSecrets(SERVER_SECRET), clock), Grants(begin, clock)
    delegations = Delegations(begin, clock)
    actions = Actions(product.campaigns, PlanApproval(begin, clock), members, grants, delegations)
    approvals = Approvals(begin, clock, sign_in, wakeups, actions)
    return Workspace(product, wakeups, owner, sign_in, members, actions, delegations, approvals)


def launch(campaign: CampaignView, move: Move = Move.LAUNCH) -> MoveCampaignAction:
    return MoveCampaignAction(campaign_id=campaign.id, move=move)


def asked(outcome: Outcome) -> ApprovalView:
    assert isinstance(outcome, Waiting), outcome
    return outcome.approval


def through_agent(actor: Actor, session_id: SessionId | None = None, *, turn: TurnId | None = None) -> Actor:
    """As a tool call of the workspace agent."""
    key = f"{turn or new_id()}:call"
    return actor.through(Origin(effect_key=key, agent="workspace", session_id=session_id, turn_id=turn))
