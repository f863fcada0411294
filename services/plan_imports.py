"""Plans that come in: previewed without a trace, then saved as it was shown, once and whole.

Nothing is kept between the two. A preview is worked out again when it is to be saved, and its digest says whether it is
still the same: document, mapping, rates, campaign and lines.
"""

import asyncio

from domain.changes import Change
from domain.errors import Conflict, InvalidInput
from domain.files import FileName
from domain.ids import CampaignId
from domain.plans.media_plans import MediaPlan
from domain.tenants import Permission, TenantSettings
from services.actor import Actor, authorize
from services.files import Files
from services.gateways import PlanReader
from services.plan_briefs import planning_brief
from services.plan_import_commands import CommitImport, ImportBudget, ImportSource
from services.plan_import_views import ImportPreview
from services.plan_incoming import Incoming, new_campaign
from services.plan_prepared import Prepared, prepared
from services.plan_preview import preview_of
from services.plan_views import plan_view
from services.ports import Clock
from services.queries import PlanView
from services.unit_of_work import Begin, UnitOfWork


class PlanImports:
    def __init__(self, begin: Begin, files: Files, reader: PlanReader, clock: Clock) -> None:
        self._begin = begin
        self._files = files
        self._reader = reader
        self._clock = clock

    async def preview(self, actor: Actor, campaign_id: CampaignId | None, source: ImportSource) -> ImportPreview:
        """Without a campaign one is made of what the document says of its own. Changes nothing.

        Raises NotFound `file_not_found`; InvalidInput for a file that can't be read as a plan.
        """
        authorize(actor, Permission.PLAN_READ, campaign_id)
        incoming = await self._incoming(actor, source)
        async with self._begin(actor.only_reading()) as work:
            found, _ = await self._prepared(work, actor, campaign_id, incoming, source)
        return preview_of(found)

    async def commit(self, actor: Actor, campaign_id: CampaignId | None, command: CommitImport) -> PlanView:
        """A new version of the campaign's plan, or a new campaign with its plan.

        Raises Conflict `preview_outdated`; InvalidInput `import_has_problems`, `over_budget`; Duplicate for a new
        campaign's name that is taken.
        """
        _may_import(actor, campaign_id)
        async with self._begin(actor) as work:
            if done := await work.earlier(PlanView):
                return done
        incoming = await self._incoming(actor, command)
        async with self._begin(actor) as work:
            if done := await work.earlier(PlanView):
                return done
            found, created = await self._prepared(work, actor, campaign_id, incoming, command)
            found.must_be(command.digest)
            found.must_have_no_errors()
            return await self._save(work, actor, found, created, command.budget)

    async def _incoming(self, actor: Actor, source: ImportSource) -> Incoming:
        view, data = await self._files.read(actor, source.file_id)
        content = await asyncio.to_thread(self._reader.read, view.name, FileName.of(view.name).kind, data)
        return Incoming(view, content)

    async def _prepared(
        self,
        work: UnitOfWork,
        actor: Actor,
        campaign_id: CampaignId | None,
        incoming: Incoming,
        source: ImportSource,
    ) -> tuple[Prepared, Change | None]:
        """With the change that creates the campaign, where there is none yet; it is not added to the transaction."""
        settings: TenantSettings = (await work.members.profile()).settings
        created = None
        if campaign_id is None:
            campaign, created = new_campaign(actor, incoming, source, settings.default_currency, self._clock.now())
        else:
            campaign = await work.campaigns.get(campaign_id)
        campaign.must_accept_plans()
        brief = await planning_brief(work, campaign)
        found = await asyncio.to_thread(prepared, brief, incoming, source, settings.locale, is_new=created is not None)
        return found, created

    async def _save(
        self, work: UnitOfWork, actor: Actor, found: Prepared, created: Change | None, budget: ImportBudget
    ) -> PlanView:
        campaign, now = found.brief.campaign, self._clock.now()
        raised = _raised(actor, found, budget, created is not None, self._clock)
        draft = found.draft()
        if created:
            work.campaigns.add(campaign)
        plan = None if created else await work.plans.find_of_campaign(campaign.id)
        if plan is None:
            plan, saved = MediaPlan.start(campaign, draft, by=actor.user_id, now=now)
            work.plans.add(plan)
        else:
            saved = plan.save(campaign, draft, by=actor.user_id, now=now)
        moved = campaign.plan_saved()
        return await work.commit(plan_view(campaign, plan), created, raised, saved, moved, found.change(plan))


def _may_import(actor: Actor, campaign_id: CampaignId | None) -> None:
    authorize(actor, Permission.PLAN_WRITE, campaign_id)
    if campaign_id is None:
        authorize(actor, Permission.CAMPAIGN_WRITE)


def _raised(actor: Actor, found: Prepared, budget: ImportBudget, is_new: bool, clock: Clock) -> Change | None:
    """The budget as the lines need it, where somebody says so and may. Raises InvalidInput `over_budget`."""
    campaign, over = found.brief.campaign, found.over
    if over is None:
        return None
    if budget is ImportBudget.KEEP:
        raise InvalidInput(
            f"The lines add up to {found.total}, which is {over} over the campaign's budget. Raise the budget, leave "
            "lines out, or say that the budget is to be as imported.",
            code="over_budget",
            field="budget",
            over=str(over.major),
            currency=over.currency,
        )
    if not is_new:
        authorize(actor, Permission.CAMPAIGN_WRITE, campaign.id)
    if campaign.would_spend_more(found.total):
        raise Conflict(
            f"{campaign.name} is running: raise its budget to {found.total} first.", code="over_budget", field="budget"
        )
    return campaign.change(today=clock.now().date(), budget=found.total)
