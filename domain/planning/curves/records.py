"""Response curves as plain data, so that they can be stored, fitted elsewhere and imported."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.errors import InvalidInput
from domain.money import exponent
from domain.objectives import Outcome
from domain.planning.curves.response_curves import CurveOrigin, ResponseCurve
from domain.planning.curves.shapes import Hill, Logarithmic, LogisticSaturation, MichaelisMenten, Power, Shape
from domain.planning.curves.tabulated import MOST_POINTS, Tabulated

MOST_DRAWS = 1000

_FAMILIES: dict[str, type[Hill | Logarithmic | LogisticSaturation | MichaelisMenten | Power | Tabulated]] = {
    "hill": Hill,
    "logarithmic": Logarithmic,
    "logistic_saturation": LogisticSaturation,
    "michaelis_menten": MichaelisMenten,
    "power": Power,
    "tabulated": Tabulated,
}
_PARAMETERS = {
    "hill": ("ceiling", "half_saturation", "slope"),
    "logarithmic": ("scale", "offset"),
    "logistic_saturation": ("ceiling", "rate"),
    "michaelis_menten": ("ceiling", "half_saturation"),
    "power": ("scale", "exponent"),
    "tabulated": ("spends", "outcomes"),
}

_Points = Annotated[tuple[float, ...], Field(max_length=MOST_POINTS)]
_Parameters = dict[str, float | _Points]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    key: str = Field(default="", max_length=200)
    family: str
    parameters: _Parameters
    counts: Outcome
    currency: str
    valid_from: float = 0.0
    valid_to: float
    days: int = Field(ge=1)
    origin: CurveOrigin
    source: str = Field(min_length=1, max_length=2000)
    draws: tuple[_Parameters, ...] = Field(default=(), max_length=MOST_DRAWS)


def curve_record(curve: ResponseCurve) -> dict[str, Any]:
    """JSON values only; `curve_from` makes the same curve of it."""
    return {
        "key": curve.key,
        "family": curve.shape.family,
        "parameters": _parameters(curve.shape),
        "counts": curve.counts.value,
        "currency": curve.currency,
        "valid_from": curve.valid_from,
        "valid_to": curve.valid_to,
        "days": curve.days,
        "origin": curve.origin.value,
        "source": curve.source,
        "draws": [_parameters(draw) for draw in curve.draws],
    }


def curve_from(record: object) -> ResponseCurve:
    """Refuses (InvalidInput `bad_curve`, `unknown_currency`) what is no curve, naming the field."""
    try:
        read = _Record.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "curve"
        raise InvalidInput(f"A curve's {field}: {first['msg']}.", code="bad_curve", field=field) from None
    exponent(read.currency)
    return ResponseCurve(
        counts=read.counts,
        currency=read.currency,
        shape=_shape(read.family, read.parameters),
        valid_to=read.valid_to,
        days=read.days,
        source=read.source,
        valid_from=read.valid_from,
        origin=read.origin,
        key=read.key,
        draws=tuple(_shape(read.family, parameters) for parameters in read.draws),
    )


def _parameters(shape: Shape) -> dict[str, Any]:
    return {name: getattr(shape, name) for name in _PARAMETERS[shape.family]}


def _shape(family: str, parameters: _Parameters) -> Shape:
    if family not in _FAMILIES:
        known = ", ".join(_FAMILIES)
        raise InvalidInput(f"{family!r} is no family of curves: {known}.", code="bad_curve", field="family")
    wanted = _PARAMETERS[family]
    if set(parameters) != set(wanted):
        raise InvalidInput(f"A {family} curve has {' and '.join(wanted)}.", code="bad_curve", field="parameters")
    for name, value in parameters.items():
        if isinstance(value, tuple) != (family == "tabulated"):
            raise InvalidInput(f"A {family} curve's {name} is of another kind.", code="bad_curve", field=name)
    return _FAMILIES[family](**parameters)  # type: ignore[arg-type]  # names and kinds are checked above
