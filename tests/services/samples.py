"""Commands with what a test doesn't care about filled in."""

from datetime import date
from decimal import Decimal
from typing import Any

from domain.objectives import Objective
from services.amounts import Amount
from services.campaigns import CreateCampaign


def usd(amount: str | int, currency: str = "USD") -> Amount:
    return Amount(amount=Decimal(amount), currency=currency)


def create(**wanted: Any) -> CreateCampaign:
    defaults: dict[str, Any] = {
        "name": "Spring",
        "objective": Objective.CONVERSIONS,
        "budget": usd(100_000),
        "start": date(2027, 3, 1),
        "end": date(2027, 4, 30),
    }
    return CreateCampaign(**{**defaults, **wanted})
