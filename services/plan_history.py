"""A plan through its versions: back to an earlier one, in step with its campaign again, into another campaign."""

from enum import StrEnum

from pydantic import Field

from domain.errors import Conflict, InvalidInput
from domain.ids import CampaignId
from domain.plans.bounds import Limits, LineBounds
from domain.plans.brief import PlanningBrief
from domain.plans.carrying import as_it_was, copied, moved, scaled
from domain.plans.drafting import optimum
from domain.plans.media_plans import Draft, MediaPlan, PlanVersion, Standing, VersionKind
from domain.tenants import Permission
from services.actor import Actor, authorize
from services.commands import Command
from services.optimization_views import OptimizationView, optimization_view
from services.plan_briefs import planning_brief
from services.plan_saving import planned, save_version
from services.plan_views import PlanComparison, compare_views
from services.ports import Clock
from services.queries import PlanView
from services.unit_of_work import Begin, UnitOfWork


class UndoPlan(Command):
    version: int | None = Field(default=None, ge=1, description="Left out: the version before the current one.")


class How(StrEnum):
    SCALE = "scale"  # every line in proportion, locked lines as they are
    OPTIMIZE = "optimize"  # again over the same lines
    KEEP = "keep"  # the same lines


class ResyncPlan(Command):
    """In step with the campaign's budget and dates again."""

    how: How


class CopyPlan(Command):
    scale: bool = Field(default=False, description="In proportion to the other campaign's budget.")


class PlanHistory:
    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    async def undo(
        self, actor: Actor, campaign_id: CampaignId, command: UndoPlan, *, expected: int | None = None
    ) -> PlanView:
        """A new version with the lines of an earlier one. Refuses one that the campaign has no room for any more."""
        authorize(actor, Permission.PLAN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(PlanView):
                return done
            brief, plan = await planned(work, campaign_id, expected)
            version = await _earlier(work, plan, command.version)
            draft = as_it_was(brief.campaign, version, f"undone to version {version.number}")
            return await save_version(work, actor, brief, plan, draft, self._clock.now())

    async def resync(
        self, actor: Actor, campaign_id: CampaignId, command: ResyncPlan, *, expected: int | None = None
    ) -> PlanView:
        """Raises Conflict `in_sync` where nothing has moved."""
        authorize(actor, Permission.PLAN_WRITE, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(PlanView):
                return done
            brief, plan = await planned(work, campaign_id, expected)
            drift = plan.current.drift_from(brief.campaign)
            if command.how is not How.OPTIMIZE and not drift.out_of_sync:
                raise Conflict("The plan fits its campaign's budget and dates as it is.", code="in_sync")
            draft, told = _resynced(brief, plan.current, command.how)
            return await save_version(work, actor, brief, plan, draft, self._clock.now(), told)

    async def copy(self, actor: Actor, source: CampaignId, target: CampaignId, command: CopyPlan) -> PlanView:
        """The current lines become the other campaign's plan, or its next version, over its own dates."""
        authorize(actor, Permission.PLAN_READ, source)
        authorize(actor, Permission.PLAN_WRITE, target)
        async with self._begin(actor) as work:
            if done := await work.earlier(PlanView):
                return done
            copied_from, plan = await planned(work, source)
            if source == target:
                raise InvalidInput("A plan is copied to another campaign.", code="same_campaign", field="campaign")
            brief = await planning_brief(work, await work.campaigns.get(target))
            reason = f"copied from “{copied_from.campaign.name}”, version {plan.current.number}"
            draft = copied(brief, plan.current, reason, scale=command.scale)
            there = await work.plans.find_of_campaign(target)
            return await save_version(work, actor, brief, there, draft, self._clock.now())

    async def changes_since_approval(self, actor: Actor, campaign_id: CampaignId) -> PlanComparison:
        """The approved version against the current one and the campaign of today. Conflict `never_approved`."""
        authorize(actor, Permission.PLAN_READ, campaign_id)
        async with self._begin(actor) as work:
            brief, plan = await planned(work, campaign_id)
            if plan.approved_number is None:
                raise Conflict("No version of the plan was ever approved.", code="never_approved")
            approved = await work.plans.version(plan, plan.approved_number)
            return compare_views(approved, plan.current, Standing.of(brief.campaign))


async def _earlier(work: UnitOfWork, plan: MediaPlan, number: int | None) -> PlanVersion:
    wanted = number if number is not None else plan.current.parent_number
    if wanted is None:
        raise Conflict("There is only one version; nothing to undo.", code="single_version")
    version = await work.plans.version(plan, wanted)
    if version is plan.current:
        raise Conflict(f"Version {wanted} is the current one already.", code="nothing_to_undo")
    if version.kind is VersionKind.SCENARIO:
        raise InvalidInput(
            f"Version {wanted} is a scenario: promote it to make it current.", code="is_a_scenario", field="version"
        )
    return version


def _resynced(brief: PlanningBrief, version: PlanVersion, how: How) -> tuple[Draft, OptimizationView | None]:
    match how:
        case How.SCALE:
            return scaled(brief, version, "scaled to the campaign's budget and dates"), None
        case How.KEEP:
            return as_it_was(brief.campaign, version, "kept as it is"), None
        case How.OPTIMIZE:
            wanted, budget = moved(brief, version), brief.campaign.budget
            bounds = tuple(LineBounds(spec, kept=amount if spec.locked else None) for spec, amount in wanted.lines)
            reason = "optimised again for the campaign's budget and dates"
            found = optimum(brief, Limits(bounds), budget, wanted.flighting, reason)
            return found.draft, optimization_view(brief, version, found)
