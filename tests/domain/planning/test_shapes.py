"""Every family against its textbook formula in decimals of 330 digits."""

import math
from collections.abc import Callable
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.planning.curves.shapes import Hill, Logarithmic, LogisticSaturation, MichaelisMenten, Power, Shape
from domain.planning.curves.tabulated import Tabulated

_DIGITS = 330

scales = st.floats(1e-3, 1e9)
amounts = st.floats(1, 1e12)
shapes: st.SearchStrategy[Shape] = st.one_of(
    st.builds(MichaelisMenten, scales, amounts),
    st.builds(Hill, scales, amounts, st.floats(0.2, 6)),
    st.builds(Logarithmic, scales, amounts),
    st.builds(Power, scales, st.floats(0.05, 0.99)),
    st.builds(LogisticSaturation, scales, st.floats(1e-12, 1e-2)),
)
spends = st.integers(0, 10**13)
steps = st.integers(1, 10**12)


def exactly(shape: Shape, spend: int) -> Decimal:
    """The textbook formula, in decimals."""
    x = Decimal(spend)
    if not spend:
        return Decimal(0)
    formulas: dict[type, Callable[..., Decimal]] = {
        MichaelisMenten: lambda top, half: top * x / (half + x),
        Hill: lambda top, half, slope: top * x**slope / (half**slope + x**slope),
        Logarithmic: lambda scale, offset: scale * (1 + x / offset).ln(),
        Power: lambda scale, exponent: scale * x**exponent,
        LogisticSaturation: lambda top, rate: top * (1 - (-rate * x).exp()) / (1 + (-rate * x).exp()),
    }
    parameters = (Decimal(getattr(shape, name)) for name in shape.__dataclass_fields__)  # type: ignore[attr-defined]
    return formulas[type(shape)](*parameters)


@settings(max_examples=150, deadline=None)
@given(shapes, spends, steps)
def test_outcomes_and_gains_are_the_formulas_to_the_last_digits(shape: Shape, spend: int, more: int) -> None:
    with localcontext() as context:
        context.prec = _DIGITS
        context.Emin = -(10**9)
        outcome, gain = exactly(shape, spend), exactly(shape, spend + more) - exactly(shape, spend)
    assert shape.outcome(spend) == pytest.approx(float(outcome), rel=1e-12, abs=1e-290)
    assert shape.gain(spend, more) == pytest.approx(float(gain), rel=1e-11, abs=1e-290)
    up, down = shape.gains(spend, np.array([more], float)), shape.gains(spend + more, np.array([-more], float))
    assert up[0] == pytest.approx(float(gain), rel=1e-11, abs=1e-290)
    assert down[0] == pytest.approx(-float(gain), rel=1e-11, abs=1e-290)


@settings(deadline=None)
@given(shapes, st.integers(1, 10**12))
def test_the_marginal_is_the_slope(shape: Shape, spend: int) -> None:
    step = spend * 1e-6
    slope = shape.gain(spend - step, 2 * step) / (2 * step)
    assert shape.marginal(spend) == pytest.approx(slope, rel=1e-5, abs=1e-290)


@settings(deadline=None)
@given(shapes.filter(lambda shape: shape.concave), st.integers(1, 10**12))
def test_the_inverse_of_a_marginal_is_the_spend(shape: Shape, spend: int) -> None:
    marginal = shape.marginal(spend)
    if marginal < shape.marginal(0) * (1 - 1e-6) and marginal > 1e-290:  # further up, the slope hardly tells where
        assert shape.spend_at_marginal(marginal) == pytest.approx(spend, rel=1e-6)
    assert shape.spend_at_marginal(0) == math.inf


@settings(deadline=None)
@given(shapes, spends, steps, steps)
def test_concave_says_that_each_unit_brings_less(shape: Shape, spend: int, first: int, second: int) -> None:
    early, late = shape.gain(spend, first), shape.gain(spend + second, first)
    if shape.concave:
        assert late <= early * (1 + 1e-12)


def test_known_values_of_every_family() -> None:
    hill = Hill(100, 50, 2)
    assert (hill.outcome(50), hill.outcome(100), hill.marginal(50)) == pytest.approx((50, 80, 1))
    assert (hill.concave, hill.marginal(0)) == (False, 0)
    assert Hill(10, 20, 1).outcome(30) == pytest.approx(MichaelisMenten(10, 20).outcome(30))
    assert Logarithmic(10, 100).outcome(100) == pytest.approx(10 * math.log(2))
    assert Power(2, 0.5).outcome(49) == pytest.approx(14)
    # saturation λ = 4 at x = 1, as in the simulated example of a media mix: (1 - e^-4) / (1 + e^-4)
    assert LogisticSaturation(3, 4).outcome(1) == pytest.approx(3 * 0.964027580)


def test_curves_that_start_upright_say_so() -> None:
    assert Power(2, 0.5).marginal(0) == Hill(10, 20, 0.5).marginal(0) == math.inf


POINTS = Tabulated((0, 10, 20, 40), (0, 5, 30, 36))


def test_a_tabulated_curve_meets_its_points_and_stays_between_them() -> None:
    assert [POINTS.outcome(spend) for spend in POINTS.spends] == pytest.approx(POINTS.outcomes)
    walk = [POINTS.outcome(spend / 10) for spend in range(500)]
    assert walk == sorted(walk)
    beyond = [POINTS.outcome(41), POINTS.marginal(41), POINTS.gain(39, 5)]
    assert beyond == pytest.approx([36, 0, 36 - walk[390]])


@given(st.integers(0, 60), st.integers(0, 60))
def test_gains_of_a_tabulated_curve_are_differences(start: int, end: int) -> None:
    expected = POINTS.outcome(end) - POINTS.outcome(start)
    assert POINTS.gains(start, np.array([end - start], float))[0] == pytest.approx(expected, abs=1e-12)


def test_a_tabulated_curve_starts_at_nothing() -> None:
    assert Tabulated((10, 20), (4, 5)).outcome(0) == 0


def test_an_inverse_needs_a_concave_curve() -> None:
    for shape in (Hill(1, 1, 1.5), POINTS):
        with pytest.raises(InvalidInput) as refusal:
            shape.spend_at_marginal(0.1)
        assert refusal.value.code == "not_concave"


@pytest.mark.parametrize("number", [0, -1, math.nan, math.inf, True, "1", None])
@pytest.mark.parametrize(
    ("family", "parameters"), [(Hill, 3), (Logarithmic, 2), (Power, 2), (LogisticSaturation, 2), (MichaelisMenten, 2)]
)
def test_impossible_parameters_are_refused(family: Callable[..., Shape], parameters: int, number: float) -> None:
    for place in range(parameters):
        given = [0.5] * parameters
        given[place] = number
        with pytest.raises(InvalidInput) as refusal:
            family(*given)
        assert refusal.value.code == "bad_curve"
        assert refusal.value.field


@pytest.mark.parametrize(
    ("spends", "outcomes", "field"),
    [
        ((0,), (0,), "spends"),
        ((0, 1, 2), (0, 1), "spends"),
        ((0, 1, 1), (0, 1, 2), "spends"),
        ((0, 1, math.nan), (0, 1, 2), "spends"),
        ((0, 1, 2), (0, 2, 1), "outcomes"),
        ((0, 1, 2), (0, math.inf, math.inf), "outcomes"),
        ((-1, 1), (0, 1), "spends"),
    ],
)
def test_points_that_make_no_curve_are_refused(
    spends: tuple[float, ...], outcomes: tuple[float, ...], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        Tabulated(spends, outcomes)
    assert (refusal.value.code, refusal.value.field) == ("bad_curve", field)
