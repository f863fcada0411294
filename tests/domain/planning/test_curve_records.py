import json
import math
from typing import Any

import pytest

from domain.errors import InvalidInput
from domain.objectives import Outcome
from domain.planning.curves.records import curve_from, curve_record
from domain.planning.curves.response_curves import CurveOrigin, ResponseCurve
from domain.planning.curves.shapes import Hill, Logarithmic, LogisticSaturation, MichaelisMenten, Power, Shape
from domain.planning.curves.tabulated import Tabulated

SHAPES: list[Shape] = [
    Hill(10, 20, 1.5),
    Logarithmic(10, 20),
    LogisticSaturation(10, 0.01),
    MichaelisMenten(10, 20),
    Power(10, 0.5),
    Tabulated((0, 10, 20), (0, 3, 4)),
]


def fitted(shape: Shape) -> ResponseCurve:
    return ResponseCurve(
        counts=Outcome.CONVERSIONS,
        currency="EUR",
        shape=shape,
        valid_to=5e6,
        days=28,
        source="fitted on 104 weeks",
        valid_from=1e6,
        origin=CurveOrigin.FITTED,
        key="search",
        draws=(shape, shape),
    )


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.family)
def test_a_curve_survives_json(shape: Shape) -> None:
    curve = fitted(shape)
    assert curve_from(json.loads(json.dumps(curve_record(curve)))) == curve


def test_spend_outside_the_range_is_extrapolated_on_both_sides() -> None:
    curve = fitted(SHAPES[0])
    assert [curve.extrapolates(spend) for spend in (0, 1, 999_999, 1e6, 5e6, 5_000_001)] == [
        False,
        True,
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"family": "gompertz"}, "family"),
        ({"parameters": {"ceiling": 10, "half_saturation": 20}}, "parameters"),
        ({"parameters": {"ceiling": 10, "half_saturation": [20], "slope": 1}}, "half_saturation"),
        ({"parameters": {"ceiling": 10, "half_saturation": -20, "slope": 1}}, "half_saturation"),
        ({"parameters": {"ceiling": 10, "half_saturation": math.nan, "slope": 1}}, None),
        ({"valid_to": 1}, "valid_to"),
        ({"valid_to": math.inf}, "valid_to"),
        ({"counts": "smiles"}, "counts"),
        ({"currency": "XXQ"}, "currency"),
        ({"days": 0}, "days"),
        ({"source": ""}, "source"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_no_curve_is_refused_with_its_field(change: dict[str, Any], field: str | None) -> None:
    with pytest.raises(InvalidInput) as refusal:
        curve_from(curve_record(fitted(SHAPES[0])) | change)
    assert refusal.value.code in {"bad_curve", "unknown_currency"}
    assert field is None or refusal.value.field == field


@pytest.mark.parametrize("record", [None, [], "curve", {}])
def test_no_record_at_all_is_refused(record: object) -> None:
    with pytest.raises(InvalidInput):
        curve_from(record)


def test_draws_of_another_family_are_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        ResponseCurve(Outcome.CLICKS, "USD", SHAPES[0], 10, 28, "a test", draws=(SHAPES[1],))
    assert (refusal.value.code, refusal.value.field) == ("bad_curve", "draws")
