"""The steps of the planning workflow as the product knows them; Temporal only calls them in order.

Each step takes and gives plain values, reads what it needs afresh, and may be run again: only the last one writes,
under the job's effect key.
"""

from datetime import date

from pydantic import BaseModel, ConfigDict

from domain.campaigns import Campaign, Flight
from domain.changes import Change
from domain.channels import Channel
from domain.errors import Conflict
from domain.ids import CampaignId, JobId
from domain.media_plans import Draft, ExpectedDelivery, FlightWeek, MediaPlan, PlanVersion, VersionKind
from domain.money import Money
from domain.plan_drafting import (
    ChannelBounds,
    assemble_line,
    expected_delivery,
    flight_weeks,
    split_budget,
)
from domain.planning.flighting import Flighting
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.jobs import JobResult, Jobs
from services.plan_views import plan_view
from services.ports import Clock
from services.queries import JobView
from services.unit_of_work import Begin, UnitOfWork


class Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class PlanningTask(Value):
    """What the workflow is asked to do. Identity is the actor's."""

    job_id: JobId
    campaign_id: CampaignId
    channels: list[Channel]
    base: int | None  # the version that was current when the job was asked for


class Gathered(Value):
    channels: list[Channel]
    flighting: Flighting
    budget_minor: int
    currency: str
    kept: dict[Channel, int]
    start: date
    end: date


class Allocated(Value):
    amounts: dict[Channel, int]
    explanation: str


class Week(Value):
    starts: date
    budget_minor: int


class Flighted(Value):
    weeks: dict[Channel, list[Week]]


class Forecasted(Value):
    impressions: dict[Channel, int]
    clicks: dict[Channel, int]
    conversions_hundredths: dict[Channel, int]


class PlanningJob:
    def __init__(self, begin: Begin, clock: Clock, jobs: Jobs) -> None:
        self._begin = begin
        self._clock = clock
        self._jobs = jobs

    async def gather(self, actor: Actor, task: PlanningTask) -> Gathered:
        authorize(actor, Permission.PLAN_WRITE, task.campaign_id)
        async with self._begin(actor) as work:
            campaign = await work.campaigns.get(task.campaign_id)
            campaign.must_accept_plans()
            plan = await work.plans.find_of_campaign(task.campaign_id)
            kept = {
                line.channel: line.budget.minor
                for line in (plan.current.lines if plan else [])
                if line.locked and line.channel in task.channels
            }
            return Gathered(
                channels=task.channels,
                flighting=plan.current.flighting if plan else Flighting.EVEN,
                budget_minor=campaign.budget.minor,
                currency=campaign.budget.currency,
                kept=kept,
                start=campaign.flight.start,
                end=campaign.flight.end,
            )

    async def allocate(self, actor: Actor, task: PlanningTask, gathered: Gathered) -> Allocated:
        async with self._begin(actor) as work:
            campaign = await work.campaigns.get(task.campaign_id)
        bounds = [
            ChannelBounds(channel, kept=Money(gathered.kept[channel], gathered.currency))
            if channel in gathered.kept
            else ChannelBounds(channel)
            for channel in gathered.channels
        ]
        split = split_budget(campaign, bounds, Money(gathered.budget_minor, gathered.currency))
        return Allocated(
            amounts={channel: amount.minor for channel, amount in split.amounts.items()},
            explanation=split.explanation,
        )

    async def flight(self, actor: Actor, task: PlanningTask, gathered: Gathered, allocated: Allocated) -> Flighted:
        async with self._begin(actor) as work:
            campaign = await work.campaigns.get(task.campaign_id)
            first = (await work.members.profile()).settings.week_start.number
        return Flighted(
            weeks={
                channel: [
                    Week(starts=week.starts, budget_minor=week.budget_minor)
                    for week in flight_weeks(campaign, Money(minor, gathered.currency), gathered.flighting, first)
                ]
                for channel, minor in allocated.amounts.items()
            }
        )

    async def forecast(self, actor: Actor, task: PlanningTask, gathered: Gathered, allocated: Allocated) -> Forecasted:
        async with self._begin(actor) as work:
            campaign = await work.campaigns.get(task.campaign_id)
        expected = {
            channel: expected_delivery(campaign, channel, Money(minor, gathered.currency))
            for channel, minor in allocated.amounts.items()
        }
        return Forecasted(
            impressions={channel: delivery.impressions for channel, delivery in expected.items()},
            clicks={channel: delivery.clicks for channel, delivery in expected.items()},
            conversions_hundredths={channel: delivery.conversions_hundredths for channel, delivery in expected.items()},
        )

    async def save(
        self,
        actor: Actor,
        task: PlanningTask,
        gathered: Gathered,
        allocated: Allocated,
        flighted: Flighted,
        forecasted: Forecasted,
    ) -> JobView:
        """The plan version, the finished job and its message in one transaction; a second call finds the first's."""
        authorize(actor, Permission.PLAN_WRITE, task.campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(JobView):
                return done
            job = await work.jobs.get(task.job_id)
            campaign = await work.campaigns.get(task.campaign_id)
            _must_be_as_gathered(campaign, gathered)
            draft = _draft(campaign, gathered, allocated, flighted, forecasted)
            plan, version, saved = await self._keep(work, actor, campaign, task.base, draft)
            moved = campaign.plan_saved() if version is plan.current else None
            facts = {"plan_id": str(plan.id), "number": version.number, "kind": version.kind}
            completed = job.complete(facts, self._clock.now())
            view = plan_view(campaign, plan, version)
            block: dict[str, object] = {"kind": "plan", "plan": view.model_dump(mode="json")}
            await self._jobs.post(work, job, JobResult(text=_announce(plan, version), block=block))
            return await work.commit(JobView.model_validate(job), saved, moved, completed)

    async def _keep(
        self, work: UnitOfWork, actor: Actor, campaign: Campaign, base: int | None, draft: Draft
    ) -> tuple[MediaPlan, PlanVersion, Change]:
        now = self._clock.now()
        plan = await work.plans.find_of_campaign(campaign.id)
        if plan is None:
            plan, saved = MediaPlan.start(campaign, draft, by=actor.user_id, now=now)
            work.plans.add(plan)
            return plan, plan.current, saved
        version, saved = plan.save_based_on(base, campaign, draft, by=actor.user_id, now=now)
        if version is not plan.current:
            work.plans.keep(version)
        return plan, version, saved


def _must_be_as_gathered(campaign: Campaign, gathered: Gathered) -> None:
    flight, budget = Flight(gathered.start, gathered.end), Money(gathered.budget_minor, gathered.currency)
    if campaign.flight != flight or campaign.budget != budget:
        raise Conflict(
            "The campaign's budget or dates changed while it was being planned; start the workflow again.",
            code="campaign_changed",
        )


def _draft(
    campaign: Campaign, gathered: Gathered, allocated: Allocated, flighted: Flighted, forecasted: Forecasted
) -> Draft:
    lines = tuple(
        assemble_line(
            campaign,
            position,
            channel,
            Money(allocated.amounts[channel], gathered.currency),
            tuple(FlightWeek(week.starts, week.budget_minor) for week in flighted.weeks[channel]),
            ExpectedDelivery(
                forecasted.impressions[channel],
                forecasted.clicks[channel],
                forecasted.conversions_hundredths[channel],
            ),
            locked=channel in gathered.kept,
        )
        for position, channel in enumerate(gathered.channels)
    )
    return Draft(lines, gathered.flighting, "planning workflow", allocated.explanation)


def _announce(plan: MediaPlan, version: PlanVersion) -> str:
    lines = ", ".join(f"{line.channel.label} {line.budget}" for line in version.lines)
    if version.kind is VersionKind.SCENARIO:
        return (
            f"The planning workflow finished, but the plan had moved on to version {plan.current.number} meanwhile. "
            f"Its result is kept as scenario {version.number}: {lines}."
        )
    return f"The planning workflow finished: version {version.number} is current, {version.total} in all: {lines}."
