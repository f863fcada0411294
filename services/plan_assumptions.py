"""What a plan rests on: prices, response curves, exchange rates, and what its figures mean."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from domain.campaigns import BudgetBasis
from domain.errors import InvalidInput
from domain.money import LARGEST_MINOR, Money, exponent
from domain.planning.curves.benchmarks import ILLUSTRATIVE, PRICE_LEVELS, Benchmark
from domain.planning.curves.response_curves import ResponseCurve
from domain.plans.brief import LineEconomics, PlanningBrief
from domain.plans.lines import PlanLine
from domain.plans.media_plans import PlanVersion
from services.amounts import Amount
from services.plan_document import Assumption, BenchmarkNote, CurveNote, RateNote

BASES = {
    BudgetBasis.CLIENT_COST: "client cost: net media and fees, without tax",
    BudgetBasis.NET_MEDIA: "net media: what media owners are paid, without fees and tax",
    BudgetBasis.GROSS: "gross: list prices, before the agency discount and without fees and tax",
}


def assumptions_of(brief: PlanningBrief, version: PlanVersion) -> list[Assumption]:
    notes = [
        ("Budget", f"Budget and line amounts are {BASES[version.basis]}."),
        ("Agency discount", f"Net media is gross less {_percent(brief.terms.agency_discount)} of it."),
        *_of_prices(brief, version),
        *_of_changes(brief, version),
        ("Conversions", "As platforms would report them after a click or visit, not what advertising alone caused."),
        ("Reach", "People of a line's audience who see it at least once. Lines overlap: reach never adds up."),
    ]
    if version.explanation:
        notes.append(("Allocation", version.explanation))
    return [Assumption(subject=subject, text=text) for subject, text in notes]


def benchmark_notes(brief: PlanningBrief, lines: Sequence[PlanLine]) -> list[BenchmarkNote]:
    """One for each channel and market, in the order of the lines; none where only a typed rate speaks."""
    kinds = dict.fromkeys((line.channel, brief.market_of(line.spec)) for line in lines)
    found = [(market, brief.benchmarks.find(channel, brief.currency, market)) for channel, market in kinds]
    return [_benchmark(each, market) for market, each in found if each]


def curve_notes(brief: PlanningBrief, lines: Sequence[PlanLine]) -> list[CurveNote]:
    """Of the lines that have a response curve today."""
    return [
        CurveNote(
            line=line.label,
            family=curve.shape.family.replace("_", " "),
            counts=curve.counts.value.replace("_", " "),
            valid_from=_amount(curve.valid_from, brief.currency),
            valid_to=_amount(curve.valid_to, brief.currency),
            days=curve.days,
            source=curve.source,
            extrapolated=curve.extrapolates(working),
        )
        for line, curve, working in curves_of(brief, lines)
    ]


def curves_of(brief: PlanningBrief, lines: Sequence[PlanLine]) -> Iterator[tuple[PlanLine, ResponseCurve, int]]:
    """Lines with their curve, and the minor units that they spend on it: a flat fee buys nothing."""
    economics = brief.economics([line.spec for line in lines])
    for line in lines:
        curve = _curve(economics[line.code])
        if curve is not None:
            yield line, curve, max(line.budget.minor - economics[line.code].flat_fees.minor, 0)


def rate_notes(lines: Sequence[PlanLine]) -> list[RateNote]:
    return [
        RateNote(
            line=line.label,
            amount=Amount.of(line.foreign.amount),
            rate=line.foreign.rate.rate,
            source=line.foreign.rate.source,
            on=line.foreign.rate.date,
        )
        for line in lines
        if line.foreign
    ]


def _of_prices(brief: PlanningBrief, version: PlanVersion) -> list[tuple[str, str]]:
    if not any(ILLUSTRATIVE in line.source for line in version.lines):
        return []
    notes = [("Benchmarks", "Figures marked illustrative are plausible defaults, cited from no study.")]
    level = PRICE_LEVELS.get(brief.currency)
    if level and brief.currency != "USD":
        text = f"Illustrative prices in {brief.currency} are those in US dollars × {level}: no exchange rate."
        notes.append(("Price level", text))
    return notes


def _of_changes(brief: PlanningBrief, version: PlanVersion) -> list[tuple[str, str]]:
    """A version never changes; what is listed beside it is what holds today."""
    today = brief.economics([line.spec for line in version.lines])
    moved = [line.label for line in version.lines if _source(today[line.code]) != line.source]
    if not moved:
        return []
    text = f"The figures of {', '.join(moved)} are those of when this version was saved; their sources changed since."
    return [("Changed since", text)]


def _source(economics: LineEconomics) -> str | None:
    try:
        return economics.source
    except InvalidInput:
        return None


def _curve(economics: LineEconomics) -> ResponseCurve | None:
    try:
        return economics.curve()
    except InvalidInput:  # planned on a benchmark that has been taken away since
        return None


def _benchmark(found: Benchmark, market: str | None) -> BenchmarkNote:
    minor = Fraction(found.cpm)
    return BenchmarkNote(
        channel=found.channel,
        market=market,
        cpm=round(Decimal(minor.numerator) / minor.denominator, 2).scaleb(-exponent(found.currency)),
        ctr=found.ctr,
        cvr=found.cvr,
        viewability=found.viewability,
        completion_rate=found.completion_rate,
        audience=found.audience,
        frequency_cap=found.frequency_cap,
        source=found.source,
        illustrative=found.source == ILLUSTRATIVE,
    )


def _amount(minor: float, currency: str) -> Amount:
    return Amount.of(Money(round(min(minor, LARGEST_MINOR)), currency))


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"
