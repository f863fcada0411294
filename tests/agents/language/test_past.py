"""Days that are over, and questions about them. Today is Monday, 23 November 2026."""

from datetime import date
from typing import Any

import pytest

from agents.language.intents import understand
from agents.language.past import past
from tests.agents.language.conversation import ACTIVE, NEW


@pytest.mark.parametrize(
    ("said", "since", "until"),
    [
        ("yesterday", date(2026, 11, 22), date(2026, 11, 22)),
        ("today", date(2026, 11, 23), date(2026, 11, 23)),
        ("last week", date(2026, 11, 16), date(2026, 11, 22)),
        ("this week", date(2026, 11, 23), date(2026, 11, 23)),
        ("last month", date(2026, 10, 1), date(2026, 10, 31)),
        ("last quarter", date(2026, 7, 1), date(2026, 9, 30)),
        ("last year", date(2025, 1, 1), date(2025, 12, 31)),
        ("in the last 7 days", date(2026, 11, 16), date(2026, 11, 23)),
        ("in the past two weeks", date(2026, 11, 9), date(2026, 11, 23)),
        ("three days ago", date(2026, 11, 20), date(2026, 11, 20)),
        ("since Friday", date(2026, 11, 20), None),
        ("since Monday", date(2026, 11, 23), None),
        ("last Monday", date(2026, 11, 16), date(2026, 11, 16)),
        ("on Tuesday", date(2026, 11, 17), date(2026, 11, 17)),
        ("on 3 March", date(2026, 3, 3), date(2026, 3, 3)),
        ("on 24 December", date(2025, 12, 24), date(2025, 12, 24)),
        ("in December", date(2025, 12, 1), date(2025, 12, 31)),
        ("in November", date(2026, 11, 1), date(2026, 11, 23)),
        ("between 1 and 5 November 2026", date(2026, 11, 1), date(2026, 11, 5)),
        ("since 1 October", date(2026, 10, 1), None),
        ("from 1 to 5 November", date(2026, 11, 1), date(2026, 11, 5)),
        ("recently", date(2026, 11, 16), date(2026, 11, 23)),
        ("nothing of that", None, None),
    ],
)
def test_what_lies_behind(said: str, since: date | None, until: date | None) -> None:
    assert past(f"what changed {said}?", NEW) == (since, until)


DAY = {"since": "2026-11-22", "until": "2026-11-22"}
WEEK = {"since": "2026-11-16", "until": "2026-11-22"}


@pytest.mark.parametrize(
    ("said", "args"),
    [
        ("show me what changed yesterday", DAY),
        ("what happened yesterday?", DAY),
        ("what did Priya change last week", {**WEEK, "person": "Priya"}),
        ("what did I change yesterday", {**DAY, "person": "me"}),
        (
            "which requests were refused today",
            {"since": "2026-11-23", "until": "2026-11-23", "refused_only": True},
        ),
        ("what changed in the Spring campaign since Friday?", {"since": "2026-11-20", "campaign": "Spring"}),
        ("who changed Northwind Spring?", {"campaign": "Northwind Spring"}),
        ("who changed it yesterday?", {**DAY, "campaign": "Northwind Spring Campaign"}),
        ("show the audit log", {}),
        ("show me the history of Hazel", {"campaign": "Hazel"}),
        ("show the changes by Priya Shah since 1 November", {"since": "2026-11-01", "person": "Priya Shah"}),
        ("what was changed by priya@example.com last week?", {**WEEK, "person": "priya@example.com"}),
        ("show me what Sam changed yesterday", {**DAY, "person": "Sam"}),
        ("everything that Priya Shah has edited last week", {**WEEK, "person": "Priya Shah"}),
        ("show me what I did yesterday", {**DAY, "person": "me"}),
        ("show me what was changed by Sam yesterday", {**DAY, "person": "Sam"}),
    ],
)
def test_questions_about_what_was_done(said: str, args: dict[str, Any]) -> None:
    [intent] = understand(said, ACTIVE)
    assert (intent.tool, intent.args, intent.missing) == ("show_changes", args, ())


@pytest.mark.parametrize("said", ["what changed?", "what changed since version 3", "show me the changes"])
def test_changes_of_a_plan_are_a_comparison(said: str) -> None:
    [intent] = understand(said, ACTIVE)
    assert intent.tool == "compare_plans"


def test_a_day_that_is_over_starts_no_campaign() -> None:
    [intent] = understand('we had a call yesterday. Create a campaign "Hazel", 10k, June, leads', NEW)
    assert (intent.args["start"], intent.args["end"]) == ("2027-06-01", "2027-06-30")
