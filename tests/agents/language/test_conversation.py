"""What a message means after others: answers to questions, corrections, "the second", questions about results."""

from typing import Any

import pytest

from agents.language.intents import owner_of, read, understand
from agents.language.memory import Memory, Turn
from agents.language.questions import question
from tests.agents.language.conversation import ACTIVE, NEW, after, asked, change, did, limit, usd

LIST = (
    "3 campaigns: 1. “Northwind Spring Campaign” (draft, 250,000.00 USD, 2027-03-01 to 2027-04-30); "
    "2. “Acme, Autumn (new)” (paused, 10.00 USD, 2027-09-01 to 2027-09-30); 3. “Zeta” (live, 5.00 USD, x to y)."
)
TWO = "2 campaigns: 1. “Northwind Spring Campaign” (draft); 2. “Acme” (completed)."
SEVERAL = "Refused (ambiguous, campaign): Several campaigns match “Nor”: “Northwind A”, “Northwind B”. Which one?"
UNSURE = "Refused (not_sure, campaign): No campaign is called “Nothwynd”. Did you mean “Northwind”?"
PLAN = (
    "Drafted version 1 of the plan for “N”: Search 100,000.00 USD (40 %); Online video 90,000.00 USD (36 %); "
    "CTV 60,000.00 USD (24 %). Total 250,000.00 USD, even flighting over 9 weeks. Expected: 1,000,000 impressions, "
    "9,000 clicks, 300 conversions."
)
CREATED = did(
    "create_campaign", name="N", objective="conversions", budget=usd("250000.00"), start="2027-03-01", end="2027-04-30"
)
MOVED = did("revise_plan", changes=[change("search", "decrease", "20000.00"), change("social", "increase", "20000.00")])

Call = tuple[str, dict[str, Any]]

AFTERWARDS: list[tuple[Memory, str, Call]] = [
    (after(CREATED), "no, make it 300k", ("update_campaign", {"budget": usd("300000.00")})),
    (after(CREATED), "I meant May", ("update_campaign", {"start": "2027-05-01", "end": "2027-05-31"})),
    (after(CREATED), "sorry, I meant awareness", ("update_campaign", {"objective": "awareness"})),
    (after(CREATED), "make it 4 weeks", ("update_campaign", {"end": "2027-03-28"})),
    (after(CREATED), 'no, call it "Cancel it"', ("update_campaign", {"name": "Cancel it"})),
    (after(CREATED, did("plan_summary")), "actually, until 15 May", ("update_campaign", {"end": "2027-05-15"})),
    (
        after(
            did("create_campaign", "Refused (not_positive, budget): No.", refused=True, name="X", budget=usd("0.00"))
        ),
        "250k",
        ("create_campaign", {"name": "X", "budget": usd("250000.00")}),
    ),
    (after(did("what_if", budget=usd("300000.00"))), "and with 400k?", ("what_if", {"budget": usd("400000.00")})),
    (after(did("what_if", budget=usd("300000.00"))), "or 10% less?", ("what_if", {"budget_percent": "-10"})),
    (
        after(MOVED),
        "no, make it 30k",
        (
            "revise_plan",
            {"changes": [change("search", "decrease", "10000.00"), change("social", "increase", "10000.00")]},
        ),
    ),
    (
        after(MOVED),
        "no, only 5k",
        (
            "revise_plan",
            {"changes": [change("search", "increase", "15000.00"), change("social", "decrease", "15000.00")]},
        ),
    ),
    (
        after(did("optimize_plan", keep=["ctv"], minimums=[limit("search", "50000.00")])),
        "no, at least 60k",
        ("optimize_plan", {"keep": ["ctv"], "minimums": [limit("search", "60000.00")]}),
    ),
    (
        after(did("draft_plan", channels=["search"])),
        "no, on TV and radio",
        ("draft_plan", {"channels": ["linear_tv", "radio"]}),
    ),
    (after(did("list_campaigns", LIST)), "the second", ("open_campaign", {"campaign": "Acme, Autumn (new)"})),
    (after(did("list_campaigns", LIST)), "open the last one", ("open_campaign", {"campaign": "Zeta"})),
    (
        after(did("list_campaigns", LIST)),
        "pause number 2",
        ("move_campaign", {"move": "pause", "campaign": "Acme, Autumn (new)"}),
    ),
    (after(did("list_campaigns", TWO)), "archive the old one", ("archive_campaign", {"campaign": "Acme"})),
    (
        after(did("move_campaign", SEVERAL, refused=True, move="pause", campaign="Nor")),
        "the second",
        ("move_campaign", {"move": "pause", "campaign": "Northwind B"}),
    ),
    (
        after(did("move_campaign", SEVERAL, refused=True, move="pause", campaign="Nor")),
        "northwind a",
        ("move_campaign", {"move": "pause", "campaign": "Northwind A"}),
    ),
    (
        after(did("show_campaign", UNSURE, refused=True, campaign="Nothwynd")),
        "yes please",
        ("show_campaign", {"campaign": "Northwind"}),
    ),
    (
        after(did("list_campaigns", LIST), asked("open a campaign")),
        "the second",
        ("open_campaign", {"campaign": "Acme, Autumn (new)"}),
    ),
    (after(asked("open a campaign")), "the Northwind one", ("open_campaign", {"campaign": "Northwind"})),
    (after(did("run_planning_workflow")), "cancel it", ("cancel_job", {})),
    (
        after(asked("cancel it", "What is the reason?")),
        "The client left.",
        ("move_campaign", {"move": "cancel", "reason": "The client left"}),
    ),
    (after(asked("rename this chat")), "Summer things", ("rename_session", {"title": "Summer things"})),
    (after(asked("set our timezone")), "Berlin", ("change_settings", {"timezone": "Europe/Berlin"})),
    (
        after(asked("draft a plan")),
        "search and social, at least 50k on search",
        ("draft_plan", {"channels": ["search", "social"], "minimums": [limit("search", "50000.00")]}),
    ),
    (after(asked("more on search")), "10k", ("revise_plan", {"changes": [change("search", "increase", "10000.00")]})),
    (after(asked("move some budget from search to social")), "20k", ("revise_plan", MOVED.steps[0].args)),
    (after(asked("what if we had 50k more")), "300k", ("what_if", {"budget": usd("300000.00")})),
    (after(asked("double the budget")), "500k", ("update_campaign", {"budget": usd("500000.00")})),
    (after(did("show_plan")), "how much is on search?", ("show_plan", {})),
    (after(did("draft_plan", PLAN), MOVED), "how much is on search?", ("show_plan", {})),
    (after(did("show_plan", PLAN)), "when does it end?", ("show_campaign", {})),
]


@pytest.mark.parametrize(("memory", "said", "call"), AFTERWARDS, ids=[said for _, said, _ in AFTERWARDS])
def test_one_call(memory: Memory, said: str, call: Call) -> None:
    [intent] = understand(said, ACTIVE, memory)
    assert (intent.tool, intent.args, intent.missing) == (*call, ())


def test_a_question_is_answered_piece_by_piece() -> None:
    first = "create a campaign for Northwind then draft a plan on search"
    turns = [asked(first)]
    assert understand(first, NEW)[0].missing == ("objective", "budget", "start", "end")
    for answer, missing in (("$250k", ("objective", "start", "end")), ("March to April", ("objective",))):
        assert understand(answer, NEW, after(*turns))[0].missing == missing
        turns.append(asked(answer))
    create, draft = understand("conversions", NEW, after(*turns))
    assert create.missing == ()
    assert (create.args["name"], create.args["budget"], create.args["end"]) == (
        "Northwind Campaign",
        usd("250000.00"),
        "2027-04-30",
    )
    assert (draft.tool, draft.args) == ("draft_plan", {"channels": ["search"]})


def test_a_name_and_the_rest_in_one_answer() -> None:
    [create] = understand("Big Bang, awareness, 100k eur, next quarter", NEW, after(asked("new campaign")))
    assert create.missing == ()
    assert create.args["name"] == "Big Bang"


def test_another_request_drops_the_question() -> None:
    [intent] = understand("show my campaigns", NEW, after(asked("create a campaign")))
    assert intent.tool == "list_campaigns"
    assert read("never mind", NEW, after(asked("create a campaign"))).topic == "dropped"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("what was the total?", "Total 250,000.00 USD, even flighting over 9 weeks."),
        ("how much is on search?", "Search 100,000.00 USD (40 %)"),
        ("and on YouTube?", "Online video 90,000.00 USD (36 %)"),
    ],
)
def test_figures_of_the_last_result(said: str, found: str) -> None:
    reading = read(said, ACTIVE, after(did("draft_plan", PLAN)))
    assert (reading.topic, reading.found) == ("recall", (found,))


def test_a_jobs_result_is_newer_than_the_plan_before_it() -> None:
    turn = did("draft_plan", PLAN)
    posted = Turn(turn.said, turn.steps, turn.replied, ("Saved version 2: Search 1.00 USD.",))
    assert read("how much is on search?", ACTIVE, after(posted)).found == ("Search 1.00 USD.",)
    [intent] = understand("how much is on CTV?", ACTIVE, after(posted))
    assert intent.tool == "show_plan"


def test_a_name_may_look_like_dates() -> None:
    [create] = understand("March Madness, sales, 100k, Q3", NEW, after(asked("new campaign")))
    assert (create.args["name"], create.args["start"]) == ("March Madness", "2027-07-01")


def test_a_name_that_is_too_long_is_asked_for_again() -> None:
    said = f'create campaign "{"x" * 250}", sales, 100k, Q3'
    [create] = understand(said, NEW)
    assert create.missing == ("name",)
    assert question(create) == "What should the campaign be called (a name has at most 200 characters)?"
    [create] = understand("Big Bang", NEW, after(asked(said)))
    assert (create.args["name"], create.missing) == ("Big Bang", ())


def test_no_campaign_is_guessed() -> None:
    assert understand("pause it", NEW)[0].missing == ("campaign",)
    assert understand("archive the old one", ACTIVE, after(did("list_campaigns", LIST)))[0].missing == ("campaign",)
    assert understand("open the fifth", ACTIVE, after(did("list_campaigns", LIST)))[0].missing == ("campaign",)
    assert understand("cancel it", ACTIVE)[0].missing == ("reason",)


@pytest.mark.parametrize(
    ("said", "owner"),
    [
        ("show my campaigns", "workspace"),
        ("drop CTV, then pause it", "planning"),
        ("forecast", "insights"),
        ("hm", None),
        ("300k", None),
    ],
)
def test_the_owner_of_the_first_request(said: str, owner: str | None) -> None:
    assert owner_of(said) == owner_of(said, ACTIVE) == owner
