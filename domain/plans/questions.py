"""What more money would buy, and which line is worth it. Nothing here changes a plan."""

from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.money import Money
from domain.plans.bounds import Limits, LineBounds
from domain.plans.brief import LineEconomics, PlanningBrief
from domain.plans.lines import PlanLine
from domain.plans.media_plans import PlanVersion
from domain.plans.split import Split
from domain.plans.splitting import split_budget

NEXT = 1000  # major units: what "the next of it" is measured by


@dataclass(frozen=True, slots=True)
class LineReturn:
    """What a line brings for what it has, and for the next thousand. Value is in minor units.

    `curved` is False for a line without a response curve: nothing can be said of its next money.
    """

    line: PlanLine
    outcome: float
    next_outcome: float
    curved: bool


def with_more(brief: PlanningBrief, version: PlanVersion, more: Money) -> Split:
    """Where more money would best go beside what every line has; less, where it would be missed least.

    Kept lines, and lines without a response curve, don't move. Refuses `nothing_left` for less than the plan has, and
    what `split_budget` refuses.
    """
    budget = version.total + more
    if budget.minor <= 0:
        raise InvalidInput(
            f"The plan has {version.total}; {-more} less leaves nothing.", code="nothing_left", field="amount"
        )
    economics = brief.economics([line.spec for line in version.lines])
    bounds = tuple(_from_here(line, economics[line.code], more) for line in version.lines)
    return split_budget(brief, Limits(bounds), budget, {line.code: line.budget for line in version.lines})


def returns_of(brief: PlanningBrief, version: PlanVersion) -> list[LineReturn]:
    """The line whose next money brings most first."""
    economics = brief.economics([line.spec for line in version.lines])
    step = Money.of(NEXT, brief.currency)
    found = []
    for line in version.lines:
        one = economics[line.code]
        now = one.outcome(line.budget)
        found.append(LineReturn(line, now, one.outcome(line.budget + step) - now, one.curve() is not None))
    return sorted(found, key=lambda each: (each.curved, each.next_outcome), reverse=True)


def _from_here(line: PlanLine, economics: LineEconomics, more: Money) -> LineBounds:
    if line.locked or economics.curve() is None:
        return LineBounds(line.spec, kept=line.budget)
    if more.minor < 0:
        return LineBounds(line.spec, maximum=line.budget)
    return LineBounds(line.spec, minimum=line.budget)
