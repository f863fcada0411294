from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from domain.channels import Channel, PricingModel
from domain.errors import InvalidInput
from domain.planning.curves.benchmarks import benchmark
from domain.planning.curves.own_figures import Figures, OwnBenchmark, benchmarks_on, refuse_incomplete

TODAY = date(2027, 3, 1)
WHOLE: dict[str, Any] = {
    "cpm": Decimal(20),
    "ctr": Decimal("0.01"),
    "cvr": Decimal("0.02"),
    "viewability": Decimal("0.9"),
    "audience": 200_000,
    "frequency_cap": Decimal(2),
}


def own(
    market: str | None = None,
    source: str = "2026 actuals",
    valid_from: date | None = None,
    channel: Channel = Channel.SEARCH,
    currency: str = "EUR",
    **figures: Any,
) -> OwnBenchmark:
    return OwnBenchmark(channel, market, currency, Figures(**figures), source, valid_from)


def test_what_is_not_said_is_inherited_and_nobody_elses_figure_is_claimed() -> None:
    found = benchmarks_on([own("DE", cpm=Decimal(85))], TODAY).of(Channel.SEARCH, "EUR", "de")
    default = benchmark(Channel.SEARCH, "EUR")
    assert (found.cpm, found.ctr, found.audience) == (8500, default.ctr, default.audience)
    assert found.source == "CPM: 2026 actuals; otherwise illustrative default"
    elsewhere = benchmarks_on([own("DE", cpm=Decimal(85))], TODAY)
    assert elsewhere.of(Channel.SEARCH, "EUR", "FR") == elsewhere.of(Channel.SEARCH, "EUR") == default
    assert elsewhere.of(Channel.SEARCH, "USD", "DE") == benchmark(Channel.SEARCH, "USD")


def test_each_figure_is_the_most_specific_there_is() -> None:
    rows = [
        own("DE", source="German panel", ctr=Decimal("0.05")),
        own("DE", source="2027 rates", valid_from=date(2027, 1, 1), cpm=Decimal(95)),
        own("DE", source="old rates", cpm=Decimal(80)),
        own(source="all of us", cpm=Decimal(70), cvr=Decimal("0.1"), ctr=Decimal("0.03")),
        own("DE", source="next year", valid_from=date(2028, 1, 1), cpm=Decimal(999)),
    ]
    found = benchmarks_on(rows, TODAY).of(Channel.SEARCH, "EUR", "DE")
    assert (found.cpm, found.ctr, found.cvr) == (9500, 0.05, 0.1)
    assert found.source == (
        "CPM: 2027 rates; CTR: German panel; conversion rate: all of us; otherwise illustrative default"
    )
    assert benchmarks_on(rows, date(2026, 12, 31)).of(Channel.SEARCH, "EUR", "DE").cpm == 8000
    assert benchmarks_on(rows, date(2028, 1, 1)).of(Channel.SEARCH, "EUR", "DE").cpm == 99900


def test_a_channel_without_a_default_has_what_is_said_of_it() -> None:
    radio = own(channel=Channel.RADIO, **WHOLE)
    refuse_incomplete([], radio)
    found = benchmarks_on([radio], TODAY).of(Channel.RADIO, "EUR")
    assert (found.cpm, found.completion_rate, found.pricing_model, found.source) == (
        2000,
        None,
        PricingModel.CPM,
        "2026 actuals",
    )
    partial = own("DE", channel=Channel.RADIO, cpm=Decimal(25))
    refuse_incomplete([radio], partial)
    assert benchmarks_on([radio, partial], TODAY).of(Channel.RADIO, "EUR", "DE").cpm == 2500
    with pytest.raises(InvalidInput) as refusal:
        refuse_incomplete([], partial)
    assert (refusal.value.code, refusal.value.field) == ("benchmark_incomplete", "ctr")
    assert benchmarks_on([partial], TODAY).find(Channel.RADIO, "EUR", "DE") is None


def test_a_rating_point_is_one_per_cent_of_the_audience() -> None:
    tv = own(channel=Channel.LINEAR_TV, cpp=Decimal(1500), audience=1_000_000)
    assert benchmarks_on([tv], TODAY).of(Channel.LINEAR_TV, "EUR").cpm == Fraction(150_000 * 1000, 10_000)


@pytest.mark.parametrize(
    ("figures", "code", "field"),
    [
        ({}, "no_figures", "cpm"),
        ({"cpm": Decimal(1), "cpp": Decimal(1)}, "two_prices", "cpp"),
        ({"ctr": Decimal(2)}, "bad_rate", "ctr"),
        ({"ctr": Decimal("NaN")}, "bad_rate", "ctr"),
        ({"cpm": Decimal(0)}, "bad_benchmark", "cpm"),
        ({"cpm": Decimal(-1)}, "bad_rate", "cpm"),
        ({"cpm": Decimal("1.1234567")}, "too_precise", "cpm"),
        ({"audience": 0}, "bad_benchmark", "audience"),
    ],
)
def test_a_figure_that_breaks_a_rule_is_refused(figures: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Figures(**figures)
    assert (refusal.value.code, refusal.value.field) == (code, field)


@pytest.mark.parametrize("source", ["  ", "Illustrative Default"])
def test_a_figure_names_its_source(source: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        own(source=source, cpm=Decimal(1))
    assert refusal.value.code == "source_required"


def test_figures_of_several_sources_keep_theirs() -> None:
    first = own(cpm=Decimal(85), ctr=Decimal("0.04"))
    second = first.amended(Figures(cpp=Decimal(900)), "TV desk")
    assert second.figures == Figures(cpp=Decimal(900), ctr=Decimal("0.04"))
    assert second.other_sources == {"ctr": "2026 actuals"}
    found = benchmarks_on([second], TODAY).of(Channel.SEARCH, "EUR")
    assert found.source == "CPP: TV desk; CTR: 2026 actuals; otherwise illustrative default"
    assert second.amended(Figures(ctr=Decimal("0.05")), "TV desk").other_sources == {}
