"""What counts as an amount of minor units."""

from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR


def refuse_bad_amount(amount: int, field: str, owner: str = "") -> None:
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount <= LARGEST_MINOR:
        raise InvalidInput(
            f"The {field}{owner} must be a whole number of minor units from 0 to {LARGEST_MINOR:,}, not {amount}.",
            code="bad_amount",
            field=field,
        )
