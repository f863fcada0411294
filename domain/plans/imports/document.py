"""What a document that knows of plans says: its campaign, its lines, and what it has beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from domain.fees import BudgetBasis
from domain.objectives import Objective
from domain.plans.imports.proposal import ImportProblem, StatedLine
from domain.plans.imports.words import plain

STANDARD = "mediaplanschema"  # under which an extension keeps what the standard has and a plan has no place for

_OBJECTIVES: Mapping[str, Objective] = {
    **{objective.value: objective for objective in Objective},
    **{"lead generation": Objective.LEADS, "lead gen": Objective.LEADS, "branding": Objective.AWARENESS},
    **{"brand awareness": Objective.AWARENESS, "reach": Objective.AWARENESS, "engagement": Objective.CONSIDERATION},
    **{"video views": Objective.CONSIDERATION, "website traffic": Objective.TRAFFIC, "clicks": Objective.TRAFFIC},
    **{"web traffic": Objective.TRAFFIC, "performance": Objective.CONVERSIONS, "conversion": Objective.CONVERSIONS},
    **{"acquisition": Objective.CONVERSIONS, "revenue": Objective.SALES, "online sales": Objective.SALES},
}


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """`budget` is in major units of `currency`, which is None where the document names none."""

    name: str
    objective: str | None
    budget: Decimal
    currency: str | None
    start: date
    end: date
    advertiser: str | None = None
    product: str | None = None
    kpi: str | None = None
    kpi_target: Decimal | None = None
    audiences: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    basis: BudgetBasis = BudgetBasis.CLIENT_COST


@dataclass(frozen=True, slots=True)
class PlanDocumentRead:
    """`extension` is what it says of the whole plan that has no place of its own."""

    campaign: CampaignFacts
    lines: tuple[StatedLine, ...]
    extension: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[ImportProblem, ...] = ()


def objective_of(word: str | None) -> Objective | None:
    """None for a word that names no objective of ours."""
    return _OBJECTIVES.get(plain(word)) if word else None
