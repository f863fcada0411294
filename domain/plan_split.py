"""A budget over the lines of a plan, for the greatest outcome within what the planner fixed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from domain.errors import InvalidInput
from domain.money import Money
from domain.objectives import Outcome
from domain.plan_bounds import Limits, LineBounds, LineGroup, refuse_twice
from domain.plan_brief import LineEconomics, PlanningBrief
from domain.planning.allocation import Allocation, allocate
from domain.planning.constraints import Allocable
from domain.planning.draws import Uncertainty
from domain.planning.groups import Group

Held = Literal["minimum", "maximum", "locked", "minimum_buy", "group_minimum", "group_maximum"]


@dataclass(frozen=True, slots=True)
class Binding:
    """A line (by its code) or a group (by its name) that would take or give money without this bound."""

    key: str
    label: str
    held: Held


@dataclass(frozen=True, slots=True)
class Split:
    """A budget divided over lines, by their codes, and what can be said of it.

    counts           the outcome that was maximised
    outcome          in its unit; an outcome of VALUE in minor units. Lines without a curve bring nothing to it
    marginal_return  outcome per extra major unit; 0 where no line can take it
    unspent_reason   a clause; None where everything is spent
    idle             labels of lines that could have money and get none
    unbought         labels of lines whose flat fees would cost more than the line brings
    extrapolated     labels of lines beyond the range their figures speak for
    uncurved         labels of lines without a response curve, left as they are
    uncertainty      where curves have draws
    """

    amounts: Mapping[str, Money]
    budget: Money
    counts: Outcome
    outcome: float
    marginal_return: float
    binding: tuple[Binding, ...] = ()
    unspent_reason: str | None = None
    idle: tuple[str, ...] = ()
    unbought: tuple[str, ...] = ()
    extrapolated: tuple[str, ...] = ()
    uncurved: tuple[str, ...] = ()
    uncertainty: Uncertainty | None = None

    @property
    def spent(self) -> Money:
        return Money.sum(self.amounts.values(), self.budget.currency)

    @property
    def unspent(self) -> Money:
        return self.budget - self.spent


def split_budget(
    brief: PlanningBrief, limits: Limits, budget: Money, present: Mapping[str, Money] | None = None
) -> Split:
    """The split with the greatest expected outcome for the campaign's objective, spent to the minor unit.

    `present` are amounts by code that an uplift is measured against, where curves have draws. Refuses (InvalidInput)
    `currency_mismatch`, `duplicate_line`, `no_benchmark`, `locked_exceeds_budget`, and what `allocate` refuses.
    """
    refuse_mixed(brief, budget)
    refuse_twice(limits.lines)
    unbought: frozenset[str] = frozenset()
    while True:
        task = _Task.of(brief, _without(limits, unbought, brief.currency), budget)
        answer = task.solved(present)
        if answer is None:
            return task.only_held()
        idle = task.paying_for_nothing(answer)
        if not idle:
            return task.told(answer, unbought)
        unbought |= idle


def outcome_counted(brief: PlanningBrief) -> Outcome:
    """Sales count conversions as long as a conversion has no value of its own."""
    counts = brief.campaign.objective.outcome
    if counts is Outcome.VALUE and brief.campaign.value_per_conversion is None:
        return Outcome.CONVERSIONS
    return counts


def outcome_of_plan(economics: Mapping[str, LineEconomics], amounts: Mapping[str, Money]) -> float:
    """What the lines bring at these amounts, by the curves a split climbs."""
    return sum(economics[code].outcome(amount) for code, amount in amounts.items())


def refuse_mixed(brief: PlanningBrief, amount: Money) -> None:
    if amount.currency != brief.currency:
        raise InvalidInput(
            f"The campaign is in {brief.currency}; {amount} needs a rate.", code="currency_mismatch", field="currency"
        )


@dataclass(frozen=True, slots=True)
class _Task:
    """Lines with a curve, in money that is left for media once flat fees are taken off, and what the others hold."""

    brief: PlanningBrief
    budget: Money
    wanted: tuple[LineBounds, ...]
    free: tuple[LineBounds, ...]
    held: Mapping[str, int]
    flats: Mapping[str, int]
    lines: Sequence[Allocable]
    groups: Sequence[Group]
    names: Mapping[str, str]

    @classmethod
    def of(cls, brief: PlanningBrief, limits: Limits, budget: Money) -> "_Task":
        economics = brief.economics([wanted.spec for wanted in limits.lines])
        free = tuple(wanted for wanted in limits.lines if economics[wanted.spec.code].curve() is not None)
        held = _held_amounts(wanted for wanted in limits.lines if wanted not in free)
        flats = {wanted.spec.code: _flat(economics[wanted.spec.code], wanted, budget) for wanted in free}
        return cls(
            brief,
            budget,
            limits.lines,
            free,
            held,
            flats,
            [_allocable(economics[w.spec.code], w, budget, flats[w.spec.code]) for w in free],
            [group for one in limits.groups if (group := _group(one, budget, held, flats)) is not None],
            {w.spec.code: w.spec.label for w in limits.lines} | {one.name: one.name for one in limits.groups},
        )

    def solved(self, present: Mapping[str, Money] | None) -> Allocation | None:
        """None where no line can be optimised."""
        left = _left(self.budget, self.held, self.flats)
        if self.held and not self.free:
            return None
        current = None
        if present is not None:
            nothing = Money.zero(self.budget.currency)
            current = [max(present.get(code, nothing).minor - flat, 0) for code, flat in self.flats.items()]
        return allocate(left, self.lines, self.groups, current=current)

    def paying_for_nothing(self, answer: Allocation) -> frozenset[str]:
        """Lines that owe a flat fee and get nothing beside it: they are better not bought at all."""
        return frozenset(
            line.key
            for wanted, line, spent in zip(self.free, self.lines, answer.spend, strict=True)
            if not spent and self.flats[line.key] and not line.least and wanted.kept is None
        )

    def told(self, answer: Allocation, unbought: frozenset[str]) -> Split:
        spent = dict(zip(self.flats, answer.spend, strict=True))
        minor = {**{code: spent[code] + self.flats[code] for code in spent}, **self.held}
        return Split(
            amounts={w.spec.code: Money(minor[w.spec.code], self.budget.currency) for w in self.wanted},
            budget=self.budget,
            counts=outcome_counted(self.brief),
            outcome=answer.outcome,
            marginal_return=answer.marginal_return * Money.of(1, self.budget.currency).minor,
            binding=tuple(Binding(b.key, self.names[b.key], b.bound) for b in answer.binding if b.key not in unbought),
            unspent_reason=answer.unspent_reason,
            idle=tuple(self.names[code] for code in self._idle(answer) if code not in unbought),
            unbought=tuple(self.names[code] for code in spent if code in unbought),
            extrapolated=tuple(self.names[code] for code in answer.extrapolated),
            uncurved=tuple(self.names[code] for code in self.held),
            uncertainty=answer.uncertainty,
        )

    def _idle(self, answer: Allocation) -> list[str]:
        """Lines with nothing that no bound keeps from having something."""
        bound = {one.key for one in answer.binding}
        grouped = [group.lines for group in self.groups if group.name in bound]
        return [
            line.key
            for line, spent in zip(self.lines, answer.spend, strict=True)
            if not spent
            and line.most(self.budget.minor)
            and line.key not in bound
            and not any(line.key in codes for codes in grouped)
        ]

    def only_held(self) -> Split:
        amounts = {code: Money(minor, self.budget.currency) for code, minor in self.held.items()}
        counts, names = outcome_counted(self.brief), tuple(self.names[code] for code in self.held)
        return Split(amounts, self.budget, counts, 0.0, 0.0, uncurved=names)


def _without(limits: Limits, codes: frozenset[str], currency: str) -> Limits:
    nothing = Money.zero(currency)
    lines = tuple(replace(one, maximum=nothing) if one.spec.code in codes else one for one in limits.lines)
    return replace(limits, lines=lines)


def _allocable(economics: LineEconomics, wanted: LineBounds, budget: Money, flat: int) -> Allocable:
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


def _flat(economics: LineEconomics, wanted: LineBounds, budget: Money) -> int:
    """A line that is kept at nothing owes no fee, and one that may not have as much as its fees can't be bought."""
    flat = economics.flat_fees.minor
    if wanted.kept is not None:
        return flat if wanted.kept.minor else 0
    most = wanted.room.high(budget)
    return 0 if most is not None and most < flat else flat


def _group(group: LineGroup, budget: Money, held: Mapping[str, int], flats: Mapping[str, int]) -> Group | None:
    """In the same money as the lines: less what its lines have anyway."""
    given = sum(minor for code, minor in (*held.items(), *flats.items()) if code in group.codes)
    low, high = group.room.low(budget), group.room.high(budget)
    free = frozenset(code for code in flats if code in group.codes)
    if low is not None and low > budget.minor:
        raise InvalidInput(
            f"The minimum of {group.name}, {Money(low, budget.currency)}, is above the budget of {budget}.",
            code="group_minimums_exceed_budget",
            field="groups",
            groups=[group.name],
        )
    if high is not None and high < given:
        raise InvalidInput(
            f"Fixed amounts and flat fees in {group.name} come to {Money(given, budget.currency)}, above its maximum "
            f"of {Money(high, budget.currency)}.",
            code="group_maximum_exceeded",
            field="groups",
            groups=[group.name],
        )
    if not free:
        if low is not None and low > given:
            raise InvalidInput(
                f"The minimum of {group.name}, {Money(low, budget.currency)}, is above what its lines have, and none "
                "of them can be optimised.",
                code="group_minimum_unreachable",
                field="groups",
                groups=[group.name],
            )
        return None
    return Group(group.name, free, max((low or 0) - given, 0), None if high is None else high - given)


def _left(budget: Money, held: Mapping[str, int], flats: Mapping[str, int]) -> int:
    """For the lines that can be optimised, once what is given and the flat fees are taken off."""
    left = budget.minor - sum(held.values()) - sum(flats.values())
    if left < 0:
        taken = Money(budget.minor - left, budget.currency)
        raise InvalidInput(
            f"Fixed amounts and flat fees come to {taken}, above the budget of {budget}.",
            code="locked_exceeds_budget",
            field="budget",
        )
    return left


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
