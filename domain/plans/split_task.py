"""A split of a plan's budget as the allocator sees it, and its answer as the plan sees it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR, Money
from domain.planning.allocation.allocate import Allocation
from domain.planning.allocation.binding import BindingBound
from domain.planning.allocation.constraints import Allocable
from domain.planning.allocation.groups import Group
from domain.plans.bounds import Limits, LineBounds, LineGroup, Room
from domain.plans.brief import LineEconomics, PlanningBrief
from domain.plans.shares import exact_shares
from domain.plans.split import Binding, Held, Split, outcome_counted, refuse_mixed

_SHARE_OF = "share of "


@dataclass(frozen=True, slots=True)
class SplitTask:
    """Lines with a curve, in money that is left for media once flat fees are taken off, and what the others hold."""

    brief: PlanningBrief
    wanted: tuple[LineBounds, ...]
    free: tuple[LineBounds, ...]
    held: Mapping[str, int]
    flats: Mapping[str, int]
    lines: Sequence[Allocable]
    groups: Sequence[Group]
    names: Mapping[str, str]

    @classmethod
    def of(cls, brief: PlanningBrief, limits: Limits, budget: Money | None) -> "SplitTask":
        """`budget` is what shares in percent are of. None: they are of the money the lines are found to need."""
        shared = exact_shares(limits, budget) if budget else _shares_as_groups(limits)
        economics = brief.economics([wanted.spec for wanted in shared.lines])
        free = tuple(wanted for wanted in shared.lines if economics[wanted.spec.code].curve() is not None)
        held = _held_amounts(wanted for wanted in shared.lines if wanted not in free)
        flats = {wanted.spec.code: _flat(economics[wanted.spec.code], wanted, budget) for wanted in free}
        return cls(
            brief,
            shared.lines,
            free,
            held,
            flats,
            [_allocable(economics[w.spec.code], w, budget, flats[w.spec.code]) for w in free],
            [group for one in shared.groups if (group := group_of(one, budget, held, flats)) is not None],
            {w.spec.code: w.spec.label for w in shared.lines} | {one.name: one.name for one in shared.groups},
        )

    @property
    def given(self) -> int:
        """Minor units that are spent whatever the split: lines without a curve, and flat fees."""
        return sum(self.held.values()) + sum(self.flats.values())

    def left_of(self, budget: Money) -> int:
        """For the lines that can be optimised. Refuses `locked_exceeds_budget`."""
        if self.given > budget.minor:
            raise InvalidInput(
                f"Fixed amounts and flat fees come to {Money(self.given, budget.currency)}, above the budget of "
                f"{budget}.",
                code="locked_exceeds_budget",
                field="budget",
            )
        return budget.minor - self.given

    def current(self, present: Mapping[str, Money] | None) -> list[int] | None:
        """The present amounts in the order and the money of the lines."""
        if present is None:
            return None
        nothing = Money.zero(self.brief.currency)
        return [max(present.get(code, nothing).minor - flat, 0) for code, flat in self.flats.items()]

    def paying_for_nothing(self, answer: Allocation) -> frozenset[str]:
        """Lines that owe a flat fee and get nothing beside it: they are better not bought at all."""
        return frozenset(
            line.key
            for wanted, line, spent in zip(self.free, self.lines, answer.spend, strict=True)
            if not spent and self.flats[line.key] and not line.least and wanted.kept is None
        )

    def told(self, answer: Allocation, budget: Money, unbought: frozenset[str] = frozenset()) -> Split:
        spent = dict(zip(self.flats, answer.spend, strict=True))
        minor = {**{code: spent[code] + self.flats[code] for code in spent}, **self.held}
        return Split(
            amounts={w.spec.code: Money(minor[w.spec.code], budget.currency) for w in self.wanted},
            budget=budget,
            counts=outcome_counted(self.brief),
            outcome=answer.outcome,
            marginal_return=answer.marginal_return * Money.of(1, budget.currency).minor,
            binding=tuple(self._binding(b) for b in answer.binding if b.key not in unbought),
            unspent_reason=answer.unspent_reason,
            idle=tuple(self.names[code] for code in self._idle(answer) if code not in unbought),
            unbought=tuple(self.names[code] for code in spent if code in unbought),
            extrapolated=tuple(self.names[code] for code in answer.extrapolated),
            uncurved=tuple(self.names[code] for code in self.held),
            uncertainty=answer.uncertainty,
        )

    def _binding(self, bound: BindingBound) -> Binding:
        """A share that one line holds alone reads as a bound of the line."""
        held: Held = bound.bound
        code = bound.key.removeprefix(_SHARE_OF)
        if code != bound.key:
            held = "minimum" if bound.bound == "group_minimum" else "maximum"
        return Binding(code, self.names[code], held)

    def _idle(self, answer: Allocation) -> list[str]:
        """Lines with nothing that no bound keeps from having something."""
        bound = {one.key for one in answer.binding}
        grouped = [group.lines for group in self.groups if group.name in bound]
        return [
            line.key
            for line, spent in zip(self.lines, answer.spend, strict=True)
            if not spent
            and line.most(LARGEST_MINOR)
            and line.key not in bound
            and not any(line.key in codes for codes in grouped)
        ]

    def only_held(self, budget: Money) -> Split:
        amounts = {code: Money(minor, budget.currency) for code, minor in self.held.items()}
        counts, names = outcome_counted(self.brief), tuple(self.names[code] for code in self.held)
        return Split(amounts, budget, counts, 0.0, 0.0, uncurved=names)


def without(limits: Limits, codes: frozenset[str], currency: str) -> Limits:
    """With nothing for these lines."""
    nothing = Money.zero(currency)
    lines = tuple(replace(one, maximum=nothing) if one.spec.code in codes else one for one in limits.lines)
    return replace(limits, lines=lines)


def _allocable(economics: LineEconomics, wanted: LineBounds, budget: Money | None, flat: int) -> Allocable:
    curve = economics.curve()
    assert curve is not None
    room = wanted.room

    def less_flat(minor: int | None) -> int | None:
        return None if minor is None else max(minor - flat, 0)

    def given(amount: Money | None) -> int | None:
        return None if amount is None else amount.minor

    for amount in (wanted.kept, wanted.minimum_buy):
        if amount is not None:
            refuse_mixed(economics.brief, amount)
    most = room.high(budget)
    return Allocable(
        wanted.spec.code,
        curve,
        minimum=less_flat(room.low(budget)) or 0,
        maximum=0 if most is not None and most < economics.flat_fees.minor else less_flat(most),
        locked=less_flat(given(wanted.kept)),
        minimum_buy=less_flat(given(wanted.minimum_buy)) or 0,
    )


def _flat(economics: LineEconomics, wanted: LineBounds, budget: Money | None) -> int:
    """A line that is kept at nothing owes no fee, and one that may not have as much as its fees can't be bought."""
    flat = economics.flat_fees.minor
    if wanted.kept is not None:
        return flat if wanted.kept.minor else 0
    most = wanted.room.high(budget)
    return 0 if most is not None and most < flat else flat


def group_of(group: LineGroup, budget: Money | None, held: Mapping[str, int], flats: Mapping[str, int]) -> Group | None:
    """In the same money as the lines: less what its lines have anyway. None where nothing of it can be optimised."""
    given = sum(minor for code, minor in (*held.items(), *flats.items()) if code in group.codes)
    low, high = group.room.low(budget) or 0, group.room.high(budget)
    free = frozenset(code for code in flats if code in group.codes)
    if budget and low > budget.minor:
        raise _unkept(group, f"its minimum is above the budget of {budget}.", "group_minimums_exceed_budget")
    if high is not None and high < given:
        raise _unkept(group, "fixed amounts and flat fees come to more than its maximum.", "group_maximum_exceeded")
    if not free and low > given:
        raise _unkept(
            group, "its minimum is above what its lines have, and none can be optimised.", "group_minimum_unreachable"
        )
    if not free:
        return None
    most = None if high is None else high - given
    if budget:
        return Group(group.name, free, max(low - given, 0), most)
    return Group(group.name, free, max(low - given, 0), most, *group.room.shares)


def _unkept(group: LineGroup, why: str, code: str) -> InvalidInput:
    return InvalidInput(f"{group.name}: {why}", code=code, field="groups", groups=[group.name])


def _shares_as_groups(limits: Limits) -> Limits:
    """A line's share of a budget that is not known yet is a group of one line."""
    shares = tuple(
        LineGroup(
            _SHARE_OF + one.spec.code,
            frozenset({one.spec.code}),
            Room(least_percent=one.minimum_percent, most_percent=one.maximum_percent),
        )
        for one in limits.lines
        if one.minimum_percent is not None or one.maximum_percent is not None
    )
    lines = tuple(replace(one, minimum_percent=None, maximum_percent=None) for one in limits.lines)
    return Limits(lines, (*limits.groups, *shares))


def _held_amounts(lines: Iterable[LineBounds]) -> dict[str, int]:
    """A line without a response curve has only the amount it was given."""
    held = {}
    for wanted in lines:
        if wanted.kept is None:
            raise InvalidInput(
                f"There is no benchmark for {wanted.spec.label}, so its budget can't be optimised; give it an amount.",
                code="no_benchmark",
                field="channel",
                line=wanted.spec.code,
            )
        held[wanted.spec.code] = wanted.kept.minor
    return held
