"""What a person may fix about a line, and the combinations that can't hold together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR, Money
from domain.planning.curves import ResponseCurve

MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class Allocable:
    """A line that can receive money: its curve, and its bounds in minor units of the curve's currency.

    A `locked` amount never moves and stands in place of the other two bounds. Refuses (InvalidInput) `bad_amount`
    and `minimum_above_maximum`.
    """

    key: str
    curve: ResponseCurve
    minimum: int = 0
    maximum: int | None = None
    locked: int | None = None

    def __post_init__(self) -> None:
        _refuse_bad_amount(self.minimum, "minimum", f" of {self.key}")
        for field, amount in (("maximum", self.maximum), ("locked", self.locked)):
            if amount is not None:
                _refuse_bad_amount(amount, field, f" of {self.key}")
        if self.maximum is not None and self.minimum > self.maximum and self.locked is None:
            minimum, maximum = (Money(amount, self.curve.currency) for amount in (self.minimum, self.maximum))
            raise InvalidInput(
                f"The minimum of {self.key} ({minimum}) is above its maximum ({maximum}).",
                code="minimum_above_maximum",
                field="minimum",
                lines=[self.key],
            )

    @property
    def least(self) -> int:
        return self.minimum if self.locked is None else self.locked

    def most(self, total: int) -> int:
        if self.locked is not None:
            return self.locked
        return total if self.maximum is None else min(self.maximum, total)

    def could_take_more(self, spend: int) -> bool:
        return self.locked is None and (self.maximum is None or spend < self.maximum)


def refuse_impossible(total: int, lines: Sequence[Allocable]) -> None:
    """Codes: bad_amount, budget_not_positive, no_lines, too_many_lines, duplicate_line, mixed_outcomes,
    currency_mismatch, locked_exceeds_budget, minimums_exceed_budget."""
    _refuse_bad_amount(total, "budget")
    if total == 0:
        raise InvalidInput("The budget must be above zero.", code="budget_not_positive", field="budget")
    _refuse_unlike(lines)
    _refuse_overcommitted(total, lines)


def _refuse_bad_amount(amount: int, field: str, owner: str = "") -> None:
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 <= amount <= LARGEST_MINOR:
        raise InvalidInput(
            f"The {field}{owner} must be a whole number of minor units from 0 to {LARGEST_MINOR:,}, not {amount}.",
            code="bad_amount",
            field=field,
        )


def _refuse_unlike(lines: Sequence[Allocable]) -> None:
    """Lines that can't share a budget, because they count or cost different things."""
    if not lines:
        raise InvalidInput("There is no line to give the budget to.", code="no_lines", field="lines")
    if len(lines) > MOST_LINES:
        limit = f"A budget is split over at most {MOST_LINES:,} lines, not {len(lines):,}."
        raise InvalidInput(limit, code="too_many_lines", field="lines")
    twice = [key for key, times in Counter(line.key for line in lines).items() if times > 1]
    if twice:
        raise InvalidInput(f"Named twice: {', '.join(twice)}.", code="duplicate_line", field="lines", lines=twice)
    outcomes = sorted({line.curve.counts for line in lines})
    if len(outcomes) > 1:
        unlike = f"Lines that count {' and '.join(outcomes)} can't be weighed against each other."
        raise InvalidInput(unlike, code="mixed_outcomes", field="lines")
    currencies = sorted({line.curve.currency for line in lines})
    if len(currencies) > 1:
        unlike = f"Lines in {' and '.join(currencies)} can't share a budget without a rate."
        raise InvalidInput(unlike, code="currency_mismatch", field="lines")


def _refuse_overcommitted(total: int, lines: Sequence[Allocable]) -> None:
    locked = [line for line in lines if line.locked]
    _refuse_above(total, locked, "The locked amounts", code="locked_exceeds_budget", field="locked")
    committed = [line for line in lines if line.least]
    what = "The minimums and locked amounts" if locked else "The minimums"
    _refuse_above(total, committed, what, code="minimums_exceed_budget", field="minimum")


def _refuse_above(total: int, lines: Sequence[Allocable], what: str, *, code: str, field: str) -> None:
    needed = sum(line.least for line in lines)
    if needed <= total:
        return
    keys = [line.key for line in lines]
    major = [f"{Money(minor, lines[0].curve.currency).major:,f}" for minor in (needed, total)]
    raise InvalidInput(
        f"{what} of {', '.join(keys)} come to {major[0]}, above the budget of {major[1]} {lines[0].curve.currency}.",
        code=code,
        field=field,
        lines=keys,
    )
