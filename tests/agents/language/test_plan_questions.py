"""Limits, goals and questions about a plan, as people say them, and the calls they mean."""

from typing import Any

import pytest

from agents.language.intents import understand
from tests.agents.language.conversation import ACTIVE, after, did, limit, usd

Calls = list[tuple[str, dict[str, Any]]]


def share(channel: str, percent: str) -> dict[str, str]:
    return {"channel": channel, "percent": percent}


LIMITS: list[tuple[str, Calls]] = [
    ("at least 20% on search", [("optimize_plan", {"minimums": [share("search", "20")]})]),
    ("cap social at 30%", [("optimize_plan", {"maximums": [share("social", "30")]})]),
    ("no more than 30k on social", [("optimize_plan", {"maximums": [limit("social", "30000.00")]})]),
    ("no more than 60% on video", [("optimize_plan", {"groups": [{"family": "video", "maximum_percent": "60"}]})]),
    (
        "no less than 10 % of the budget on audio, optimise",
        [("optimize_plan", {"groups": [{"family": "audio", "minimum_percent": "10"}]})],
    ),
    (
        "at most 40% on search and social together",
        [("optimize_plan", {"groups": [{"channels": ["search", "social"], "maximum_percent": "40"}]})],
    ),
    (
        "minimum buy of 20k on radio or nothing",
        [("optimize_plan", {"minimum_buys": [limit("radio", "20000.00")]})],
    ),
    (
        "optimise with radio getting nothing or at least 20k",
        [("optimize_plan", {"minimum_buys": [limit("radio", "20000.00")]})],
    ),
    ("optimise, ±30%", [("optimize_plan", {"within_percent": "30"})]),
    ("optimise, no channel moves by more than 20%", [("optimize_plan", {"within_percent": "20"})]),
    (
        "draft a plan on search, social and ctv with at least 20% on search and no more than 40% on social",
        [
            (
                "draft_plan",
                {
                    "channels": ["search", "social", "ctv"],
                    "minimums": [share("search", "20")],
                    "maximums": [share("social", "40")],
                },
            )
        ],
    ),
    (
        "what if we had 300k with at least 20% on search",
        [("what_if", {"budget": usd("300000.00"), "minimums": [share("search", "20")]})],
    ),
]

GOALS: list[tuple[str, Calls]] = [
    ("cap CPA at 40", [("optimize_plan", {"target_cpa": usd("40.00")})]),
    ("optimise and keep cost per lead below $35", [("optimize_plan", {"target_cpa": usd("35.00")})]),
    (
        "keep CTV fixed, cap CPA at 40, optimise the rest",
        [("optimize_plan", {"keep": ["ctv"], "target_cpa": usd("40.00")})],
    ),
    ("optimise for a ROAS of 4", [("optimize_plan", {"target_roas": "4"})]),
    ("target roas 400%", [("optimize_plan", {"target_roas": "4"})]),
    ("what if we cap CPA at 40", [("what_if", {"target_cpa": usd("40.00")})]),
    (
        "optimise, stop where the next lead costs more than 60",
        [("optimize_plan", {"target_marginal": usd("60.00")})],
    ),
    (
        "draft a plan on search and social, cap CPA at 40",
        [("draft_plan", {"channels": ["search", "social"]}), ("optimize_plan", {"target_cpa": usd("40.00")})],
    ),
]

QUESTIONS: list[tuple[str, Calls]] = [
    ("what would 10% more buy?", [("what_would_more_buy", {"percent": "10"})]),
    ("What would 10% more budget bring us?", [("what_would_more_buy", {"percent": "10"})]),
    ("where should we spend another 10k", [("what_would_more_buy", {"amount": usd("10000.00")})]),
    ("what would 20k less cost us", [("what_would_more_buy", {"amount": usd("-20000.00")})]),
    ("What would happen with 10% more budget?", [("what_if", {"budget_percent": "10"})]),
    ("cheapest budget for 2,000 leads", [("cheapest_budget", {"outcome": "2000"})]),
    (
        "What is the cheapest budget for 2,000 leads with at least 20% on search?",
        [("cheapest_budget", {"outcome": "2000", "minimums": [share("search", "20")]})],
    ),
    ("how much do we need to get 10k clicks", [("cheapest_budget", {"outcome": "10000"})]),
    ("which line is worth more money", [("rank_lines", {})]),
    ("which channel deserves more", [("rank_lines", {})]),
    ("show reach and frequency of the plan", [("show_reach", {})]),
    ("what is the reach at 3+", [("show_reach", {"effective": 3})]),
    ("show the reach with a frequency cap of 2", [("show_reach", {"cap": 2})]),
    ("show the reach of v2 with duplication 1.5", [("show_reach", {"number": 2, "duplication": "1.5"})]),
    ("how many clicks will we get", [("forecast", {})]),
]


LAST_WEEK = {"start": "2027-04-24", "end": "2027-04-30"}
IN_MARCH = {"start": "2027-03-01", "end": "2027-03-31"}


def amended(channel: str, details: dict[str, str]) -> dict[str, Any]:
    return {"channel": channel, "action": "amend", "details": details}


WEEKS: list[tuple[str, Calls]] = [
    ("back-load it", [("revise_plan", {"flighting": "back_loaded"})]),
    ("back-load CTV", [("revise_plan", {"flights": [{"channels": ["ctv"], "shape": "back_loaded"}]})]),
    ("pulse two weeks on, one off", [("revise_plan", {"flights": [{"pulse": {"on": 2, "off": 1}}]})]),
    ("pulse it 3 weeks on and 1 week off", [("revise_plan", {"flights": [{"pulse": {"on": 3, "off": 1}}]})]),
    ("pause the last week of April", [("revise_plan", {"flights": [{"pause": [LAST_WEEK]}]})]),
    (
        "pause the last week of April on CTV",
        [("revise_plan", {"flights": [{"channels": ["ctv"], "pause": [LAST_WEEK]}]})],
    ),
    (
        "stop CTV in the last week of April",
        [("revise_plan", {"flights": [{"channels": ["ctv"], "pause": [LAST_WEEK]}]})],
    ),
    (
        "no spend in the first two weeks of March",
        [("revise_plan", {"flights": [{"pause": [{"start": "2027-03-01", "end": "2027-03-14"}]}]})],
    ),
    ("reopen the last week of April", [("revise_plan", {"flights": [{"resume": [LAST_WEEK]}]})]),
    (
        "put 10k in the week of 2 March",
        [("revise_plan", {"flights": [{"pins": [{"week": "2027-03-01", "amount": usd("10000.00")}]}]})],
    ),
    (
        "use weekly weights 3/2/1/1 for search",
        [("revise_plan", {"flights": [{"channels": ["search"], "weights": ["3", "2", "1", "1"]}]})],
    ),
    ("run CTV only in March", [("revise_plan", {"changes": [amended("ctv", IN_MARCH)]})]),
    ("CTV should only run in March", [("revise_plan", {"changes": [amended("ctv", IN_MARCH)]})]),
    (
        "move 10% from CTV to display",
        [
            (
                "revise_plan",
                {"changes": [{"channel": "ctv", "action": "move", "percent": "10", "to_channel": "display"}]},
            )
        ],
    ),
    (
        "drop CTV and front-load it",
        [("revise_plan", {"changes": [{"channel": "ctv", "action": "remove"}], "flighting": "front_loaded"})],
    ),
    ("what if we front-load it", [("what_if", {"flighting": "front_loaded"})]),
    ("what if we pause the last week of April", [("what_if", {"flights": [{"pause": [LAST_WEEK]}]})]),
    (
        "draft a plan on search and CTV, back-loaded",
        [("draft_plan", {"channels": ["search", "ctv"], "flighting": "back_loaded"})],
    ),
    ("pause it", [("move_campaign", {"move": "pause"})]),
]


@pytest.mark.parametrize(("said", "meant"), LIMITS + GOALS + QUESTIONS + WEEKS)
def test_what_is_said_is_the_call_that_is_meant(said: str, meant: Calls) -> None:
    assert [(one.tool, one.args) for one in understand(said, ACTIVE)] == meant


@pytest.mark.parametrize(
    ("said", "missing"),
    [("cheapest budget", ("outcome",)), ("at least 20%", ("minimums",)), ("move 10% from CTV", ("changes",))],
)
def test_what_was_not_said_is_asked(said: str, missing: tuple[str, ...]) -> None:
    (one,) = understand(said, ACTIVE)
    assert one.missing == missing


CORRECTED: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    (
        "optimize_plan",
        {"minimums": [share("search", "20")]},
        "no, at least 30%",
        {"minimums": [share("search", "30")]},
    ),
    (
        "optimize_plan",
        {"maximums": [share("social", "40")]},
        "sorry, 60k",
        {"maximums": [limit("social", "60000.00")]},
    ),
    ("what_if", {"budget": usd("200000.00")}, "no, make it 300k", {"budget": usd("300000.00")}),
    ("what_if", {"budget_percent": "10"}, "and 20%?", {"budget_percent": "20"}),
]


@pytest.mark.parametrize(("tool", "args", "said", "then"), CORRECTED)
def test_second_thoughts_change_the_size_that_was_said(
    tool: str, args: dict[str, Any], said: str, then: dict[str, Any]
) -> None:
    assert [(one.tool, one.args) for one in understand(said, ACTIVE, after(did(tool, **args)))] == [(tool, then)]
