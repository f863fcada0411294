"""What a stored curve says of the lines it speaks for."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.advertisers import AdvertiserTerms
from domain.campaigns import Campaign
from domain.channels import Channel, PricingModel
from domain.errors import IllegalMove, InvalidInput
from domain.fees import Fee, FeeBasis, FeeKind
from domain.flights import Flight
from domain.ids import AdvertiserId, new_id
from domain.money import Money
from domain.objectives import Objective, Outcome
from domain.planning.curves.rescaling import rescaled
from domain.planning.curves.response_curves import CurveOrigin, ResponseCurve
from domain.planning.curves.shapes import Hill, Logarithmic, LogisticSaturation, MichaelisMenten, Power, Shape
from domain.planning.curves.tabulated import Tabulated
from domain.plans.bounds import Limits, LineBounds
from domain.plans.brief import PlanningBrief
from domain.plans.drafting import new_specs
from domain.plans.lines import LineSpec, Placement
from domain.plans.splitting import split_budget
from domain.stored_curves import StoredCurve
from tests.domain.plan_samples import ADA, NOW, SPRING, campaign

SHAPES: list[Shape] = [
    Hill(1000, 5e6, 1.5),
    MichaelisMenten(1000, 5e6),
    Logarithmic(300, 1e6),
    Power(0.5, 0.5),
    LogisticSaturation(1000, 1e-6),
    Tabulated((0.0, 1e6, 5e6, 2e7), (0.0, 100.0, 600.0, 900.0)),
]


def measured(shape: Shape = SHAPES[0], **values: Any) -> ResponseCurve:
    usual: dict[str, Any] = {
        "counts": Outcome.CONVERSIONS,
        "currency": "USD",
        "valid_to": 1e7,
        "days": SPRING.days,
        "source": "MMM 2026",
        "origin": CurveOrigin.FITTED,
    }
    return ResponseCurve(shape=shape, **{**usual, **values})


def kept(of: Campaign, curve: ResponseCurve, channel: Channel = Channel.SEARCH, **values: Any) -> StoredCurve:
    return StoredCurve.add(of.tenant_id, channel, curve, by=ADA, now=values.pop("now", NOW), **values)[0]


def spec(channel: Channel = Channel.SEARCH, code: str | None = None, **values: Any) -> LineSpec:
    return LineSpec(code or channel.value, channel, **values)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.family)
@given(st.floats(0.01, 100), st.floats(0.01, 100), st.integers(0, 10**7))
def test_a_curve_on_other_axes_is_the_same_curve(shape: Shape, spend: float, outcome: float, x: int) -> None:
    curve = measured(shape, valid_from=10.0, draws=(shape,))
    other = rescaled(curve, spend=spend, outcome=outcome)
    assert other.outcome(x * spend) == pytest.approx(outcome * curve.outcome(x), rel=1e-9)
    assert other.draws[0].outcome(x * spend) == pytest.approx(other.outcome(x * spend), rel=1e-9)
    assert (other.valid_from, other.valid_to) == (10.0 * spend, 1e7 * spend)


def test_a_stored_curve_is_of_net_media_and_names_itself() -> None:
    of = campaign()
    fee = Fee(FeeKind.AD_SERVING, FeeBasis.PERCENT_OF_NET_MEDIA, Decimal(25))
    flat = Fee(FeeKind.PRODUCTION, FeeBasis.FLAT, Decimal(500))
    brief = PlanningBrief(of, curves=(kept(of, measured()),))
    line = brief.economics([spec(fees=(fee, flat))])["search"]
    curve = line.curve()
    assert curve is not None
    assert curve.outcome(1_250_000) == pytest.approx(measured().outcome(1_000_000))
    assert line.source == "illustrative default; MMM 2026 (fitted curve)"
    delivered, _ = line.delivery(Money(1_300_000, "USD"))
    assert delivered.conversions == round(measured().outcome(1_000_000), 2)
    assert curve.extrapolates(1.25e7 + 1)
    assert not curve.extrapolates(1.25e7)


def test_a_flight_of_another_length_brings_as_much_per_day_and_says_so() -> None:
    of = campaign()
    month = Flight(SPRING.start, SPRING.start + timedelta(days=29))
    brief = PlanningBrief(of, curves=(kept(of, measured(days=60)),))
    line = brief.economics([spec(flight=month)])["search"]
    curve = line.curve()
    assert curve is not None
    assert curve.outcome(1_000_000) == pytest.approx(measured().outcome(2_000_000) / 2)
    assert (curve.valid_to, curve.days) == (5e6, 30)
    assert line.source.endswith("MMM 2026 (fitted curve, from 60 days to 30)")


def test_reach_is_people_whatever_the_flight() -> None:
    of = campaign()
    of.objective = Objective.AWARENESS
    reach = measured(MichaelisMenten(100_000, 1e6), counts=Outcome.REACH, days=7)
    line = PlanningBrief(of, curves=(kept(of, reach),)).economics([spec()])["search"]
    curve = line.curve()
    assert curve is not None
    assert curve.outcome(1e6) == pytest.approx(50_000)
    _, audience = line.delivery(Money(1_000_000, "USD"))
    assert audience is not None
    assert audience.reached == 50_000
    assert "days" not in line.source


def test_lines_of_one_curve_bring_together_what_it_says() -> None:
    of = campaign()
    brief = PlanningBrief(of, curves=(kept(of, measured()),))
    specs = [spec(placement=Placement(market="US")), spec(code="search-2", placement=Placement(market="CA"))]
    both = [line.curve() for line in brief.economics(specs).values()]
    assert sum(curve.outcome(500_000) for curve in both if curve) == pytest.approx(measured().outcome(1_000_000))


def test_the_most_specific_curve_speaks() -> None:
    of = campaign()
    of.advertiser_id, of.markets = AdvertiserId(new_id()), ["DE"]
    later = NOW + timedelta(days=1)
    each = {
        "older": kept(of, measured(source="older")),
        "newer": kept(of, measured(source="newer"), now=later),
        "market": kept(of, measured(source="market"), market="de"),
        "advertiser": kept(of, measured(source="advertiser"), advertiser_id=of.advertiser_id),
        "campaign": kept(of, measured(source="campaign"), campaign_id=of.id),
    }
    for name in ("campaign", "advertiser", "market", "newer", "older"):
        found = PlanningBrief(of, curves=tuple(each.values())).stored_curve(spec())
        assert found is each.pop(name)
    foreign = [
        kept(of, measured(), channel=Channel.CTV),
        kept(of, measured(), market="FR"),
        kept(of, measured(counts=Outcome.CLICKS)),
        kept(of, measured(currency="EUR")),
        kept(of, measured(), advertiser_id=AdvertiserId(new_id())),
    ]
    assert PlanningBrief(of, curves=tuple(foreign)).stored_curve(spec()) is None


def test_conversions_are_worth_what_the_campaign_says() -> None:
    of = campaign()
    of.objective, of.value_per_conversion = Objective.SALES, Money(5_000, "USD")
    brief = PlanningBrief(of, curves=(kept(of, measured()),))
    line = brief.economics([spec()])["search"]
    curve = line.curve()
    assert curve is not None
    assert curve.counts is Outcome.VALUE
    assert curve.outcome(1e6) == pytest.approx(5_000 * measured().outcome(1e6))
    delivered, _ = line.delivery(Money(1_000_000, "USD"))
    assert delivered.conversions == round(measured().outcome(1e6), 2)


def test_a_channel_without_a_benchmark_is_optimised_by_its_curve() -> None:
    of = campaign()
    brief = PlanningBrief(of, curves=(kept(of, measured(SHAPES[1]), channel=Channel.RADIO),))
    specs = [spec(Channel.RADIO), spec()]
    split = split_budget(brief, Limits(tuple(LineBounds(one) for one in specs)), of.budget)
    assert min(amount.minor for amount in split.amounts.values()) > 0
    line = brief.economics(specs)["radio"]
    assert (line.pricing.model, line.source) == (PricingModel.FLAT_RATE, "MMM 2026 (fitted curve)")
    with pytest.raises(InvalidInput) as refusal:
        PlanningBrief(of).economics([spec(Channel.RADIO)])["radio"].pricing  # noqa: B018
    assert refusal.value.code == "no_benchmark"


def test_a_curve_is_kept_and_retired_once() -> None:
    of = campaign()
    curve = kept(of, measured())
    assert curve.speaks_for(of)
    assert curve.retire().action == "curve.retired"
    assert not curve.speaks_for(of)
    with pytest.raises(IllegalMove):
        curve.retire()
    for bad, field in ((measured(origin=CurveOrigin.BENCHMARK), "origin"), (measured(days=10_000), "days")):
        with pytest.raises(InvalidInput) as refusal:
            kept(of, bad)
        assert refusal.value.field == field


def test_new_lines_take_the_fees_and_the_campaigns_only_market() -> None:
    of = campaign()
    fee = Fee(FeeKind.AD_SERVING, FeeBasis.PERCENT_OF_NET_MEDIA, Decimal(2))
    brief = PlanningBrief(of, terms=AdvertiserTerms((fee,), Decimal(0)))
    (line,) = new_specs(brief, [Channel.SEARCH])
    assert line.fees == (fee,)
    of.markets = ["DE"]
    assert brief.market_of(line) == "DE"
    assert brief.market_of(replace(line, placement=Placement(market="FR"))) == "FR"
    of.markets = ["DE", "FR"]
    assert brief.market_of(line) is None
    costs = brief.economics([line])["search"].costs(Money(10_200, "USD"))
    assert (costs.gross, costs.net_media, costs.fee_total) == (*[Money(10_000, "USD")] * 2, Money(200, "USD"))
