"""A document on its way in: the file as it is read, and the campaign that is made where there is none."""

from dataclasses import dataclass
from datetime import datetime

from domain.campaigns import Campaign
from domain.changes import Change
from domain.errors import InvalidInput
from domain.flights import Flight
from domain.money import Money
from domain.objectives import Objective
from domain.plans.imports.document import CampaignFacts, PlanDocumentRead, objective_of
from domain.plans.imports.proposal import Table
from services.actor import Actor
from services.file_views import FileView
from services.plan_import_commands import ImportReading


@dataclass(frozen=True, slots=True)
class Incoming:
    file: FileView
    content: tuple[Table, ...] | PlanDocumentRead


def new_campaign(
    actor: Actor, incoming: Incoming, reading: ImportReading, default_currency: str, now: datetime
) -> tuple[Campaign, Change]:
    """Of what the document says of its own.

    Raises InvalidInput `campaign_required` where it says nothing of one, `objective_required`, and what a campaign
    refuses.
    """
    if not isinstance(incoming.content, PlanDocumentRead):
        raise InvalidInput(
            "A table says nothing of its campaign: which one is the plan for?",
            code="campaign_required",
            field="campaign",
        )
    facts = incoming.content.campaign
    objective = reading.objective or objective_of(facts.objective)
    if objective is None:
        said = f"“{facts.objective}” is no objective" if facts.objective else "The document says no objective"
        raise InvalidInput(
            f"{said}; which one is it: {', '.join(Objective)}?", code="objective_required", field="objective"
        )
    return Campaign.create(
        actor.tenant_id,
        reading.name or facts.name,
        objective,
        Money.of(facts.budget, _currency(facts, incoming.content, default_currency)),
        Flight(facts.start, facts.end),
        by=actor.user_id,
        now=now,
        advertiser=facts.advertiser,
        product=facts.product,
        kpi=facts.kpi,
        kpi_target=facts.kpi_target,
        audiences=list(facts.audiences),
        markets=list(facts.markets),
        budget_basis=facts.basis,
    )


def _currency(facts: CampaignFacts, document: PlanDocumentRead, default: str) -> str:
    """The document's, else that of all of its lines, else the tenant's."""
    if facts.currency:
        return facts.currency
    said = {line.currency for line in document.lines if line.currency}
    return said.pop() if len(said) == 1 else default
