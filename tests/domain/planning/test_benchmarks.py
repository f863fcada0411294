import math
from dataclasses import replace

import pytest

from domain.channels import Channel, PricingModel
from domain.errors import InvalidInput
from domain.planning.curves.benchmarks import PRICE_LEVELS, benchmark

KNOWN = {
    Channel.SEARCH,
    Channel.SOCIAL,
    Channel.DISPLAY,
    Channel.OLV,
    Channel.CTV,
    Channel.LINEAR_TV,
    Channel.STREAMING_AUDIO,
    Channel.PODCAST,
    Channel.DOOH,
    Channel.OOH,
}


@pytest.mark.parametrize("channel", Channel)
def test_a_channel_has_a_benchmark_or_is_refused_with_those_that_have(channel: Channel) -> None:
    if channel in KNOWN:
        assert benchmark(channel, "USD").channel is channel
        return
    with pytest.raises(InvalidInput) as refusal:
        benchmark(channel, "USD")
    assert (refusal.value.code, refusal.value.field) == ("no_benchmark", "channel")
    assert channel.label in refusal.value.message
    assert set(refusal.value.details["available"]) == {known.value for known in KNOWN}  # type: ignore[call-overload]  # details hold any JSON


@pytest.mark.parametrize("currency", ["TRY", "KWD", "usd", "", "ZZZ"])
def test_a_currency_without_a_price_level_is_refused_with_those_that_have_one(currency: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        benchmark(Channel.SEARCH, currency)
    assert (refusal.value.code, refusal.value.field) == ("no_benchmark", "currency")
    assert repr(currency) in refusal.value.message
    assert "USD, EUR, GBP" in refusal.value.message


@pytest.mark.parametrize("currency", PRICE_LEVELS)
@pytest.mark.parametrize("channel", sorted(KNOWN))
def test_every_listed_pair_is_labelled_an_illustrative_default(channel: Channel, currency: str) -> None:
    rates = benchmark(channel, currency)
    assert rates.cpm >= 1
    assert rates.currency == currency
    assert rates.source == "illustrative default"


def test_prices_follow_the_price_level_and_the_exponent_of_the_currency() -> None:
    assert benchmark(Channel.SEARCH, "USD").cpm == 100_00
    assert benchmark(Channel.SEARCH, "EUR").cpm == 85_00
    assert benchmark(Channel.SEARCH, "JPY").cpm == 11_000
    assert benchmark(Channel.DISPLAY, "PLN").cpm == 7_20


def test_only_the_price_depends_on_the_currency() -> None:
    dollars, yen = (benchmark(Channel.CTV, currency) for currency in ("USD", "JPY"))
    assert replace(yen, currency="USD", cpm=dollars.cpm) == dollars


def test_a_visit_stands_for_the_completed_view_where_nothing_plays() -> None:
    assert benchmark(Channel.CTV, "USD").completed_view_rate == 0.95
    assert benchmark(Channel.SEARCH, "USD").completed_view_rate == benchmark(Channel.SEARCH, "USD").ctr


def test_search_is_bought_by_the_click_and_posters_at_a_flat_rate() -> None:
    assert benchmark(Channel.SEARCH, "USD").pricing_model is PricingModel.CPC
    assert benchmark(Channel.OOH, "USD").pricing_model is PricingModel.FLAT_RATE


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.1, math.nan, math.inf])
@pytest.mark.parametrize("field", ["ctr", "cvr", "viewability", "completion_rate"])
def test_a_rate_that_is_no_share_is_refused(field: str, rate: float) -> None:
    with pytest.raises(InvalidInput) as refusal:
        replace(benchmark(Channel.CTV, "USD"), **{field: rate})  # type: ignore[arg-type]  # the field varies
    assert refusal.value.code == "bad_rate"


@pytest.mark.parametrize("size", [0, -1, math.nan, math.inf])
@pytest.mark.parametrize("field", ["audience", "frequency_cap"])
def test_a_size_that_is_none_is_refused(field: str, size: float) -> None:
    with pytest.raises(InvalidInput) as refusal:
        replace(benchmark(Channel.CTV, "USD"), **{field: size})  # type: ignore[arg-type]  # the field varies
    assert (refusal.value.code, refusal.value.field) == ("bad_benchmark", field)


def test_a_price_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput):
        replace(benchmark(Channel.CTV, "USD"), cpm=0)


def test_channels_are_those_of_adcp_and_read_well() -> None:
    assert len(Channel) == 21
    labels = {channel: channel.label for channel in Channel}
    assert labels[Channel.SEARCH] == "Search"
    assert labels[Channel.CTV] == "CTV"
    assert labels[Channel.OLV] == "Online video"
    assert labels[Channel.STREAMING_AUDIO] == "Streaming audio"
    assert len(set(labels.values())) == 21
