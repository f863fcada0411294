"""What people say of a plan that comes in; each message adds to what the last preview was read with."""

from dataclasses import replace
from typing import Any

import pytest

from agents.language.intents import understand
from tests.agents.language.conversation import ACTIVE, NEW, after, did

SHOWN = after(
    did("preview_import", "… To save it as shown: go ahead (digest 0123456789abcdef).", file="a.csv", header_row=3)
)
BEFORE = {"file": "a.csv", "header_row": 3}
MARKET = {"column": "C", "field": "market"}
Calls = list[tuple[str, dict[str, Any]]]


@pytest.mark.parametrize(
    ("said", "calls"),
    [
        ("Import plan.csv", [("preview_import", {"file": "plan.csv"})]),
        ('Import "Spring plan v2.xlsx" for Northwind', [("preview_import", {"file": "Spring plan v2.xlsx"})]),
        ("Use column C as market", [("preview_import", {**BEFORE, "columns": [MARKET]})]),
        (
            "Use column C as market and ignore column H",
            [
                ("preview_import", {**BEFORE, "columns": [MARKET]}),
                ("preview_import", {**BEFORE, "columns": [MARKET, {"column": "H", "field": None}]}),
            ],
        ),
        ("Skip rows 7 and 9", [("preview_import", {**BEFORE, "skip_rows": [7, 9]})]),
        ("The day comes first", [("preview_import", {**BEFORE, "day_order": "day_first"})]),
        (
            '"Digital" is display',
            [("preview_import", {**BEFORE, "channels": [{"word": "Digital", "channel": "display"}]})],
        ),
        (
            "1 EUR = 1.08 USD by the ECB of 1 March 2027",
            [
                (
                    "preview_import",
                    {
                        **BEFORE,
                        "exchange": [{"currency": "EUR", "rate": "1.08", "source": "ECB", "on": "2027-03-01"}],
                    },
                )
            ],
        ),
        ("Go ahead", [("commit_import", {**BEFORE, "digest": "0123456789abcdef"})]),
        (
            "Go ahead and raise the budget",
            [("commit_import", {**BEFORE, "digest": "0123456789abcdef", "budget": "as_imported"})],
        ),
    ],
)
def test_what_is_said_of_a_preview(said: str, calls: Calls) -> None:
    found = [
        (one.tool, {k: v for k, v in one.args.items() if k != "campaign"}) for one in understand(said, ACTIVE, SHOWN)
    ]
    assert found == calls


def test_an_attached_file_begins_anew() -> None:
    (call,) = understand("Import the attached plan", replace(ACTIVE, attached=("b.csv",)), SHOWN)
    assert (call.tool, call.args, call.missing) == ("preview_import", {}, ())


def test_a_document_may_bring_its_own_campaign() -> None:
    (call,) = understand("Import the attached plan as a new campaign", NEW)
    assert (call.tool, call.args, call.missing) == ("preview_import", {"new_campaign": True}, ())
