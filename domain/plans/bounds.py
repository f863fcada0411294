"""What a planner fixes about the lines of a plan and about groups of them."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from domain.errors import InvalidInput
from domain.money import Money
from domain.plans.lines import LineSpec, PlanLine
from domain.plans.media_plans import PlanVersion


@dataclass(frozen=True, slots=True)
class Room:
    """From `least` to `most`, in money and in percent of the budget that is given out; of two, the tighter counts.

    Refuses (InvalidInput) `bad_share` and `share_over_100_percent`.
    """

    least: Money | None = None
    most: Money | None = None
    least_percent: Decimal | None = None
    most_percent: Decimal | None = None

    def __post_init__(self) -> None:
        for field, percent in (("minimum", self.least_percent), ("maximum", self.most_percent)):
            if percent is None:
                continue
            if not (percent.is_finite() and percent >= 0):
                raise InvalidInput(f"A share is 0 to 100 %, not {percent} %.", code="bad_share", field=field)
            if percent > 100:
                raise InvalidInput(
                    f"A share of {percent} % is more than the whole budget.",
                    code="share_over_100_percent",
                    field=field,
                )

    @property
    def empty(self) -> bool:
        return self == Room()

    @property
    def shares(self) -> tuple[Fraction, Fraction]:
        """The least and the most, from 0 to 1."""
        return _share(self.least_percent or Decimal(0)), _share(
            Decimal(100) if self.most_percent is None else self.most_percent
        )

    def low(self, budget: Money | None) -> int | None:
        """In minor units; None where nothing is asked for. Without a budget, of the amounts alone."""
        asked = [] if self.least is None else [_minor(self.least, budget)]
        if budget and self.least_percent is not None:
            asked.append(math.ceil(_share(self.least_percent) * budget.minor))
        return max(asked, default=None)

    def high(self, budget: Money | None) -> int | None:
        allowed = [] if self.most is None else [_minor(self.most, budget)]
        if budget and self.most_percent is not None:
            allowed.append(math.floor(_share(self.most_percent) * budget.minor))
        return min(allowed, default=None)

    def within(self, low: Money, high: Money) -> "Room":
        least, most = max([self.least or low, low]), min([self.most or high, high])
        return replace(self, least=least, most=most)


@dataclass(frozen=True, slots=True)
class LineBounds:
    """What the planner fixed for one line. `kept` pins the amount; it never moves.

    A `minimum_buy` leaves the choice between nothing and at least that much.
    """

    spec: LineSpec
    minimum: Money | None = None
    maximum: Money | None = None
    kept: Money | None = None
    minimum_buy: Money | None = None
    minimum_percent: Decimal | None = None
    maximum_percent: Decimal | None = None

    @property
    def room(self) -> Room:
        return Room(self.minimum, self.maximum, self.minimum_percent, self.maximum_percent)


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Lines, by their codes, that share a limit: a channel with several lines, a family, a market, a vendor."""

    name: str
    codes: frozenset[str]
    room: Room


@dataclass(frozen=True, slots=True)
class Limits:
    """Everything a split has to respect."""

    lines: tuple[LineBounds, ...]
    groups: tuple[LineGroup, ...] = ()


def bounds_of(
    version: PlanVersion,
    wanted: Iterable[LineBounds],
    keep: Iterable[str],
    within_percent: Decimal | None = None,
) -> list[LineBounds]:
    """One per line of the version: kept lines (`keep` are codes) at their amount, the others within what is wanted.

    A line that was kept before stays kept, unless the wish itself sets bounds for it. `within_percent` holds every
    other line within so much of what it has now, up or down.
    """
    asked = {bounds.spec.code: bounds for bounds in wanted}
    pinned = set(keep)
    for code in (*asked, *pinned):
        version.line(code)
    return [
        LineBounds(line.spec, kept=line.budget)
        if line.code in pinned or (line.locked and line.code not in asked)
        else _near(asked.get(line.code, LineBounds(line.spec)), line, within_percent)
        for line in version.lines
    ]


def refuse_twice(bounds: Sequence[LineBounds]) -> None:
    codes = [wanted.spec.code for wanted in bounds]
    for wanted in bounds:
        if codes.count(wanted.spec.code) > 1:
            raise InvalidInput(f"{wanted.spec.label} is named twice.", code="duplicate_line", field="channels")


def _near(bounds: LineBounds, line: PlanLine, percent: Decimal | None) -> LineBounds:
    """Rounded inwards, so that no line moves by more than the percentage."""
    if percent is None:
        return bounds
    amount, share = line.budget, _share(percent)
    low = Money(math.ceil(max(1 - share, Fraction(0)) * amount.minor), amount.currency)
    high = Money(math.floor((1 + share) * amount.minor), amount.currency)
    room = bounds.room.within(low, high)
    return replace(bounds, minimum=room.least, maximum=room.most)


def _share(percent: Decimal) -> Fraction:
    return Fraction(percent) / 100


def _minor(amount: Money, budget: Money | None) -> int:
    if budget and amount.currency != budget.currency:
        raise InvalidInput(
            f"The campaign is in {budget.currency}; {amount} needs a rate.", code="currency_mismatch", field="currency"
        )
    return amount.minor
