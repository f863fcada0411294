"""Campaign names without quotes: where they are recognised, what is none, and which numbers belong to them."""

from typing import Any

import pytest

from agents.language.intents import understand
from tests.agents.language.conversation import ACTIVE, NEW, change, limit, usd

Calls = list[tuple[str, dict[str, Any]]]

_MOVED = [change("search", "decrease", "20000.00"), change("social", "increase", "20000.00")]

OF_NAMED_CAMPAIGNS: list[tuple[str, Calls]] = [
    ("pls summarize northwind spring", [("plan_summary", {"campaign": "northwind spring"})]),
    ("SUMMARISE NORTHWIND SPRING", [("plan_summary", {"campaign": "NORTHWIND SPRING"})]),
    ("recap Black Friday 2027 please", [("plan_summary", {"campaign": "Black Friday 2027"})]),
    ("forecast northwind spring v2", [("forecast", {"campaign": "northwind spring", "version": 2})]),
    (
        "Plan Northwind Spring on search, social and display with at least 120k on display and at most 30k on social",
        [
            (
                "draft_plan",
                {
                    "campaign": "Northwind Spring",
                    "channels": ["search", "social", "display"],
                    "minimums": [limit("display", "120000.00")],
                    "maximums": [limit("social", "30000.00")],
                },
            )
        ],
    ),
    (
        "draft Northwind Spring's plan on search",
        [("draft_plan", {"campaign": "Northwind Spring", "channels": ["search"]})],
    ),
    (
        "optimise Northwind Spring with at least 50k on search",
        [("optimize_plan", {"campaign": "Northwind Spring", "minimums": [limit("search", "50000.00")]})],
    ),
    (
        "In Northwind Spring, move 20k from search to social",
        [("revise_plan", {"campaign": "Northwind Spring", "changes": _MOVED})],
    ),
    (
        "ok, in northwind spring, move 20k from search to social",
        [("revise_plan", {"campaign": "northwind spring", "changes": _MOVED})],
    ),
    (
        "move 20k from search to social in Northwind Spring",
        [("revise_plan", {"campaign": "Northwind Spring", "changes": _MOVED})],
    ),
    (
        "In Spring launch 1795416708305, drop CTV",
        [("revise_plan", {"campaign": "Spring launch 1795416708305", "changes": [change("ctv", "remove")]})],
    ),
    (
        "For Northwind Spring, change the budget to 300k",
        [("update_campaign", {"campaign": "Northwind Spring", "budget": usd("300000.00")})],
    ),
    (
        "In Northwind Spring, compare v1 and v2",
        [("compare_plans", {"campaign": "Northwind Spring", "first": 1, "second": 2})],
    ),
    ("open Spring launch 1795416708305", [("open_campaign", {"campaign": "Spring launch 1795416708305"})]),
    ("archive Number 2", [("archive_campaign", {"campaign": "Number 2"})]),
    ("rename it to Number 2", [("update_campaign", {"name": "Number 2"})]),
    ("pause Black Friday 2027", [("move_campaign", {"move": "pause", "campaign": "Black Friday 2027"})]),
]

_SUMMARISED: Calls = [("plan_summary", {})]
_REVISED: Calls = [("revise_plan", {"changes": _MOVED})]
_DRAFTED: Calls = [("draft_plan", {"channels": ["search"]})]

OF_NO_NAMED_CAMPAIGN: list[tuple[str, Calls]] = [
    *(
        (said, _SUMMARISED)
        for said in (
            "summarise the results", "summarise how it is going", "summarise everything", "SUMMARISE THE PLAN",
            "summarise briefly please", "summarise my campaigns", "In short, summarise the plan",
            "for example, summarise v2",
        )
    ),
    *(
        (said, _DRAFTED)
        for said in (
            "draft on search", "draft a simple plan on search", "draft plan focusing on search", "plan it on search",
            "plan the campaign on search", "plan the budget on search", "For now, draft a plan on search",
        )
    ),
    *(
        (f"{said}, move 20k from search to social", _REVISED)
        for said in ("In March", "In Q3", "In spring", "In Germany", "in the plan", "in that case", "In total")
    ),
    ("move 20k from search to social in March", [("revise_plan", {"changes": _MOVED})]),
    ("what does the forecast look like", [("forecast", {})]),
    ("optimise the budget", [("optimize_plan", {})]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "expected"), [*OF_NAMED_CAMPAIGNS, *OF_NO_NAMED_CAMPAIGN], ids=lambda value: str(value)[:40]
)
def test_the_campaign_that_is_meant(said: str, expected: Calls) -> None:
    intents = understand(said, ACTIVE)
    assert not any(intent.missing for intent in intents), intents
    assert [(intent.tool, intent.args) for intent in intents] == expected


@pytest.mark.parametrize(
    ("said", "name", "budget"),
    [
        ("called Number 2, $1k, March, traffic", "Number 2", "1000.00"),
        ("called Number 2, 100000, March, traffic", "Number 2", "100000.00"),
        ("called Black Friday 2027 for 250k USD from March to May, sales", "Black Friday 2027", "250000.00"),
        ("Black Friday 2027, 250k, March, sales", "Black Friday 2027", "250000.00"),
        ("called Northwind 2027 250k March to April sales", "Northwind 2027", "250000.00"),
        ("called Area 51 for 51000 from March to May, leads", "Area 51", "51000.00"),
        ("called Route 66 in May with 80000, leads", "Route 66", "80000.00"),
        (
            "Spring launch 1795416708305 for 250k USD from March to May, sales",
            "Spring launch 1795416708305",
            "250000.00",
        ),
        (
            "called Spring launch 1795416708305 for 250k USD from March to May, sales",
            "Spring launch 1795416708305",
            "250000.00",
        ),
        ("Spring launch 5000, budget 250000, March, sales", "Spring launch 5000", "250000.00"),
        ("called Northwind 250000 from March to April, sales", "Northwind", "250000.00"),
        ("called Northwind 500 EUR, March, sales", "Northwind", "500.00"),
        ("called Northwind 1 March to 30 April 250k sales", "Northwind", "250000.00"),
        ("called Northwind 6 weeks from Monday, 10k, sales", "Northwind", "10000.00"),
        (
            "called Northwind 250000 March to April sales, then draft a plan with at least 20k on search",
            "Northwind",
            "250000.00",
        ),
    ],
)
def test_a_number_belongs_to_the_name_unless_it_is_the_budget(said: str, name: str, budget: str) -> None:
    create = understand(f"Create a campaign {said}", NEW)[0]
    assert create.missing == ()
    assert (create.args["name"], create.args["budget"]["amount"]) == (name, budget)


def test_a_country_in_front_is_a_market() -> None:
    [create] = understand("In Germany, create a campaign for Acme, 10k, March, sales", NEW)
    assert (create.args["name"], create.args["markets"]) == ("Acme Campaign", ["DE"])


def test_the_last_of_no_list_is_asked_about() -> None:
    [intent] = understand("open the last one", NEW)
    assert intent.missing == ("campaign",)
