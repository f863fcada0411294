"""Campaigns: create, change, move along the status table, archive and restore."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from domain.approvals import Request
from domain.campaigns import BudgetBasis, Campaign, Flight, Move
from domain.changes import Change
from domain.errors import StaleVersion
from domain.ids import AdvertiserId, CampaignId
from domain.objectives import Objective
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.advertisers import belonging
from services.amounts import Amount
from services.clearance import clear
from services.commands import Command
from services.ports import Clock
from services.queries import CampaignView
from services.unit_of_work import Begin, UnitOfWork

Name = Annotated[str, Field(min_length=1, max_length=200)]
Label = Annotated[str, Field(max_length=200)]
SPENDING = frozenset({Move.LAUNCH, Move.RESUME})  # from then on the budget is being spent


class CreateCampaign(Command):
    name: Name
    objective: Objective
    budget: Amount
    start: date
    end: date
    advertiser: Label | None = None
    product: Label | None = None
    kpi: Label | None = None
    kpi_target: Decimal | None = Field(default=None, gt=0)
    value_per_conversion: Amount | None = Field(default=None, description="Needed to count value and ROAS.")
    audiences: list[Label] = Field(default_factory=list, max_length=100)
    markets: list[Label] = Field(default_factory=list, max_length=100)
    budget_basis: BudgetBasis = Field(default=BudgetBasis.CLIENT_COST, description="What the budget has to pay for.")


class UpdateCampaign(Command):
    """Fields left out stay as they are."""

    name: Name | None = None
    objective: Objective | None = None
    budget: Amount | None = None
    start: date | None = None
    end: date | None = None
    advertiser: Label | None = None
    product: Label | None = None
    kpi: Label | None = None
    kpi_target: Decimal | None = Field(default=None, gt=0)
    value_per_conversion: Amount | None = None
    audiences: list[Label] | None = Field(default=None, max_length=100)
    markets: list[Label] | None = Field(default=None, max_length=100)
    budget_basis: BudgetBasis | None = None


class MoveCampaign(Command):
    move: Move
    reason: Label | None = None


class Campaigns:
    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    async def create(self, actor: Actor, command: CreateCampaign) -> CampaignView:
        authorize(actor, Permission.CAMPAIGN_WRITE)
        async with self._begin(actor) as work:
            if done := await work.earlier(CampaignView):
                return done
            now = self._clock.now()
            advertiser_id, advertised = await belonging(work, actor, command.advertiser, now)
            campaign, change = Campaign.create(
                actor.tenant_id,
                command.name,
                command.objective,
                command.budget.money(),
                Flight(command.start, command.end),
                by=actor.user_id,
                now=now,
                advertiser=command.advertiser,
                product=command.product,
                kpi=command.kpi,
                kpi_target=command.kpi_target,
                value_per_conversion=command.value_per_conversion.money() if command.value_per_conversion else None,
                audiences=command.audiences,
                markets=command.markets,
                budget_basis=command.budget_basis,
                advertiser_id=advertiser_id,
            )
            work.campaigns.add(campaign)
            return await work.commit(await view_in(work, campaign), advertised, change)

    async def update(
        self, actor: Actor, campaign_id: CampaignId, command: UpdateCampaign, *, expected: int | None = None
    ) -> CampaignView:
        """`expected` is the version the caller saw; None takes whatever is there.

        Raises ApprovalNeeded for more money in a running campaign than the actor's delegation covers.
        """
        authorize(actor, Permission.CAMPAIGN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(CampaignView):
                return done
            campaign = await self._get(work, campaign_id, expected)
            settings, now = (await work.members.profile()).settings, self._clock.now()
            raising = _raising(campaign, command)
            belongs, advertised = await belonging(work, actor, command.advertiser, now)
            change = _changed(campaign, command, now.astimezone(settings.zone).date(), belongs)
            cleared = await clear(work, actor, raising, now) if raising else None
            return await work.commit(await view_in(work, campaign), advertised, change, cleared)

    async def move(
        self, actor: Actor, campaign_id: CampaignId, command: MoveCampaign, *, expected: int | None = None
    ) -> CampaignView:
        """Raises ApprovalNeeded where money would be spent that the actor's delegation does not cover."""
        authorize(actor, Permission.CAMPAIGN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(CampaignView):
                return done
            campaign = await self._get(work, campaign_id, expected)
            request = _request(campaign, command)
            change = campaign.move_by_hand(command.move, reason=command.reason)
            cleared = await clear(work, actor, request, self._clock.now()) if command.move in SPENDING else None
            return await work.commit(await view_in(work, campaign), change, cleared)

    async def archive(self, actor: Actor, campaign_id: CampaignId, *, expected: int | None = None) -> CampaignView:
        return await self._file(actor, campaign_id, expected, Campaign.archive)

    async def restore(self, actor: Actor, campaign_id: CampaignId, *, expected: int | None = None) -> CampaignView:
        return await self._file(actor, campaign_id, expected, Campaign.restore)

    async def _file(
        self, actor: Actor, campaign_id: CampaignId, expected: int | None, act: Callable[[Campaign], Change]
    ) -> CampaignView:
        authorize(actor, Permission.CAMPAIGN_ARCHIVE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(CampaignView):
                return done
            campaign = await self._get(work, campaign_id, expected)
            change = act(campaign)
            return await work.commit(await view_in(work, campaign), change)

    async def _get(self, work: UnitOfWork, campaign_id: CampaignId, expected: int | None) -> Campaign:
        campaign = await work.campaigns.get(campaign_id)
        if expected is not None and expected != campaign.version:
            raise StaleVersion(
                f"{campaign.name} is at version {campaign.version} by now, not {expected}.",
                current=campaign.version,
            )
        return campaign


def _request(campaign: Campaign, command: MoveCampaign) -> Request:
    arguments = {"campaign_id": str(campaign.id), **command.model_dump(mode="json")}
    versions = {"campaign": campaign.version}
    return Request("campaign.move", arguments, campaign.budget, list(campaign.markets), versions)


def _raising(campaign: Campaign, command: UpdateCampaign) -> Request | None:
    """None where the change commits no more money."""
    budget = command.budget.money() if command.budget else None
    if budget is None or not campaign.would_spend_more(budget):
        return None
    arguments = {"campaign_id": str(campaign.id), **command.model_dump(mode="json")}
    return Request("campaign.update", arguments, budget, list(campaign.markets), {"campaign": campaign.version})


def _changed(campaign: Campaign, command: UpdateCampaign, today: date, belongs: AdvertiserId | None) -> Change:
    flight = None
    if command.start or command.end:
        flight = Flight(command.start or campaign.flight.start, command.end or campaign.flight.end)
    return campaign.change(
        today=today,
        name=command.name,
        objective=command.objective,
        budget=command.budget.money() if command.budget else None,
        flight=flight,
        advertiser=command.advertiser,
        advertiser_id=belongs,
        product=command.product,
        kpi=command.kpi,
        kpi_target=command.kpi_target,
        value_per_conversion=command.value_per_conversion.money() if command.value_per_conversion else None,
        audiences=command.audiences,
        markets=command.markets,
        budget_basis=command.budget_basis,
    )


async def view_in(work: UnitOfWork, campaign: Campaign) -> CampaignView:
    """An advertiser goes by its name of today, whatever it was called when the campaign was made."""
    belongs = campaign.advertiser_id
    return view_of(campaign, (await work.advertisers.get(belongs)).name if belongs else campaign.advertiser)


def view_of(campaign: Campaign, advertiser: str | None) -> CampaignView:
    return CampaignView(
        id=campaign.id,
        name=campaign.name,
        advertiser=advertiser,
        advertiser_id=campaign.advertiser_id,
        product=campaign.product,
        objective=campaign.objective,
        budget=Amount.of(campaign.budget),
        budget_basis=campaign.budget_basis,
        start=campaign.flight.start,
        end=campaign.flight.end,
        kpi=campaign.kpi,
        kpi_target=campaign.kpi_target,
        value_per_conversion=Amount.of(campaign.value_per_conversion) if campaign.value_per_conversion else None,
        audiences=list(campaign.audiences),
        markets=list(campaign.markets),
        status=campaign.status,
        status_reason=campaign.status_reason,
        archived=campaign.archived,
        created_at=campaign.created_at,
        version=campaign.version,
    )
