import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.planning.periods.adstock import NO_CARRY_OVER, Adstock
from domain.planning.periods.indices import Indices

adstocks = st.builds(Adstock.geometric, st.floats(0, 0.95), st.integers(1, 12)) | st.builds(
    Adstock.delayed, st.floats(0.05, 0.95), st.floats(0, 3), st.integers(4, 12)
)
spends = st.lists(st.floats(0, 1e6), min_size=1, max_size=20)


def test_geometric_weights_by_hand() -> None:
    assert Adstock.geometric(0.5, 3, normalised=False).weights == pytest.approx((1, 0.5, 0.25))
    assert Adstock.geometric(0.5, 3).weights == pytest.approx((4 / 7, 2 / 7, 1 / 7))
    assert Adstock.geometric(0, 5).weights == pytest.approx((1, 0, 0, 0, 0))


def test_delayed_weights_by_hand() -> None:
    """α^((l − θ)²) with α = .5 and θ = 1: ½, 1, ½, 1/16."""
    weights = Adstock.delayed(0.5, 1, 4, normalised=False).weights
    assert weights == pytest.approx((0.5, 1, 0.5, 0.0625))
    assert max(range(4), key=weights.__getitem__) == 1


def test_media_at_work_by_hand() -> None:
    """Spend 100, 0, 40 at weights 1, ½, ¼ works as 100, 50, 65, and 20, 10 after the end."""
    weights = Adstock.geometric(0.5, 3, normalised=False)
    assert weights.carried([100, 0, 40]).tolist() == [100, 50, 65, 20, 10]
    assert weights.carried([100, 0, 40], history=[999, 80, 20]).tolist() == [130, 55, 65, 20, 10]


def test_history_may_outlast_the_periods() -> None:
    assert Adstock.geometric(0.5, 4, normalised=False).carried([0], history=[16]).tolist() == [8, 4, 2, 0]


@given(spends, spends, adstocks)
def test_history_is_what_running_through_would_have_carried_in(
    before: list[float], after: list[float], adstock: Adstock
) -> None:
    together = adstock.carried([*before, *after])
    assert adstock.carried(after, before) == pytest.approx(together[len(before) :], rel=1e-9, abs=1e-6)


@given(spends, adstocks)
def test_normalised_weights_lose_nothing(spend: list[float], adstock: Adstock) -> None:
    assert adstock.carried(spend).sum() == pytest.approx(math.fsum(spend))


def test_many_lines_at_once() -> None:
    adstock, spend = Adstock.geometric(0.4, 8), np.arange(24.0).reshape(2, 3, 4)
    assert adstock.carried(spend)[1, 2] == pytest.approx(adstock.carried(spend[1, 2]))
    assert NO_CARRY_OVER.carried(spend) == pytest.approx(spend)


def test_indices_say_what_money_buys() -> None:
    indices = Indices.of(4, price={1: 1.25}, seasonality={3: 1.3})
    assert indices.bought((100, 100, 0, 50)) == pytest.approx((100, 80, 0, 50))
    assert indices.seasonality == pytest.approx((1, 1, 1, 1.3))
    assert Indices.level(4) == Indices.of(4)


REFUSED: list[tuple[str, str, Callable[[], object]]] = [
    ("bad_adstock", "retention", lambda: Adstock.geometric(1, 8)),
    ("bad_adstock", "retention", lambda: Adstock.delayed(math.nan, 0, 8)),
    ("bad_adstock", "peak", lambda: Adstock.delayed(0.5, 8, 8)),
    ("bad_adstock", "l_max", lambda: Adstock.geometric(0.5, 0)),
    ("bad_adstock", "l_max", lambda: Adstock.geometric(0.5, 1000)),
    ("bad_adstock", "weights", lambda: Adstock((0.0, 0.0))),
    ("bad_adstock", "weights", lambda: Adstock((1.0, math.inf))),
    ("bad_amount", "history", lambda: Adstock.geometric(0.5, 4).carried([1], history=[-1])),
    ("bad_index", "price", lambda: Indices((0.0,), (1.0,))),
    ("bad_index", "seasonality", lambda: Indices((1.0,), (math.nan,))),
    ("indices_mismatch", "seasonality", lambda: Indices((1.0, 1.0), (1.0,))),
    ("unknown_period", "price", lambda: Indices.of(3, price={3: 1.1})),
]


@pytest.mark.parametrize(("code", "field", "attempt"), REFUSED)
def test_what_cannot_be_is_refused_by_name(code: str, field: str, attempt: Callable[[], object]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        attempt()
    assert (refusal.value.code, refusal.value.field) == (code, field)
