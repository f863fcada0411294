"""What a mediaplanschema document of ours says beside the standard, under `custom_properties.media_planner`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.channels import Channel, PricingModel
from domain.errors import DomainError
from domain.fees import BudgetBasis, Fee, FeeBasis, FeeKind
from domain.plans.imports.proposal import StatedLine

OWN = "media_planner"


def own_properties(part: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = part.get("custom_properties")
    own = properties.get(OWN) if isinstance(properties, Mapping) else None
    return own if isinstance(own, Mapping) else {}


def with_own(line: StatedLine, own: Mapping[str, Any]) -> StatedLine:
    """The line with what a plan of ours said of it. Somebody may have edited it: what makes no sense is passed over."""
    if not own:
        return line
    try:
        fees = tuple(_fee(fee) for fee in own.get("fees") or [])
        if line.exchange and any(fee.basis is FeeBasis.FLAT for fee in fees):  # they are in the plan's money
            fees = line.fees
        return replace(
            line,
            channel=Channel(own["channel"]) if own.get("channel") else None,
            code=own.get("code") or line.code,
            pricing_model=PricingModel(own["pricing_model"]) if own.get("rate") else None,
            rate=Decimal(own["rate"]) if own.get("rate") else None,
            placement={**line.placement, **({"notes": own["notes"]} if own.get("notes") else {})},
            fees=fees or line.fees,
            weeks=_weeks(line, _map(own.get("weeks"))),
            locked=own.get("locked") is True,
        )
    except (DomainError, InvalidOperation, KeyError, TypeError, ValueError):
        return line


def _weeks(line: StatedLine, said: Mapping[str, Any]) -> tuple[tuple[date, Decimal], ...]:
    """In the line's own money: the document has them in the plan's, and on its basis."""
    weeks = [(date.fromisoformat(day), Decimal(amount)) for day, amount in said.items()]
    total, cost = sum(amount for _, amount in weeks), line.costs[BudgetBasis.CLIENT_COST]
    return tuple((day, amount * cost / total) for day, amount in weeks) if total > 0 else ()


def _fee(said: Mapping[str, Any]) -> Fee:
    kind = FeeKind(said["kind"])
    plain = Fee(kind, FeeBasis(said["basis"]), Decimal(said["value"]))
    return plain if plain.name == said.get("name") else replace(plain, label=said.get("name"))


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
