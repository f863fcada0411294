"""What a person may fix about a line."""

from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.money import Money
from domain.planning.allocation.amounts import refuse_bad_amount
from domain.planning.curves.response_curves import ResponseCurve

MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class Allocable:
    """A line that can receive money: its curve, and its bounds in minor units of the curve's currency.

    A `minimum_buy` leaves the choice to spend nothing, or at least that much. A `locked` amount never moves and stands
    in place of the other bounds. Refuses (InvalidInput) `bad_amount`, `minimum_above_maximum` and
    `minimum_buy_above_maximum`.
    """

    key: str
    curve: ResponseCurve
    minimum: int = 0
    maximum: int | None = None
    locked: int | None = None
    minimum_buy: int = 0

    def __post_init__(self) -> None:
        for field in ("minimum", "maximum", "locked", "minimum_buy"):
            amount = getattr(self, field)
            if amount is not None:
                refuse_bad_amount(amount, field, f" of {self.key}")
        if self.maximum is not None and self.locked is None:
            self._refuse_above(self.minimum, self.maximum, "minimum")
            self._refuse_above(self.minimum_buy, self.maximum, "minimum_buy")

    @property
    def least(self) -> int:
        if self.locked is not None:
            return self.locked
        return max(self.minimum, self.minimum_buy) if self.minimum else 0

    @property
    def buy(self) -> int:
        """The minimum buy of a line that may also spend nothing; 0 of any other."""
        return self.minimum_buy if self.locked is None and not self.minimum else 0

    def most(self, total: int) -> int:
        if self.locked is not None:
            return self.locked
        most = total if self.maximum is None else min(self.maximum, total)
        return most if most >= self.buy else 0

    def could_take_more(self, spend: int) -> bool:
        if self.locked is not None or (self.maximum is not None and spend >= self.maximum):
            return False
        return spend + 1 >= self.buy

    def could_give(self, spend: int) -> bool:
        return self.locked is None and spend > max(self.least, self.buy if self.buy != 1 else 0)

    def _refuse_above(self, amount: int, maximum: int, field: str) -> None:
        if amount > maximum:
            low, high = (Money(minor, self.curve.currency) for minor in (amount, maximum))
            raise InvalidInput(
                f"The {field.replace('_', ' ')} of {self.key} ({low}) is above its maximum ({high}).",
                code=f"{field}_above_maximum",
                field=field,
                lines=[self.key],
            )
