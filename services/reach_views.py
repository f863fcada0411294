"""Reach and frequency of a plan as read models."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Self

from pydantic import Field

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.planning.reach.distribution import HIGHEST_FREQUENCY, FrequencyDistribution
from domain.plans.lines import PlanLine
from domain.plans.media_plans import PlanVersion
from domain.plans.reach import best_weight, people_reached, reach_of, with_cap
from services.amounts import Amount
from services.commands import Command
from services.read_models import ReadModel

ASSUMPTIONS = (
    "Lines of one channel, market and audience share its people; different markets have different people.",
    "The people of a market are as many as its largest audience.",
    "Frequency follows a negative binomial through each line's impressions and reach.",
)


class AskReach(Command):
    number: int | None = Field(default=None, ge=1, le=1_000_000, description="Of a version; left out: the current one.")
    duplication: Decimal = Field(
        default=Decimal(1), ge=0, le=100, description="Overlap between channels: 1 is chance, 0 none, above 1 more."
    )
    effective: int = Field(default=3, ge=2, le=10, description="Exposures from which a person counts as won.")
    cap: int | None = Field(default=None, ge=1, le=50, description="Exposures per person and week that are allowed.")


class FrequencyView(ReadModel):
    universe: int
    impressions: int
    reach: list[int] = Field(description="People reached at least 1, 2 … 10 times.")
    reach_percent: Decimal
    frequency: Decimal | None = Field(description="Impressions for each person reached.")
    grp: Decimal = Field(description="100 × impressions / universe = reach % × frequency.")

    @classmethod
    def of(cls, found: FrequencyDistribution) -> Self:
        often = found.average_frequency
        return cls(
            universe=round(found.universe),
            impressions=round(found.impressions),
            reach=[round(found.reach_at(times)) for times in range(1, HIGHEST_FREQUENCY + 1)],
            reach_percent=round(Decimal(100 * found.reach_share), 2),
            frequency=None if often is None else round(Decimal(often), 2),
            grp=round(Decimal(found.grp), 1),
        )


class BestWeight(ReadModel):
    """Where money reaches most people at least `effective` times."""

    effective: int
    frequency: Decimal
    impressions: int
    budget: Amount | None = Field(description="At the line's own price; null for a line that buys no impressions.")
    reach: int


class CapView(ReadModel):
    """A cap per person and week. `reach_reinvested`: when what it saves is bought again."""

    cap: int
    wasted_percent: Decimal
    reach: int
    reach_reinvested: int


class LineReach(ReadModel):
    code: str
    channel: Channel
    label: str
    distribution: FrequencyView
    best: BestWeight
    cap: CapView | None = Field(
        default=None, description="Where one was asked for and leaves room for the impressions."
    )


class ReachView(ReadModel):
    number: int
    duplication: Decimal
    lines: list[LineReach]
    total: FrequencyView = Field(description="Across lines, nobody counted twice.")
    unmeasured: list[str] = Field(description="Lines without a known audience; they are left out.")
    assumptions: list[str]


class PlanReachView(ReadModel):
    """Of all lines together, nobody counted twice; channels overlap by chance."""

    universe: int
    reach: int
    frequency: Decimal | None
    grp: Decimal


def plan_reach(lines: Sequence[PlanLine]) -> PlanReachView | None:
    found = people_reached(lines)
    if found is None:
        return None
    people, reached = found
    shown = sum(line.delivery.impressions for line in lines if line.audience)
    return PlanReachView(
        universe=people,
        reach=reached,
        frequency=round(Decimal(shown) / reached, 2) if reached else None,
        grp=round(Decimal(100 * shown) / people, 1),
    )


def reach_view(version: PlanVersion, asked: AskReach) -> ReachView:
    found = reach_of(version.lines, float(asked.duplication))
    return ReachView(
        number=version.number,
        duplication=asked.duplication,
        lines=[
            LineReach(
                code=line.code,
                channel=line.channel,
                label=line.label,
                distribution=FrequencyView.of(found.lines[line.code]),
                best=_best(line, asked.effective),
                cap=_capped(line, asked.cap),
            )
            for line in version.lines
            if line.code in found.lines
        ],
        total=FrequencyView.of(found.total),
        unmeasured=list(found.unmeasured),
        assumptions=list(ASSUMPTIONS),
    )


def _best(line: PlanLine, effective: int) -> BestWeight:
    found, shown = best_weight(line, effective), line.delivery.impressions
    price = line.budget.times(Fraction(round(found.impressions), shown)) if shown else None
    return BestWeight(
        effective=effective,
        frequency=round(Decimal(found.average_frequency), 2),
        impressions=round(found.impressions),
        budget=Amount.of(price) if price else None,
        reach=round(found.value),
    )


def _capped(line: PlanLine, cap: int | None) -> CapView | None:
    if cap is None:
        return None
    try:
        effect = with_cap(line, cap)
    except InvalidInput as refusal:
        if refusal.code == "cap_below_impressions":
            return None
        raise
    return CapView(
        cap=cap,
        wasted_percent=round(Decimal(100 * effect.wasted_share), 2),
        reach=round(effect.reach_before),
        reach_reinvested=round(effect.reach_reinvested),
    )
