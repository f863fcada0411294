"""Lines that share a limit: a channel family, a market, a vendor."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domain.errors import InvalidInput
from domain.planning.allocation.amounts import refuse_bad_amount

Share = Fraction | Decimal | int


@dataclass(frozen=True, slots=True)
class Group:
    """What its lines may spend together: amounts in minor units, and shares of the budget from 0 to 1, exact numbers.

    Groups may hold each other or overlap. A share is of the budget that is given out, all of it spent or not.
    Refuses (InvalidInput) `bad_amount`, `bad_share`, `share_over_100_percent`, `empty_group`.
    """

    name: str
    lines: frozenset[str]
    minimum: int = 0
    maximum: int | None = None
    minimum_share: Share = 0
    maximum_share: Share = 1

    def __post_init__(self) -> None:
        if not self.lines:
            raise InvalidInput(f"The group {self.name} has no lines.", code="empty_group", field="groups")
        refuse_bad_amount(self.minimum, "minimum", f" of {self.name}")
        if self.maximum is not None:
            refuse_bad_amount(self.maximum, "maximum", f" of {self.name}")
        _refuse_bad_share(self.minimum_share, "minimum_share", self.name)
        _refuse_bad_share(self.maximum_share, "maximum_share", self.name)

    def low(self, total: int) -> int:
        return max(self.minimum, math.ceil(Fraction(self.minimum_share) * total))

    def high(self, total: int) -> int:
        share = math.floor(Fraction(self.maximum_share) * total)
        return share if self.maximum is None else min(self.maximum, share)

    def spend(self, keys: Sequence[str], spend: Sequence[int]) -> int:
        return sum(spent for key, spent in zip(keys, spend, strict=True) if key in self.lines)


def _refuse_bad_share(share: Share, field: str, name: str) -> None:
    exact = isinstance(share, int | Fraction | Decimal) and not isinstance(share, bool)
    if not exact or (isinstance(share, Decimal) and not share.is_finite()) or share < 0:
        raise InvalidInput(
            f"The {field.replace('_', ' ')} of {name} must be an exact number from 0 to 1, not {share}.",
            code="bad_share",
            field=field,
        )
    if share > 1:
        percent = f"{float(share):.4%}".rstrip("0").rstrip(".%")
        raise InvalidInput(
            f"The {field.replace('_', ' ')} of {name} is {percent} %, above 100 %.",
            code="share_over_100_percent",
            field=field,
            groups=[name],
        )
