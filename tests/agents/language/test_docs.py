"""The page about the offline model lists what the table has."""

import re
from pathlib import Path

from agents.language.requests.table import BY_TOOL, TOOLS
from agents.language.requests.triggers import TRIGGERS

PAGE = Path(__file__).parents[3] / "docs" / "offline-model.md"


def test_the_page_lists_every_request() -> None:
    listed = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert listed == [(tool, BY_TOOL[tool].owner, BY_TOOL[tool].example) for tool in TOOLS]


def test_every_row_has_triggers_and_every_trigger_a_row() -> None:
    assert set(TRIGGERS) == set(BY_TOOL)
