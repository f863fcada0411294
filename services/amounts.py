"""Money as commands and read models carry it: a decimal string of major units and a currency."""

from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from domain.money import Money


class Amount(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: Decimal = Field(description="Major units as a decimal string, e.g. 250000.00", examples=["250000.00"])
    currency: str = Field(description="ISO 4217 code", examples=["USD"])

    def money(self) -> Money:
        return Money.of(self.amount, self.currency.strip().upper())

    @classmethod
    def of(cls, money: Money) -> Self:
        return cls(amount=money.major, currency=money.currency)

    def __str__(self) -> str:
        return str(self.money())
