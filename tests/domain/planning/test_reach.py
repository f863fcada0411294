"""Known answers: published worked examples, closed forms, and sums done by hand."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.objectives import Objective
from domain.planning.curves.benchmarks import benchmark
from domain.planning.curves.response_curves import curve_for
from domain.planning.reach.distribution import FrequencyDistribution, effective_reach, met_once
from domain.planning.reach.duplication import combined, net_reach
from domain.planning.reach.vehicles import BetaBinomial, GammaPoisson, OnePoint, benchmark_vehicle

PEOPLE = 1_000_000

shares = st.floats(0.001, 0.95)
weights = st.floats(0.01, 20)
gamma_poissons = st.builds(GammaPoisson, st.just(PEOPLE), st.floats(0.05, 20))


def check_identity(distribution: FrequencyDistribution) -> None:
    """GRP = 100 × impressions / universe = reach % × average frequency."""
    assert distribution.average_frequency is not None
    assert distribution.grp == pytest.approx(100 * distribution.impressions / distribution.universe)
    assert distribution.grp == pytest.approx(100 * distribution.reach_share * distribution.average_frequency)


def listed_impressions(distribution: FrequencyDistribution) -> float:
    return math.fsum(n * share for n, share in enumerate(distribution.exactly)) * distribution.universe


def test_sainsbury_of_the_worked_example() -> None:
    """Source: worked examples of majesus/mediaplanning (MIT), three vehicles with reach .3, .4 and .2."""
    total = combined([met_once(PEOPLE, reach) for reach in (0.3, 0.4, 0.2)])
    assert total.reach == pytest.approx(664_000)
    assert total.exactly[1:4] == pytest.approx((0.452, 0.188, 0.024))
    assert total.beyond == 0
    check_identity(total)


def test_binomial_of_the_worked_example() -> None:
    """The same source: three vehicles of the mean reach, which is the beta-binomial whose R2 is that of chance."""
    total = BetaBinomial.from_reaches(PEOPLE, 0.3, 1 - 0.7**2).after(3)
    assert total.reach_share == pytest.approx(0.657)
    assert total.exactly[1:4] == pytest.approx((0.441, 0.189, 0.027))


def test_beta_binomial_by_hand() -> None:
    """R1 = .5 and R2 = .55 give α = β = .5·.05/.2 = .125. Nobody is met five times over with
    (.125/.25)(1.125/1.25)(2.125/2.25)(3.125/3.25)(4.125/4.25)."""
    vehicle = BetaBinomial.from_reaches(PEOPLE, 0.5, 0.55)
    assert (vehicle.alpha, vehicle.beta) == pytest.approx((0.125, 0.125))
    unmet = 0.125 / 0.25 * 1.125 / 1.25 * 2.125 / 2.25 * 3.125 / 3.25 * 4.125 / 4.25
    assert vehicle.after(5).reach_share == pytest.approx(1 - unmet)


@given(shares, st.floats(0.01, 1), st.integers(3, 60))
def test_beta_binomial_goes_through_its_two_points(first: float, part: float, insertions: int) -> None:
    second = first + part * first * (1 - first)
    vehicle = BetaBinomial.from_reaches(PEOPLE, first, second)
    assert vehicle.after(1).reach_share == pytest.approx(first)
    assert vehicle.after(2).reach_share == pytest.approx(second)
    every = vehicle.after(insertions, highest=insertions)
    assert listed_impressions(every) == pytest.approx(every.impressions)
    check_identity(every)


@given(weights, st.floats(0.02, 0.999), weights)
def test_gamma_poisson_goes_through_its_point(mean: float, part: float, other: float) -> None:
    reach = part * -math.expm1(-mean)
    vehicle = GammaPoisson.fitted(PEOPLE, mean * PEOPLE, reach * PEOPLE)
    assert vehicle.at(mean * PEOPLE).reach_share == pytest.approx(reach, rel=1e-9)
    check_identity(vehicle.at(other * PEOPLE))


def test_gamma_poisson_known_values() -> None:
    """k = 1 is geometric: R(n+) = (m/(1 + m))ⁿ. Infinite k is Poisson: R(1+) = 1 − e^−m."""
    geometric = GammaPoisson(PEOPLE, 1).at(3 * PEOPLE)
    assert geometric.at_least == pytest.approx([0.75**n for n in range(12)])
    by_chance = GammaPoisson.fitted(PEOPLE, PEOPLE, PEOPLE * (1 - math.exp(-1)))
    assert by_chance.dispersion == math.inf
    assert by_chance.at(2 * PEOPLE).reach_share == pytest.approx(1 - math.exp(-2))


def test_the_vehicle_of_a_benchmark_reaches_what_its_curve_counts() -> None:
    social = benchmark(Channel.SOCIAL, "USD")
    spend = 20_000_00
    viewable = spend / social.cpm * 1000 * social.viewability
    reached = curve_for(social, Objective.AWARENESS, 28).outcome(spend)
    assert benchmark_vehicle(social).at(viewable).reach == pytest.approx(reached)


def test_a_small_tail_keeps_its_digits() -> None:
    """R(10+) of m = .01 at k = 1 is (1/101)¹⁰, far below what 1 − R could show; so it is across vehicles."""
    light = GammaPoisson(PEOPLE, 1).at(0.01 * PEOPLE)
    assert light.at_least[10] == pytest.approx((1 / 101) ** 10, rel=1e-9)
    twice = [0.0] * 21  # the negative binomial of k = 2: P(n) = (n + 1)·p²·qⁿ
    for n in range(21):
        twice[n] = (n + 1) * (100 / 101) ** 2 * (1 / 101) ** n
    assert combined([light, light]).at_least[10] == pytest.approx(math.fsum(twice[10:]), rel=1e-9)


def test_one_point_by_hand() -> None:
    """400,000 impressions reach 240,000: ρ = 400·240/160 = 600 thousand; at 600,000 half of ρ is reached, 300,000,
    half of those twice and so on."""
    vehicle = OnePoint.fitted(PEOPLE, 400_000, 240_000)
    assert vehicle.ceiling == pytest.approx(600_000)
    assert vehicle.at(400_000).reach == pytest.approx(240_000)
    later = vehicle.at(600_000)
    assert [later.reach_at(n) for n in (1, 2, 3)] == pytest.approx([300_000, 150_000, 75_000])
    check_identity(later)


@given(st.lists(shares, min_size=1, max_size=8), st.floats(0, 10))
def test_net_reach_stays_between_the_largest_and_the_sum(reaches: list[float], duplication: float) -> None:
    net = net_reach(reaches, duplication)
    assert max(reaches) <= net <= min(1.0, math.fsum(reaches))
    assert net_reach(reaches) == pytest.approx(1 - math.prod(1 - reach for reach in reaches))
    assert net_reach(reaches, duplication + 0.5) <= net


def test_a_duplication_factor_is_the_overlap_of_two_as_a_multiple_of_chance() -> None:
    assert net_reach([0.3, 0.4], 2) == pytest.approx(0.7 - 2 * 0.3 * 0.4)
    assert net_reach([0.3, 0.4], 0) == pytest.approx(0.7)
    assert net_reach([0.3, 0.4], 99) == 0.4


@given(st.lists(st.tuples(gamma_poissons, weights), min_size=1, max_size=5), st.floats(0, 4), st.integers(1, 25))
def test_combined_keeps_impressions_and_the_net_reach(
    parts: list[tuple[GammaPoisson, float]], duplication: float, highest: int
) -> None:
    vehicles = [vehicle.at(mean * PEOPLE, highest) for vehicle, mean in parts]
    total = combined(vehicles, duplication)
    assert total.reach_share == pytest.approx(net_reach([v.reach_share for v in vehicles], duplication), abs=1e-9)
    assert total.impressions == pytest.approx(math.fsum(v.impressions for v in vehicles))
    assert list(total.at_least) == sorted(total.at_least, reverse=True)
    check_identity(total)


@pytest.mark.parametrize("duplication", [0, 0.5, 1, 1.7, 9])
def test_every_exposure_is_in_the_distribution_across_vehicles(duplication: float) -> None:
    """With all frequencies listed, the distribution's own mean is that of the impressions bought."""
    vehicles = [GammaPoisson(PEOPLE, k).at(m * PEOPLE, 120) for k, m in ((1, 0.5), (3, 1), (0.6, 0.3))]
    total = combined(vehicles, duplication)
    assert listed_impressions(total) == pytest.approx(total.impressions, rel=1e-6)


def test_full_overlap_adds_heavy_to_heavy_and_none_keeps_people_apart() -> None:
    """Vehicles of reach .4 (half of it twice) and .3 (once): together .2, .1, .1 meet 3, 2, 1; apart .2 meet 2."""
    twice = FrequencyDistribution(PEOPLE, 600_000, (0.6, 0.2, 0.2, 0.0))
    once = FrequencyDistribution(PEOPLE, 300_000, (0.7, 0.3, 0.0, 0.0))
    assert combined([twice, once], 99).exactly == pytest.approx((0.6, 0.1, 0.1, 0.2))
    assert combined([twice, once], 0).exactly == pytest.approx((0.3, 0.5, 0.2, 0.0))


def test_an_audience_is_a_part_of_a_larger_universe() -> None:
    audience = GammaPoisson(250_000, 1).at(250_000)
    part = audience.in_universe(PEOPLE)
    assert part.reach == pytest.approx(audience.reach)
    assert part.average_frequency == pytest.approx(audience.average_frequency)
    assert part.grp == pytest.approx(audience.grp / 4)


def test_an_effective_band_counts_both_ends() -> None:
    geometric = GammaPoisson(PEOPLE, 1).at(PEOPLE)  # exactly n: ½ⁿ⁺¹
    assert effective_reach(geometric, 3) == pytest.approx(PEOPLE / 8)
    assert effective_reach(geometric, 3, 5) == pytest.approx(PEOPLE * (1 / 16 + 1 / 32 + 1 / 64))


def test_where_nobody_is_met_there_is_no_average() -> None:
    assert GammaPoisson(PEOPLE, 2).at(0).average_frequency is None


REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("bad_universe", lambda: GammaPoisson(0, 1)),
    ("bad_universe", lambda: met_once(math.nan, 0.2)),
    ("bad_reach", lambda: met_once(PEOPLE, 1.2)),
    ("bad_reach", lambda: net_reach([0.3, math.nan])),
    ("bad_reach", lambda: BetaBinomial.from_reaches(PEOPLE, 0.5, 0.5)),
    ("bad_reach", lambda: BetaBinomial.from_reaches(PEOPLE, 0.5, 0.76)),
    ("bad_reach", lambda: GammaPoisson.fitted(PEOPLE, 100, 0)),
    ("reach_above_universe", lambda: GammaPoisson.fitted(PEOPLE, 5 * PEOPLE, 2 * PEOPLE)),
    ("reach_above_universe", lambda: OnePoint.fitted(PEOPLE, 2 * PEOPLE, 0.9 * PEOPLE)),
    ("reach_above_universe", lambda: OnePoint.fitted(PEOPLE, 1000, 1000)),
    ("reach_above_universe", lambda: met_once(PEOPLE, 0.2).in_universe(PEOPLE / 2)),
    ("reach_above_chance", lambda: GammaPoisson.fitted(PEOPLE, PEOPLE, 0.7 * PEOPLE)),
    ("impressions_below_reach", lambda: OnePoint.fitted(PEOPLE, 100, 200)),
    ("impressions_below_reach", lambda: FrequencyDistribution(PEOPLE, 1000, (0.5, 0.5))),
    ("bad_impressions", lambda: GammaPoisson(PEOPLE, 1).at(math.inf)),
    ("bad_impressions", lambda: OnePoint(PEOPLE, PEOPLE).at(-1)),
    ("bad_dispersion", lambda: GammaPoisson(PEOPLE, math.nan)),
    ("bad_insertions", lambda: BetaBinomial.from_reaches(PEOPLE, 0.3, 0.4).after(0)),
    ("bad_duplication", lambda: net_reach([0.3], -0.1)),
    ("bad_duplication", lambda: net_reach([0.3], math.inf)),
    ("no_vehicles", lambda: combined([])),
    ("universe_mismatch", lambda: combined([met_once(10, 0.2), met_once(20, 0.2)])),
    ("bad_frequency", lambda: met_once(PEOPLE, 0.2).reach_at(12)),
    ("bad_frequency", lambda: effective_reach(met_once(PEOPLE, 0.2), 4, 3)),
]


@pytest.mark.parametrize(("code", "attempt"), REFUSED)
def test_what_cannot_be_is_refused_by_name(code: str, attempt: Callable[[], object]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        attempt()
    assert refusal.value.code == code
    assert refusal.value.field
