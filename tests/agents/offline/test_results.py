"""What the offline model reads out of the tools' own texts."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from agents.language.memory import Memory, Step, Turn
from agents.workspace.answers import campaign_text, campaigns_text
from domain.campaigns import BudgetBasis, CampaignStatus
from domain.ids import CampaignId
from domain.objectives import Objective
from services.amounts import Amount
from services.queries import CampaignView
from services.read_models import Page


def view(number: int, name: str) -> CampaignView:
    return CampaignView(
        id=CampaignId(UUID(int=number)),
        name=name,
        advertiser=None,
        product=None,
        objective=Objective.SALES,
        budget=Amount(amount=Decimal("10.00"), currency="USD"),
        budget_basis=BudgetBasis.CLIENT_COST,
        start=date(2027, 3, 1),
        end=date(2027, 4, 30),
        kpi=None,
        markets=[],
        status=CampaignStatus.DRAFT,
        status_reason=None,
        archived=False,
        created_at=datetime(2026, 11, 23, tzinfo=UTC),
        version=1,
    )


def test_the_workspaces_list_can_be_counted() -> None:
    names = ["Northwind, Spring (new)", "2. Acme", "حملة"]
    page = Page[CampaignView](items=[view(i, name) for i, name in enumerate(names)])
    turn = Turn("…", (Step("list_campaigns", {}, campaigns_text(page)),))
    assert Memory((turn,)).listed_campaigns() == tuple(names)


def test_a_shown_campaign_is_known_by_name() -> None:
    step = Step("open_campaign", {"campaign": "north"}, campaign_text("This is", view(1, "Northwind")))
    assert Memory((Turn("…", (step,)),)).named_campaigns() == ("Northwind",)
