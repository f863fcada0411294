"""A tenant's own benchmark figures, and the benchmarks that come of them: what they don't say is inherited."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domain.channels import Channel, PricingModel
from domain.errors import InvalidInput
from domain.money import Money, exponent
from domain.planning.curves.benchmarks import ILLUSTRATIVE, Benchmark, Benchmarks, benchmark, market_key
from domain.rates import checked_rate
from domain.text import clean_line

LARGEST_AUDIENCE = 10**10  # people
MILLE = 1000
_SHARES = ("ctr", "cvr", "viewability", "completion_rate")
_NEEDED = ("ctr", "cvr", "viewability", "audience", "frequency_cap")
_LABELS = {
    "cpm": "CPM",
    "cpp": "CPP",
    "ctr": "CTR",
    "cvr": "conversion rate",
    "viewability": "viewability",
    "completion_rate": "completion rate",
    "audience": "audience",
    "frequency_cap": "frequency cap",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of a channel. None is inherited.

    cpm, cpp         major units for a thousand impressions or a rating point (one per cent of the audience): the one
                     or the other
    ctr … completion_rate   shares above 0 up to 1, as in `Benchmark`
    audience         people; frequency_cap: effective exposures per person and week

    Raises InvalidInput with the figure as its field: `bad_rate`, `bad_benchmark`, `too_precise`, `two_prices`,
    `no_figures`.
    """

    cpm: Decimal | None = None
    cpp: Decimal | None = None
    ctr: Decimal | None = None
    cvr: Decimal | None = None
    viewability: Decimal | None = None
    completion_rate: Decimal | None = None
    audience: int | None = None
    frequency_cap: Decimal | None = None
    pricing_model: PricingModel | None = None

    def __post_init__(self) -> None:
        if not self.said:
            raise InvalidInput("Which figure is it? Give a CPM, for example.", code="no_figures", field="cpm")
        if self.cpm is not None and self.cpp is not None:
            raise InvalidInput("Give a CPM or a CPP; the one follows from the other.", code="two_prices", field="cpp")
        for name in ("cpm", "cpp", "frequency_cap", *_SHARES):
            if (number := getattr(self, name)) is not None:
                _refuse_bad(name, number)
        if self.audience is not None and not 0 < self.audience <= LARGEST_AUDIENCE:
            raise InvalidInput(
                f"An audience is 1 to {LARGEST_AUDIENCE:,} people, not {self.audience}.",
                code="bad_benchmark",
                field="audience",
            )

    @property
    def said(self) -> dict[str, Any]:
        each = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in each.items() if value is not None}


@dataclass(frozen=True, slots=True)
class OwnBenchmark:
    """Figures of a channel in one market (None: in every one), in force from a day on (None: always).

    source         where they come from, which is never "illustrative default" (InvalidInput `source_required`)
    other_sources  of figures that come from elsewhere, by their names
    """

    channel: Channel
    market: str | None
    currency: str
    figures: Figures
    source: str
    valid_from: date | None = None
    other_sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        exponent(self.currency)
        if self.market is not None:
            object.__setattr__(self, "market", clean_line(self.market, field="market", longest=80))
        if not self.source.strip() or self.source.strip().casefold() == ILLUSTRATIVE:
            raise InvalidInput(
                "Where do the figures come from? Name the source, like “2026 actuals”.",
                code="source_required",
                field="source",
            )
        object.__setattr__(self, "source", clean_line(self.source, field="source"))

    def source_of(self, figure: str) -> str:
        return self.other_sources.get(figure, self.source)

    def amended(self, figures: Figures, source: str) -> "OwnBenchmark":
        """With these figures in place of those it had; the others stay, and so does whose they are."""
        said = figures.said
        gone = set(said) | ({"cpm", "cpp"} if {"cpm", "cpp"} & set(said) else set())
        kept = {name: value for name, value in self.figures.said.items() if name not in gone}
        others = {name: self.source_of(name) for name in kept if self.source_of(name) != source}
        return replace(self, figures=Figures(**{**kept, **said}), source=source, other_sources=others)

    @property
    def key(self) -> tuple[Channel, str | None, str, date | None]:
        """There is one of each."""
        return self.channel, market_key(self.market), self.currency, self.valid_from


def benchmarks_on(own: Iterable[OwnBenchmark], day: date) -> Benchmarks:
    """The benchmarks of flights that start on the day.

    Each figure is the most specific there is: of the market before those of every market, of these the one that came
    into force last, then the default. Where figures are missing that no default fills, there is no benchmark.
    """
    in_force = sorted(
        (one for one in own if one.valid_from is None or one.valid_from <= day),
        key=lambda one: one.valid_from or date.min,
        reverse=True,
    )
    found = {}
    for place in dict.fromkeys((one.channel, market_key(one.market), one.currency) for one in in_force):
        chain = _chain(in_force, *place)
        if not missing_in(chain):
            found[place] = _merged(chain)
    return Benchmarks(found)


def refuse_incomplete(own: Sequence[OwnBenchmark], wanted: OwnBenchmark) -> None:
    """Where nothing can be inherited every figure has to be said. Raises InvalidInput `benchmark_incomplete`."""
    if not missing_in([wanted]):
        return
    day = wanted.valid_from or date.max
    in_force = [wanted, *(one for one in own if one.key != wanted.key and (one.valid_from or date.min) <= day)]
    missing = missing_in(_chain(in_force, wanted.channel, market_key(wanted.market), wanted.currency))
    if missing:
        names = ", ".join(_LABELS[name] for name in missing)
        raise InvalidInput(
            f"There is no default for {wanted.channel.label} in {wanted.currency} to take the rest from; give {names}.",
            code="benchmark_incomplete",
            field=missing[0],
            missing=list(missing),
        )


def missing_in(chain: Sequence[OwnBenchmark]) -> tuple[str, ...]:
    """The figures that neither the chain nor a default has."""
    first = chain[0]
    if _default(first.channel, first.currency) is not None:
        return ()
    priced = any(one.figures.cpm is not None or one.figures.cpp is not None for one in chain)
    rest = tuple(name for name in _NEEDED if _first(chain, name) is None)
    return rest if priced else ("cpm", *rest)


def _chain(own: Sequence[OwnBenchmark], channel: Channel, market: str | None, currency: str) -> list[OwnBenchmark]:
    """Those that count there, the most specific first; of one market in the order given."""
    alike = [one for one in own if (one.channel, one.currency) == (channel, currency)]
    here = [one for one in alike if market is not None and market_key(one.market) == market]
    return here + [one for one in alike if one.market is None]


def _merged(chain: Sequence[OwnBenchmark]) -> Benchmark:
    first = chain[0]
    default = _default(first.channel, first.currency)
    figures = {name: _figure(chain, default, name) for name in (*_NEEDED, "completion_rate")}
    audience = int(figures["audience"] or 0)
    priced = next((one for one in chain if one.figures.cpm is not None or one.figures.cpp is not None), None)
    model = next((one.figures.pricing_model for one in chain if one.figures.pricing_model), None)
    completion = figures["completion_rate"]
    return Benchmark(
        first.channel,
        first.currency,
        _cpm(priced.figures, first.currency, audience) if priced else default.cpm if default else 0,
        float(figures["ctr"] or 0),
        float(figures["cvr"] or 0),
        float(figures["viewability"] or 0),
        None if completion is None else float(completion),
        audience,
        float(figures["frequency_cap"] or 0),
        model or (default.pricing_model if default else PricingModel.CPM),
        _source(chain, default),
    )


def _cpm(figures: Figures, currency: str, audience: int) -> Fraction:
    """Minor units. A rating point is one per cent of the audience."""
    minor = Money.of(1, currency).minor
    if figures.cpm is not None:
        return Fraction(figures.cpm) * minor
    return Fraction(figures.cpp or 0) * minor * 100 * MILLE / audience


def _source(chain: Sequence[OwnBenchmark], default: Benchmark | None) -> str:
    """Who says which figure: "CPM, CTR: 2026 actuals; otherwise illustrative default"."""
    said: dict[str, list[str]] = {}
    inherited = False
    for names in (("cpm", "cpp"), *((name,) for name in (*_SHARES, "audience", "frequency_cap"))):
        found = next(((one, name) for one in chain for name in names if getattr(one.figures, name) is not None), None)
        if found:
            said.setdefault(found[0].source_of(found[1]), []).append(_LABELS[found[1]])
        elif default is not None and (names[0] != "completion_rate" or default.completion_rate is not None):
            inherited = True
    if len(said) == 1 and not inherited:
        return next(iter(said))
    parts = [f"{', '.join(labels)}: {source}" for source, labels in said.items()]
    return "; ".join([*parts, f"otherwise {ILLUSTRATIVE}"] if inherited else parts)


def _figure(chain: Sequence[OwnBenchmark], default: Benchmark | None, name: str) -> Decimal | float | None:
    own = _first(chain, name)
    return own if own is not None or default is None else getattr(default, name)


def _first(chain: Sequence[OwnBenchmark], name: str) -> Decimal | float | None:
    return next((found for one in chain if (found := getattr(one.figures, name)) is not None), None)


def _default(channel: Channel, currency: str) -> Benchmark | None:
    try:
        return benchmark(channel, currency)
    except InvalidInput:
        return None


def _refuse_bad(name: str, number: Decimal) -> None:
    checked_rate(number, field=name)
    if not number:
        raise InvalidInput(f"The {_LABELS[name]} lies above 0.", code="bad_benchmark", field=name)
    if name in _SHARES and number > 1:
        raise InvalidInput(
            f"A {_LABELS[name]} is a share above 0 and at most 1 (2 % is 0.02), not {number}.",
            code="bad_rate",
            field=name,
        )
