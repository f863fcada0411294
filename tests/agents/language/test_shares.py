"""Shares of the budget that are to be exactly so, and what must not be taken for one."""

from typing import Any

import pytest

from agents.language.intents import understand
from tests.agents.language.conversation import ACTIVE, usd

Call = tuple[str, dict[str, Any]]
THREE = {"search": "40", "social": "35", "ctv": "25"}


def exactly(channels: list[str] | None = None, **percents: str) -> dict[str, Any]:
    held = [{"channel": channel, "percent": percent} for channel, percent in percents.items()]
    return {"minimums": held, "maximums": held} | ({"channels": channels} if channels else {})


@pytest.mark.parametrize(
    ("said", "call"),
    [
        ("draft a plan: search 40%, social 35%, CTV 25%", ("draft_plan", exactly([*THREE], **THREE))),
        ("draft me a plan with 40% search, 35% social and 25% CTV", ("draft_plan", exactly([*THREE], **THREE))),
        ("40/35/25 across search, social and CTV", ("draft_plan", exactly([*THREE], **THREE))),
        (
            "draft a plan with 40% of the budget on search and the rest on social",
            ("draft_plan", exactly(["search", "social"], search="40")),
        ),
        (
            "split the budget 50/50 between search and social",
            ("draft_plan", exactly(["search", "social"], search="50", social="50")),
        ),
        ("put 60% on search and 40% on social", ("optimize_plan", exactly(search="60", social="40"))),
        (
            "draft a plan on search, social and CTV with 40% search",
            ("draft_plan", exactly(["search", "social", "ctv"], search="40")),
        ),
        (
            "draft a plan on search, social and CTV with 40% on search",
            ("draft_plan", exactly(["search", "social", "ctv"], search="40")),
        ),
        ("set search to 40%", ("optimize_plan", exactly(search="40"))),
        ("cut CTV to 10%", ("optimize_plan", exactly(ctv="10"))),
        ("increase search to 40%", ("optimize_plan", exactly(search="40"))),
        ("optimise with 40% on search", ("optimize_plan", exactly(search="40"))),
        ("what if search gets 40%?", ("what_if", exactly(search="40"))),
        ("what if 40% goes to search?", ("what_if", exactly(search="40"))),
    ],
)
def test_a_share_is_no_less_and_no_more(said: str, call: Call) -> None:
    assert [(one.tool, one.args) for one in understand(said, ACTIVE)] == [call]


def test_an_even_split_is_the_whole_budget() -> None:
    [draft] = understand("split the budget evenly between search, social and CTV", ACTIVE)
    thirds = exactly(["search", "social", "ctv"], search="33.33", social="33.33", ctv="33.34")
    assert (draft.tool, draft.args) == ("draft_plan", thirds | {"flighting": "even"})


@pytest.mark.parametrize("shared", ["evenly between", "50/50 across", "in equal parts among"])
def test_how_it_is_shared_out_is_no_part_of_the_campaigns_name(shared: str) -> None:
    [draft] = understand(f"split the budget of Northwind Spring Campaign {shared} search and CTV", ACTIVE)
    halves = exactly(["search", "ctv"], search="50", ctv="50")
    assert draft.args == halves | {"campaign": "Northwind Spring"} | flighting(draft.args)


def flighting(args: dict[str, Any]) -> dict[str, Any]:
    """Whether "evenly" is said of weeks too is all the same: nothing else is the default."""
    assert args.get("flighting", "even") == "even"
    return {key: args[key] for key in ("flighting",) if key in args}


def test_what_is_given_to_each_channel_belongs_to_the_draft() -> None:
    [draft] = understand("draft a plan with 100k on search and 150k on social", ACTIVE)
    sums = [{"channel": "search", "amount": usd("100000.00")}, {"channel": "social", "amount": usd("150000.00")}]
    assert draft.args == {"channels": ["search", "social"], "minimums": sums, "maximums": sums}


@pytest.mark.parametrize(("bound", "which"), [("at least", "minimums"), ("at most", "maximums")])
def test_a_bound_is_no_share(bound: str, which: str) -> None:
    [draft] = understand(f"draft a plan on search and social with {bound} 40% on search", ACTIVE)
    assert draft.args == {"channels": ["search", "social"], which: [{"channel": "search", "percent": "40"}]}


@pytest.mark.parametrize(
    ("said", "sums"),
    [
        ("draft a plan: TV 200k, radio 50k", {"linear_tv": "200000.00", "radio": "50000.00"}),
        ("draft a plan with 200k TV and 50k radio", {"linear_tv": "200000.00", "radio": "50000.00"}),
        ("draft a plan on TV (200k), radio 50k", {"linear_tv": "200000.00", "radio": "50000.00"}),
        ("draft a plan on search, radio and TV with 200k on radio", {"radio": "200000.00"}),
        ("draft a plan on search, radio and TV with 200k in total", {}),
        ("draft a plan on radio and TV with 200k on radio and TV", {}),
    ],
)
def test_a_sum_is_its_own_channels(said: str, sums: dict[str, str]) -> None:
    [draft] = understand(said, ACTIVE)
    held = [{"channel": channel, "amount": usd(amount)} for channel, amount in sums.items()]
    assert draft.args.get("minimums", []) == draft.args.get("maximums", []) == held


def test_the_rest_is_what_the_draft_before_leaves_free() -> None:
    said = "draft a plan on search, social and CTV with 100k on search and 30k on CTV, then optimise the rest"
    assert understand(said, ACTIVE)[1].args == {"keep": ["search", "ctv"]}


def test_a_fee_is_no_share() -> None:
    [draft] = understand("draft a plan on search with 2% ad serving and social", ACTIVE)
    assert draft.args == {"channels": ["search", "social"]}


@pytest.mark.parametrize(
    ("said", "args"),
    [
        ("what if we cut the budget by 20%", {"budget_percent": "-20"}),
        (
            "what if we drop CTV and spend 10% more",
            {"budget_percent": "10", "maximums": [{"channel": "ctv", "amount": usd("0.00")}]},
        ),
    ],
)
def test_a_change_of_the_whole_is_no_share(said: str, args: dict[str, Any]) -> None:
    assert [one.args for one in understand(said, ACTIVE)] == [args]


@pytest.mark.parametrize(
    "said", ["what if we cut search by 20%", "what if we spend 20% less on search", "what if search gets 20% more"]
)
def test_a_change_of_one_line_is_asked_about_rather_than_taken_for_the_whole(said: str) -> None:
    [question] = understand(said, ACTIVE)
    assert (question.tool, question.args, question.missing) == ("what_if", {}, ("budget",))
