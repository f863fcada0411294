"""The scorer against planted failures: each must be found, and a clean case must be clean."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.money import Money
from domain.sessions import TurnStatus
from evals.cases import Expected
from evals.conversation import Talk
from evals.facts import Facts, JobFact, Plan, Version
from evals.scoring import failures


def usd(major: int) -> Money:
    return Money(major * 100, "USD")


def campaign(**changes: object) -> Mapping[str, Any]:
    facts: dict[str, Any] = {
        "objective": "leads",
        "advertiser": None,
        "product": None,
        "kpi": None,
        "status": "planned",
        "status_reason": None,
        "budget": usd(100),
        "start": date(2026, 4, 1),
        "end": date(2026, 5, 31),
        "markets": [],
        "archived": False,
    }
    return facts | changes


def version(number: int, search: int, social: int, **changes: Any) -> Version:
    lines = {"search": usd(search), "social": usd(social)}
    one = Version(
        number,
        "version",
        "even",
        usd(search + social),
        lines,
        frozenset(),
        1000,
        10,
        Decimal("1.50"),
        {date(2026, 4, 1): usd(search + social), date(2026, 4, 6): usd(0)},
        sound=True,
    )
    return replace(one, **changes)


def facts(**changes: Any) -> Facts:
    all_of_it = Facts(
        campaigns={"Hazel": campaign()},
        plans={"Hazel": Plan(1, {1: version(1, 60, 40)})},
        jobs=[],
        settings={"locale": "en-US", "timezone": "UTC"},
        session={"title": "Chat", "active_agent": None, "active_campaign": None},
    )
    return replace(all_of_it, **changes)


def said(answer: str = "Done.", **changes: Any) -> list[Talk]:
    return [replace(Talk(TurnStatus.COMPLETED, answer, ["show_plan"], [], 2, 1, 0.1), **changes)]


def expected(**fields: Any) -> Expected:
    return Expected.model_validate(fields)


MOVED = facts(plans={"Hazel": Plan(2, {1: version(1, 60, 40), 2: version(2, 40, 60)})})
MOVE = {"Hazel": {"versions": 2, "total": "100 USD", "moved": {"search": "-20", "social": "20"}}}
NEW = {
    "Oak": {"objective": "traffic", "budget": "50.00 USD", "start": date(2026, 6, 1), "end": date(2026, 6, 30)},
}
OAK = campaign(objective="traffic", budget=usd(50), start=date(2026, 6, 1), end=date(2026, 6, 30), status="draft")


def test_nothing_expected_and_nothing_done_is_clean() -> None:
    assert failures(facts(), facts(), said(), expected()) == []


def test_what_was_expected_is_clean() -> None:
    after = replace(
        MOVED,
        campaigns={"Hazel": campaign(kpi="CPA"), "Oak": OAK},
        jobs=[JobFact("Hazel", "queued", frozenset({"search"}))],
        settings={"locale": "de-DE", "timezone": "UTC"},
        session={"title": "Hazel work", "active_agent": "planning", "active_campaign": "Hazel"},
    )
    wanted = expected(
        campaigns={"Hazel": {"kpi": "CPA"}, **NEW},
        plans=MOVE,
        jobs=[{"campaign": "Hazel", "status": "queued", "channels": ["search"]}],
        settings={"locale": "de-DE"},
        session={"title": "Hazel work", "active_campaign": "Hazel"},
        tools=["show_plan"],
        says=["100.00 USD"],
        quotes={"campaign": "Hazel", "figures": ["impressions", "conversions"]},
    )
    assert failures(facts(), after, said("100.00 USD bring 1,000 impressions, 1.50 conversions"), wanted) == []


def test_a_renamed_campaign_is_the_one_it_was() -> None:
    after = facts(campaigns={"Maple": campaign()}, plans={"Maple": facts().plans["Hazel"]})
    before_plan = {"Maple": {"versions": 1, "total": "100 USD"}}
    wanted = expected(campaigns={"Hazel": None, "Maple": {"was": "Hazel"}}, plans=before_plan)
    assert failures(facts(), after, said(), wanted) == []
    assert failures(facts(), facts(), said(), wanted) != []


def test_an_unnamed_campaign_is_whatever_is_new() -> None:
    after = facts(campaigns={**facts().campaigns, "Whatever": OAK})
    assert failures(facts(), after, said(), expected(campaigns={"*": NEW["Oak"]})) == []
    assert failures(facts(), facts(), said(), expected(campaigns={"*": NEW["Oak"]})) == ["campaign '*' is missing"]


@pytest.mark.parametrize(
    ("after", "wanted", "found"),
    [
        pytest.param(facts(campaigns={"Hazel": campaign(), "Oak": OAK}), {}, "'Oak' should not be", id="new campaign"),
        pytest.param(facts(campaigns={}, plans={}), {}, "'Hazel' is missing", id="lost campaign"),
        pytest.param(facts(campaigns={"Hazel": campaign(archived=True)}), {}, "archived: True", id="archived"),
        pytest.param(facts(), {"campaigns": NEW}, "'Oak' is missing", id="not created"),
        pytest.param(
            facts(campaigns={"Hazel": campaign(), "Oak": {**OAK, "budget": usd(51)}}),
            {"campaigns": NEW},
            "budget: 51.00 USD, not 50.00 USD",
            id="wrong budget",
        ),
        pytest.param(
            facts(campaigns={"Hazel": campaign(), "Oak": {**OAK, "kpi": "CPA"}}),
            {"campaigns": NEW},
            "kpi: CPA, not None",
            id="a field nobody asked for",
        ),
        pytest.param(MOVED, {}, "should not have changed", id="plan changed"),
        pytest.param(facts(), {"plans": MOVE}, "versions: 1, not 2", id="plan not changed"),
        pytest.param(
            facts(plans={"Hazel": Plan(2, {1: version(1, 60, 40), 2: version(2, 45, 55)})}),
            {"plans": MOVE},
            "change of search: -15.00 USD, not -20.00 USD",
            id="wrong amount moved",
        ),
        pytest.param(
            facts(plans={"Hazel": Plan(1, {1: version(1, 60, 40, sound=False)})}), {}, "does not add up", id="sums"
        ),
        pytest.param(facts(plans={}), {"plans": MOVE}, "plan of 'Hazel' is missing", id="no plan"),
        pytest.param(
            MOVED,
            {"plans": {"Hazel": MOVE["Hazel"] | {"weeks": {"2026-04-01": "90"}}}},
            "the week of 2026-04-01 has 100.00 USD, not 90",
            id="wrong week",
        ),
        pytest.param(
            MOVED,
            {"plans": {"Hazel": MOVE["Hazel"] | {"idle_weeks": []}}},
            "idle weeks: {2026-04-06}, not {}",
            id="idle week",
        ),
        pytest.param(
            MOVED, {"plans": {"Hazel": MOVE["Hazel"] | {"kept": ["search"]}}}, "search moved by -20.00", id="not kept"
        ),
        pytest.param(
            MOVED, {"plans": {"Hazel": MOVE["Hazel"] | {"locked": ["search"]}}}, "locked: {}, not", id="not locked"
        ),
        pytest.param(
            MOVED, {"plans": {"Hazel": MOVE["Hazel"] | {"at_least": {"search": "41"}}}}, "less than 41", id="too little"
        ),
        pytest.param(
            MOVED, {"plans": {"Hazel": MOVE["Hazel"] | {"at_most": {"social": "59"}}}}, "more than 59", id="too much"
        ),
        pytest.param(
            MOVED, {"plans": {"Hazel": MOVE["Hazel"] | {"lines": {"search": "41"}}}}, "not 41", id="wrong line"
        ),
        pytest.param(
            MOVED, {"plans": {"Hazel": MOVE["Hazel"] | {"channels": ["search"]}}}, "channels:", id="other channels"
        ),
        pytest.param(facts(jobs=[JobFact("Hazel", "queued", frozenset())]), {}, "jobs:", id="a job nobody asked for"),
        pytest.param(facts(settings={"locale": "de-DE", "timezone": "UTC"}), {}, "settings locale", id="settings"),
        pytest.param(facts(), {"session": {"title": "Work"}}, "session title: Chat, not Work", id="title"),
    ],
)
def test_a_wrong_end_state_is_found(after: Facts, wanted: dict[str, Any], found: str) -> None:
    wrong = failures(facts(), after, said(), expected(**wanted))
    assert any(found in one for one in wrong), wrong


@pytest.mark.parametrize(
    ("talk", "wanted", "found"),
    [
        pytest.param(said(status=TurnStatus.FAILED), {}, "turn 1 ended as failed", id="failed turn"),
        pytest.param(said(""), {}, "empty", id="no answer"),
        pytest.param(said(refused=["illegal_move"]), {}, "refused: ['illegal_move'], not []", id="refused"),
        pytest.param(said(), {"refused": ["illegal_move"]}, "refused: []", id="not refused"),
        pytest.param(said(), {"tools": []}, "tools: ['show_plan'], not []", id="a tool too many"),
        pytest.param(said(), {"says": ["budget"]}, "does not say 'budget'", id="not said"),
        pytest.param(said("Done for you"), {"never_says": ["done"]}, "says 'done'", id="said after all"),
        pytest.param(
            said("999 impressions"),
            {"quotes": {"campaign": "Hazel", "figures": ["impressions"]}},
            "does not give impressions 1,000",
            id="invented figure",
        ),
    ],
)
def test_a_wrong_answer_is_found(talk: list[Talk], wanted: dict[str, Any], found: str) -> None:
    wrong = failures(facts(), facts(), talk, expected(**wanted))
    assert any(found in one for one in wrong), wrong
