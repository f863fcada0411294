"""The vendored schema accepts what its authors publish, and names the place of what it does not."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.documents.mediaplan_schema import fields_of, problems_of

PLANS = Path(__file__).parents[2] / "fixtures" / "plans"


def _plan(name: str = "example_mediaplan_v3.0.json") -> dict[str, Any]:
    read: dict[str, Any] = json.loads((PLANS / name).read_text("utf-8"))
    return read


@pytest.mark.parametrize("name", ["example_mediaplan_v3.0.json", "mediaplan_v3_full.json"])
def test_published_examples_are_plans(name: str) -> None:
    assert problems_of(_plan(name)) == []


def test_what_is_wrong_is_named_with_its_place() -> None:
    plan = _plan()
    plan["lineitems"][2]["cost_total"] = "a lot"
    plan["campaign"]["start_date"] = "next spring"
    del plan["meta"]["created_by_name"]
    assert {problem.place for problem in problems_of(plan)} == {"lineitems/2/cost_total", "campaign/start_date", "meta"}
    assert [problem.place for problem in problems_of(["no plan"])] == [""]


def test_fields_by_part() -> None:
    assert {"cost_total", "metric_leads", "custom_properties"} <= fields_of("lineitem")
    assert {"meta", "campaign", "lineitems", "dictionary"} == fields_of("mediaplan")
