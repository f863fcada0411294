"""Cost fields of a mediaplanschema line item: parts that add up to `cost_total`, in the currency that is paid in."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Self

from domain.campaigns import BudgetBasis
from domain.fees import FeeKind
from domain.money import Money, split_minor
from services.line_views import FeeView, ForeignView
from services.plan_document import DocumentLine, PlanDocument

STANDARD = "mediaplanschema"
_FIELDS: Mapping[FeeKind, str] = {
    FeeKind.COMMISSION: "cost_buying",
    FeeKind.AD_SERVING: "cost_platform",
    FeeKind.DSP: "cost_platform",
    FeeKind.VERIFICATION: "cost_platform",
    FeeKind.DATA: "cost_data",
    FeeKind.PRODUCTION: "cost_creative",
}
_SLOTS = [f"cost_custom{number}" for number in range(1, 11)]


@dataclass(frozen=True, slots=True)
class CustomCosts:
    """Which custom field a fee of no kind of the standard's goes to, by the fee's name."""

    captions: Mapping[str, str]

    @classmethod
    def of(cls, document: PlanDocument) -> Self:
        """The field that an imported dictionary calls so, or else one that nobody uses.

        More names than fields share the last one.
        """
        wanted = dict.fromkeys(
            fee.name for line in document.lines for fee in line.view.costs.fees if fee.kind not in _FIELDS
        )
        described = kept_in(kept_in(kept_in(document.extension), "dictionary"), "custom_costs")
        named = {str(kept_in(described, slot).get("caption")): slot for slot in _SLOTS if slot in described}
        used = {*named.values(), *(name for line in document.lines for name in kept_in(line.extension))}
        free = [slot for slot in _SLOTS if slot not in used] or _SLOTS[-1:]
        fresh = [name for name in wanted if name not in named]
        given = {name: free[min(place, len(free) - 1)] for place, name in enumerate(fresh)}
        return cls({name: named.get(name) or given[name] for name in wanted})

    @property
    def dictionary(self) -> dict[str, dict[str, str]]:
        described: dict[str, dict[str, str]] = {}
        for name, slot in self.captions.items():
            before = f"{described[slot]['caption']}, " if slot in described else ""
            described[slot] = {"status": "enabled", "caption": f"{before}{name}"[:100]}
        return described

    def field_of(self, fee: FeeView) -> str:
        return _FIELDS.get(fee.kind) or self.captions[fee.name]


def costs_of(document: PlanDocument, line: DocumentLine, customs: CustomCosts) -> dict[str, Decimal]:
    """`cost_total` and its parts, in major units; a fee that comes to nothing is no part."""
    costs = line.view.costs
    parts = {"cost_media": costs.net_media.money()}
    for fee in costs.fees:
        if fee.amount.amount:
            name = customs.field_of(fee)
            parts[name] = parts.get(name, Money.zero(document.currency)) + fee.amount.money()
    total = costs.client_cost.money()
    if line.view.foreign:
        total, parts = _abroad(document.basis, line.view.foreign, total, parts)
    return {"cost_total": total.major, **{name: part.major for name, part in parts.items()}}


def _abroad(
    basis: BudgetBasis, foreign: ForeignView, total: Money, parts: Mapping[str, Money]
) -> tuple[Money, dict[str, Money]]:
    """The same costs as they are paid: as agreed where the agreement names the whole, else at the stored rate."""
    agreed = foreign.amount.money()
    paid = agreed if basis is BudgetBasis.CLIENT_COST else _at_rate(total, foreign)
    shares = split_minor(paid.minor, [part.minor for part in parts.values()]) if total.minor else [0] * len(parts)
    return paid, {name: Money(minor, paid.currency) for name, minor in zip(parts, shares, strict=True)}


def _at_rate(amount: Money, foreign: ForeignView) -> Money:
    currency = foreign.amount.currency
    exact = Fraction(amount.major) / Fraction(foreign.rate) * Money.of(1, currency).minor
    return Money(round(exact), currency)


def kept_in(fields: Mapping[str, Any], name: str = STANDARD) -> Mapping[str, Any]:
    """The mapping under that name; an empty one where there is none."""
    kept = fields.get(name)
    return kept if isinstance(kept, Mapping) else {}
