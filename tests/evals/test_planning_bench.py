"""The bench itself, on a few of its instances: the product against an oracle that shares no code with it."""

import json
from itertools import product as every

import numpy as np
import pytest

from evals.planning_bench import __main__ as bench
from evals.planning_bench.climbing import keeps
from evals.planning_bench.contenders import greedy, slsqp
from evals.planning_bench.formulas import outcome
from evals.planning_bench.instances import Curve, Instance, Limit, instances
from evals.planning_bench.oracle import best_known
from evals.planning_bench.quality import broken_bounds, has_room, judge

NOTHING = frozenset[int]()


def small(limits: list[Limit], buys: list[int]) -> Instance:
    curves = [Curve("hill", (90, 12, 3)), Curve("hill", (100, 9, 2)), Curve("michaelis_menten", (60, 10))]
    return Instance("small 0", 24, curves, [0, 2, 0], [24, 20, 24], NOTHING, buys, limits, [8, 8, 8])


def test_the_product_is_as_good_as_the_oracle_and_breaks_nothing() -> None:
    quality = judge(instances(25, seed=1), lambda _: None)
    assert len(quality.all_gaps) == 25
    assert quality.worse == 0
    assert max(quality.all_gaps) < 1e-5
    assert quality.violations == []
    assert quality.cents_lost == 0


@pytest.mark.parametrize(
    ("limits", "buys"),
    [
        ([], [0, 0, 0]),
        ([], [10, 0, 5]),
        ([Limit(frozenset({0, 1}), 5, 11)], [0, 0, 0]),
        ([Limit(frozenset({0, 1}), 5, 15), Limit(frozenset({1, 2}), 9, 13)], [0, 0, 0]),
        ([Limit(frozenset({0, 1}), 0, 17), Limit(frozenset({1}), 0, 7)], [6, 0, 0]),
    ],
)
def test_the_oracle_finds_no_less_than_every_whole_split(limits: list[Limit], buys: list[int]) -> None:
    instance = small(limits, buys)
    splits = [np.array(spend, float) for spend in every(range(25), repeat=3)]
    best = max(outcome(instance, spend) for spend in splits if keeps(instance, spend))
    found = best_known(instance, steps=22)
    assert keeps(instance, found.spend)
    assert found.outcome >= best * (1 - 1e-12)


def test_the_baselines_miss_what_needs_more_than_climbing() -> None:
    instance = small([], [0, 0, 0])
    best = best_known(instance).outcome
    for spend in (slsqp(instance, 1), greedy(instance)):
        assert spend is not None
        assert keeps(instance, spend)
        assert outcome(instance, spend) <= best * (1 + 1e-9)


def test_broken_bounds_are_named() -> None:
    instance = small([Limit(frozenset({0}), 3, 4)], [0, 0, 9])
    assert broken_bounds(instance, [4, 2, 9]) == []
    assert broken_bounds(instance, [5, 1, 8]) == ["bounds of line 1", "minimum buy of line 2", "group 0"]
    assert broken_bounds(instance, [4, 12, 9]) == ["budget"]
    assert has_room(instance, [3, 11, 9])
    assert not has_room(instance, [4, 20, 0])


def test_the_last_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["--quick"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    wanted = {"instances": 10, "worse_than_0_01_percent": 0, "violations": 0, "cents_lost": 0}
    assert {name: figures[name] for name in wanted} == wanted
    assert figures["meridian_outcome"] >= 265_203_000
    assert {"median_ms_10", "median_ms_50"} < figures.keys()
