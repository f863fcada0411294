"""The page's Vega draws every chart of a plan, under the policy that forbids it to evaluate code."""

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from agents.blocks import bar_chart
from services.plan_charts import ChartKind, plan_chart
from tests.services.planned_samples import everything

DRAW = Path(__file__).parent / "draw_charts.mjs"
STATIC = Path(__file__).parents[2] / "server" / "api" / "static"


def _drawn(specs: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node")
    assert node, "node tests the page"
    command = [node, "--disallow-code-generation-from-strings", str(DRAW)]
    return subprocess.run(command, input=json.dumps(specs), capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def pictures() -> dict[str, str]:
    of = everything()
    specs = {kind.value: plan_chart(of, kind).spec for kind in ChartKind}
    specs["table"] = bar_chart("Budget", "channel", "spend", [{"channel": "Search", "spend": 5}]).spec
    ran = _drawn(specs)
    assert ran.returncode == 0, ran.stderr[-2000:]
    drawn: dict[str, str] = json.loads(ran.stdout)
    return drawn


def test_what_draws_them_is_what_its_authors_built() -> None:
    vega = STATIC / "vega"
    recorded = dict(
        re.findall(r"^\| ([\w.-]+\.js) \|.* ([0-9a-f]{64}) \|$", (vega / "SOURCES.md").read_text(), re.MULTILINE)
    )
    assert recorded == {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in vega.glob("*.js")}


@pytest.mark.parametrize(
    ("kind", "words", "marks"),
    [
        ("budget", "Search (Google)", ("mark-rect", 5)),
        ("weeks", "Week from", ("mark-rect", 43)),
        ("curves", "extrapolated", ("mark-symbol", 8)),
        ("reach", "People reached at least once", ("mark-symbol", 36)),
        ("table", "Budget", ("mark-rect", 1)),
    ],
)
def test_a_chart_is_drawn(pictures: dict[str, str], kind: str, words: str, marks: tuple[str, int]) -> None:
    picture = ElementTree.fromstring(pictures[kind])
    assert words in " ".join(picture.itertext())
    name, count = marks
    groups = [group for group in picture.iter() if name in group.get("class", "") and "marks" in group.get("class", "")]
    assert sum(len(group) for group in groups) == count


def test_curves_are_dashed_where_they_guess(pictures: dict[str, str]) -> None:
    dashes = re.findall(r'class="mark-line role-mark[^>]*>(.*?)</g>', pictures["curves"], re.DOTALL)
    assert "stroke-dasharray" in "".join(dashes)
