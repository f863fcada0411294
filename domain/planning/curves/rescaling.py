"""The same curve on other axes."""

from dataclasses import replace

from domain.planning.curves.response_curves import ResponseCurve
from domain.planning.curves.shapes import Hill, Logarithmic, LogisticSaturation, MichaelisMenten, Power, Shape
from domain.planning.curves.tabulated import Tabulated


def rescaled(curve: ResponseCurve, *, spend: float = 1.0, outcome: float = 1.0) -> ResponseCurve:
    """g(x) = outcome · f(x / spend), its range and its draws along with it. Both factors are above 0."""
    return replace(
        curve,
        shape=_shape(curve.shape, spend, outcome),
        valid_from=curve.valid_from * spend,
        valid_to=curve.valid_to * spend,
        draws=tuple(_shape(draw, spend, outcome) for draw in curve.draws),
    )


def _shape(shape: Shape, spend: float, outcome: float) -> Shape:
    match shape:
        case Hill() | MichaelisMenten():
            return replace(shape, ceiling=shape.ceiling * outcome, half_saturation=shape.half_saturation * spend)
        case Logarithmic():
            return replace(shape, scale=shape.scale * outcome, offset=shape.offset * spend)
        case Power():
            return replace(shape, scale=shape.scale * outcome / spend**shape.exponent)
        case LogisticSaturation():
            return replace(shape, ceiling=shape.ceiling * outcome, rate=shape.rate / spend)
        case Tabulated():
            spends, outcomes = shape.spends, shape.outcomes
            return Tabulated(tuple(x * spend for x in spends), tuple(y * outcome for y in outcomes))
        case _:
            raise TypeError(f"a {shape.family} curve has no other axes")
