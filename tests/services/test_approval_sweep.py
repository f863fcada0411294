"""One request that can't be carried out keeps no other one waiting."""

from domain.approvals import ApprovalStatus
from domain.campaigns import CampaignStatus
from domain.errors import Unavailable
from domain.ids import CampaignId
from domain.tenants import Role
from services.actions import Action, Actions, Done, MoveCampaignAction
from services.actor import Actor
from services.approvals import Approvals
from tests.fakes.wakeups import InMemoryWakeups
from tests.services.approval_world import launch, workspace
from tests.services.conftest import InMemory


class Stubborn(Actions):
    """Fails for one campaign: with whatever error it is given, until there is none."""

    def __init__(self, usual: Actions, campaign_id: CampaignId, error: Exception) -> None:
        self._usual = usual
        self.campaign_id = campaign_id
        self.error: Exception | None = error

    async def run(self, actor: Actor, action: Action) -> Done:
        if self.error and isinstance(action, MoveCampaignAction) and action.campaign_id == self.campaign_id:
            raise self.error
        return await self._usual.run(actor, action)


async def test_the_others_are_carried_out_and_it_is_tried_again(memory: InMemory) -> None:
    for error in (RuntimeError("a mistake of ours"), Unavailable("The database is away.")):
        wakeups = InMemoryWakeups(memory.database, memory.clock)
        house = workspace(memory, wakeups, memory.owner())
        planner = await house.colleague(Role.PLANNER)
        campaigns = [await house.ready_campaign(name) for name in ("First", "Second", "Third")]
        asked = [await house.waits(planner, launch(campaign)) for campaign in campaigns]
        for approval in asked:
            await house.approved_by_a_process_that_died(approval.id)
        stubborn = Stubborn(house.actions, campaigns[0].id, error)
        approvals = Approvals(memory.begin, memory.clock, house.sign_in, wakeups, stubborn)
        await approvals.carry_out_due()
        assert [await house.status(campaign.id) for campaign in campaigns] == [
            CampaignStatus.APPROVED,
            CampaignStatus.LIVE,
            CampaignStatus.LIVE,
        ]
        stubborn.error = None
        memory.clock.advance(seconds=10)
        await approvals.carry_out_due()
        assert (await house.stored(asked[0].id)).status is ApprovalStatus.EXECUTED
        assert await house.status(campaigns[0].id) is CampaignStatus.LIVE
