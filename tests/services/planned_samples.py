"""A plan with something of everything that a document shows, and plans of any size."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from domain.advertisers import AdvertiserTerms
from domain.campaigns import BudgetBasis, Campaign
from domain.channels import Channel, PricingModel
from domain.exchange import ExchangeRate, ForeignCost
from domain.fees import Fee, FeeBasis, FeeKind
from domain.flights import Flight
from domain.ids import TenantId, UserId, new_id
from domain.money import Money
from domain.objectives import Objective
from domain.planning.flighting.weeks import Flighting, FlightPattern
from domain.plans.brief import PlanningBrief
from domain.plans.drafting import build_lines
from domain.plans.lines import LineSpec, Placement
from domain.plans.media_plans import Draft, MediaPlan
from domain.pricing import Pricing
from services.plan_document import PlanDocument
from services.plan_documents import Planned, plan_document
from services.plan_views import plan_view

NOW = datetime(2027, 1, 5, 10, 30, tzinfo=UTC)
FLIGHT = Flight(date(2027, 3, 1), date(2027, 4, 30))
NASTY = '=HYPERLINK("http://evil.example";"Spring")'
FEES = (
    Fee(FeeKind.AD_SERVING, FeeBasis.PERCENT_OF_NET_MEDIA, Decimal(2)),
    Fee(FeeKind.DATA, FeeBasis.CPM, Decimal("0.5")),
    Fee(FeeKind.PRODUCTION, FeeBasis.FLAT, Decimal("250.55")),
    Fee(FeeKind.OTHER, FeeBasis.FLAT, Decimal(100), "Studio"),
)
NAMING = "{advertiser}_{campaign}_{channel}_{start:%Y%m}"

Wanted = Sequence[tuple[LineSpec, Money]]


def campaign(
    budget: Money, *, name: str = "Spring", basis: BudgetBasis = BudgetBasis.CLIENT_COST, flight: Flight = FLIGHT
) -> Campaign:
    made, _ = Campaign.create(
        TenantId(new_id()),
        name,
        Objective.CONVERSIONS,
        budget,
        flight,
        by=UserId(new_id()),
        now=NOW,
        advertiser="Northwind",
        kpi="CPA",
        kpi_target=Decimal(40),
        markets=["DE", "AT"],
        audiences=["Parents"],
        budget_basis=basis,
    )
    return made


def planned(of: Campaign, wanted: Wanted, *, terms: AdvertiserTerms | None = None, reason: str = "drafted") -> Planned:
    brief, pattern = PlanningBrief(of, terms=terms or AdvertiserTerms()), FlightPattern()
    draft = Draft(build_lines(brief, wanted, pattern), pattern, reason, "The next 1,000 USD would bring about 3 more.")
    plan, _ = MediaPlan.start(of, draft, by=of.created_by, now=NOW)
    of.plan_saved()
    return Planned(brief, plan.current, plan_view(of, plan), "Acme", "Ada Lovelace")


def everything(*, name: str = "Spring") -> Planned:
    """Five lines: fees of each basis, a flight of its own, one paid in euros, one without a benchmark."""

    def usd(amount: str) -> Money:
        return Money.of(amount, "USD")

    wanted = [
        (
            LineSpec("search", Channel.SEARCH, Placement("Google", market="DE", notes="-2+3\u00a0calc"), fees=FEES),
            "80000.01",
        ),
        (LineSpec("social", Channel.SOCIAL, Placement("@Meta", "+Reels"), fees=FEES, locked=True), "60000.49"),
        (
            LineSpec(
                "social-2",
                Channel.SOCIAL,
                Placement("TikTok"),
                pricing=Pricing(PricingModel.CPM, Decimal("9.5"), "USD"),
                flight=Flight(date(2027, 3, 10), date(2027, 4, 20)),
            ),
            "40000.50",
        ),
        (LineSpec("ctv", Channel.CTV, flighting=FlightPattern(Flighting.FRONT_LOADED)), "50000"),
        (
            LineSpec(
                "print",
                Channel.PRINT,
                Placement("Le Monde"),
                pricing=Pricing(PricingModel.FLAT_RATE, Decimal(9000), "EUR"),
                fees=(Fee(FeeKind.COMMISSION, FeeBasis.PERCENT_OF_NET_MEDIA, Decimal(5)),),
                foreign=ForeignCost(
                    Money.of(9000, "EUR"), ExchangeRate("EUR", "USD", Decimal("1.08"), "ECB", date(2026, 12, 1))
                ),
                extension={"mediaplanschema": {"channel": "Press", "dim_custom1": "B2B", "cost_custom1": 0}},
            ),
            "9720",
        ),
    ]
    lines = [(spec, usd(amount)) for spec, amount in wanted]
    return planned(campaign(usd("250000"), name=name), lines, terms=AdvertiserTerms(FEES, naming=NAMING))


def document(of: Planned) -> PlanDocument:
    return plan_document(of, NOW)
