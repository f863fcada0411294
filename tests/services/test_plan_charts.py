"""Charts of a plan: what Vega-Lite's own schema allows, with data that is the plan's."""

import json
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft7Validator

from domain.channels import Channel, PricingModel
from domain.errors import InvalidInput
from domain.money import Money
from domain.plans.lines import LineSpec
from domain.pricing import Pricing
from services.plan_charts import ChartKind, plan_chart
from services.plan_documents import Planned
from services.vega import OTHERS
from tests.services.planned_samples import campaign, everything, planned

Rows = list[dict[str, Any]]


@cache
def _schema() -> Draft7Validator:
    text = (files("altair.vegalite.v5.schema") / "vega-lite-schema.json").read_text("utf-8")
    return Draft7Validator(json.loads(text))


def _rows(of: Planned, kind: ChartKind) -> Rows:
    rows: Rows = plan_chart(of, kind).spec["data"]["values"]
    return rows


def _many(count: int) -> Planned:
    lines = [
        (LineSpec(f"line-{number}", list(Channel)[number % 4]), Money(10_000 + number, "USD"))
        for number in range(count)
    ]
    return planned(campaign(Money(10**8, "USD")), lines)


@pytest.mark.parametrize("kind", list(ChartKind))
def test_the_schema_of_vega_lite_allows_it(kind: ChartKind) -> None:
    chart = plan_chart(everything(), kind)
    assert chart.spec["$schema"] == "https://vega.github.io/schema/vega-lite/v5.json"
    assert chart.title.startswith("Spring: ")
    assert chart.spec["data"]["values"]
    problem = next(_schema().iter_errors(json.loads(json.dumps(chart.spec, allow_nan=False))), None)
    assert problem is None, problem and problem.message[:500]
    broken = {**chart.spec, "data": {"values": 7}}
    assert next(_schema().iter_errors(broken), None) is not None


def test_budgets_and_weeks_add_up_to_the_plan() -> None:
    for of in (everything(), _many(60)):
        total = of.version.total.major
        for kind in (ChartKind.BUDGET, ChartKind.WEEKS):
            rows = _rows(of, kind)
            assert sum((Decimal(str(row["budget"])) for row in rows), Decimal(0)).quantize(Decimal("0.01")) == total, (
                kind
            )
    assert OTHERS not in {row["line"] for row in _rows(everything(), ChartKind.BUDGET)}


def test_a_curve_shows_what_is_planned_what_is_best_and_where_it_guesses() -> None:
    of = everything()
    rows = _rows(of, ChartKind.CURVES)
    spent = {row["line"]: row["spend"] for row in rows if row["kind"] == "planned"}
    best = {row["line"]: row["spend"] for row in rows if row["kind"] == "optimum"}
    assert spent == {
        line.label: float(line.budget.major) for line in of.version.lines if line.channel is not Channel.PRINT
    }
    assert sum(best.values()) == pytest.approx(sum(spent.values()))
    assert best["Social (@Meta)"] == spent["Social (@Meta)"]  # it is fixed
    assert best["Search (Google)"] > spent["Search (Google)"]
    dashed = [row for row in rows if row["line"] == "Social (TikTok)" and row["beyond"] == "extrapolated"]
    assert min(row["spend"] for row in dashed) == pytest.approx(28_500)
    marked = {(row["line"], row["kind"]): row["beyond"] for row in rows}
    assert marked["Search (Google)", "planned"] == "in its valid range"
    assert marked["Social (TikTok)", "planned"] == "extrapolated"


def test_a_chart_says_what_it_shows() -> None:
    told = {kind: plan_chart(everything(), kind).told for kind in ChartKind}
    assert told[ChartKind.BUDGET].startswith("239,721.00 USD in all: Search (Google) 80,000.01 USD; Social (@Meta)")
    assert "9 weeks; the most in the week of 2027-03-15 (30,904.24 USD)" in told[ChartKind.WEEKS]
    assert "Social (TikTok) planned 40,000.50 USD, at the optimum " in told[ChartKind.CURVES]
    assert "CTV 380,000 people" in told[ChartKind.REACH]
    assert plan_chart(_many(60), ChartKind.BUDGET).told.endswith("and 54 more.")


def test_reach_builds_up_to_what_the_plan_says() -> None:
    of = everything()
    rows = _rows(of, ChartKind.REACH)
    for line in of.version.lines:
        built = [row["reach"] for row in rows if row["line"] == line.label]
        assert built == sorted(built)
        assert (built[-1] if built else None) == (line.audience.reached if line.audience else None)


def test_what_has_no_curve_has_no_chart_of_it() -> None:
    typed = LineSpec("print", Channel.PRINT, pricing=Pricing(PricingModel.FLAT_RATE, Decimal(9000), "USD"))
    of = planned(campaign(Money(10**7, "USD")), [(typed, Money.of(9000, "USD"))])
    assert len(_rows(of, ChartKind.BUDGET)) == 1
    for kind in (ChartKind.CURVES, ChartKind.REACH):
        with pytest.raises(InvalidInput) as refused:
            plan_chart(of, kind)
        assert refused.value.code == "nothing_to_chart"
