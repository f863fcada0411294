"""Combinations of bounds that can't hold together, refused by name before anything is computed."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from domain.errors import InvalidInput
from domain.money import Money
from domain.planning.allocation.amounts import refuse_bad_amount
from domain.planning.allocation.constraints import MOST_LINES, Allocable
from domain.planning.allocation.groups import Group

MOST_GROUPS = 200


def refuse_impossible(total: int, lines: Sequence[Allocable], groups: Sequence[Group] = ()) -> None:
    """Codes of lines: bad_amount, budget_not_positive, no_lines, too_many_lines, duplicate_line, mixed_outcomes,
    currency_mismatch, locked_exceeds_budget, minimums_exceed_budget. Of groups: too_many_groups, duplicate_group,
    unknown_line, group_minimum_above_maximum, group_minimum_unreachable, group_maximum_exceeded,
    shares_over_100_percent, group_minimums_exceed_budget."""
    refuse_bad_amount(total, "budget")
    if total == 0:
        raise InvalidInput("The budget must be above zero.", code="budget_not_positive", field="budget")
    refuse_unlike(lines)
    _refuse_overcommitted(total, lines)
    _refuse_unknown(lines, groups)
    for group in groups:
        _refuse_group(total, lines, group)
    _refuse_groups_together(total, lines, groups)


def refuse_unlike(lines: Sequence[Allocable]) -> None:
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


def conflict(lines: Sequence[str], groups: Sequence[str]) -> InvalidInput:
    """Bounds that only together can't hold."""
    named = [f"the group {name}" for name in groups] + list(lines)
    return InvalidInput(
        f"No split keeps the bounds of {', '.join(named)} and the budget at once.",
        code="constraints_conflict",
        field="groups" if groups else "lines",
        lines=list(lines),
        groups=list(groups),
    )


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
    currency = lines[0].curve.currency
    raise InvalidInput(
        f"{what} of {', '.join(keys)} come to {_major(needed, currency)}, "
        f"above the budget of {_major(total, currency)} {currency}.",
        code=code,
        field=field,
        lines=keys,
    )


def _refuse_unknown(lines: Sequence[Allocable], groups: Sequence[Group]) -> None:
    if len(groups) > MOST_GROUPS:
        limit = f"A budget is held by at most {MOST_GROUPS} groups, not {len(groups):,}."
        raise InvalidInput(limit, code="too_many_groups", field="groups")
    twice = [name for name, times in Counter(group.name for group in groups).items() if times > 1]
    if twice:
        raise InvalidInput(f"Named twice: {', '.join(twice)}.", code="duplicate_group", field="groups", groups=twice)
    known = {line.key for line in lines}
    for group in groups:
        if unknown := sorted(group.lines - known):
            raise InvalidInput(
                f"The group {group.name} names {', '.join(unknown)}, which is no line here.",
                code="unknown_line",
                field="groups",
                groups=[group.name],
                lines=unknown,
            )


def _refuse_group(total: int, lines: Sequence[Allocable], group: Group) -> None:
    members = [line for line in lines if line.key in group.lines]
    low, high = group.low(total), group.high(total)
    most, least = sum(line.most(total) for line in members), sum(line.least for line in members)
    currency = lines[0].curve.currency
    if low > high:
        problem, code = f"is above its maximum of {_major(high, currency)}", "group_minimum_above_maximum"
    elif low > most:
        problem, code = f"is above what its lines can take, {_major(most, currency)}", "group_minimum_unreachable"
    elif least > high:
        held = [line.key for line in members if line.least]
        raise InvalidInput(
            f"The minimums and locked amounts of {', '.join(held)} come to {_major(least, currency)}, "
            f"above the maximum of {group.name}, {_major(high, currency)} {currency}.",
            code="group_maximum_exceeded",
            field="groups",
            groups=[group.name],
            lines=held,
        )
    else:
        return
    raise InvalidInput(
        f"The minimum of {group.name}, {_major(low, currency)}, {problem} {currency}.",
        code=code,
        field="groups",
        groups=[group.name],
        lines=[line.key for line in members],
    )


def _refuse_groups_together(total: int, lines: Sequence[Allocable], groups: Sequence[Group]) -> None:
    """Groups with nothing in common can't ask for more than the budget."""
    apart: list[Group] = []
    for group in sorted(groups, key=lambda each: -each.low(total)):
        if group.low(total) and all(group.lines.isdisjoint(other.lines) for other in apart):
            apart.append(group)
    taken = frozenset[str]().union(*(group.lines for group in apart)) if apart else frozenset[str]()
    others = sum(line.least for line in lines if line.key not in taken)
    if (needed := sum(group.low(total) for group in apart) + others) <= total:
        return
    names = [group.name for group in apart]
    shares = sum((Fraction(group.minimum_share) for group in apart), Fraction(0))
    if shares > 1:
        raise InvalidInput(
            f"The minimum shares of {', '.join(names)} come to {float(shares):.4g} of the budget, above 100 %.",
            code="shares_over_100_percent",
            field="groups",
            groups=names,
        )
    currency = lines[0].curve.currency
    keys = [line.key for line in lines if line.least and line.key not in taken]
    beside = f" and the minimums of {', '.join(keys)}" if keys else ""
    raise InvalidInput(
        f"The minimums of {', '.join(names)}{beside} come to {_major(needed, currency)}, "
        f"above the budget of {_major(total, currency)} {currency}.",
        code="group_minimums_exceed_budget",
        field="groups",
        groups=names,
        lines=keys,
    )


def _major(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).major:,f}" if minor <= 10**15 else f"{minor:,} minor units"
