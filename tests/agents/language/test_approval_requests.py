"""What people say about delegations and approvals, and the calls it means."""

from typing import Any

import pytest

from agents.language.context import Context
from agents.language.intents import read, understand
from tests.agents.language.conversation import ACTIVE, TODAY, after, asked, did, money, usd

Calls = list[tuple[str, dict[str, Any]]]
LISTED = (
    "2 requests: 1. Launch “Hazel” for 80,000.00 USD (R-7F3A2C, asked by Priya on 2026-03-02, pending); "
    "2. Invite sam@example.com as viewer (R-00AB12, asked by Noor on 2026-03-02, pending)."
)
SEVERAL = (
    "Refused (ambiguous, request): Several requests wait: 1. Launch “Hazel” for 80,000.00 USD (R-7F3A2C, asked by "
    "Priya); 2. Invite sam@example.com as viewer (R-00AB12, asked by Noor). Which one?"
)


def delegated(member: str, kind: str, cap: str | None = None, **more: object) -> Calls:
    limit = {"cap": usd(cap)} if cap else {}
    return [("set_delegation", {"member": member, "kind": kind, **limit, **more})]


def decided(tool: str, **args: object) -> Calls:
    return [(tool, args)]


SAID: list[tuple[str, Calls]] = [
    ("let Priya approve up to 100k", delegated("Priya", "full", "100000.00")),
    ("make Priya an approver up to 100k", delegated("Priya", "full", "100000.00")),
    ("who approved it?", [("show_changes", {"campaign": "Northwind Spring Campaign"})]),
    ("Priya may approve up to $100k", delegated("Priya", "full", "100000.00")),
    ("Priya may spend up to 50k herself", delegated("Priya", "execute_only", "50000.00")),
    ("let Priya launch up to 50k on her own", delegated("Priya", "execute_only", "50000.00")),
    ("Tomás may only propose", delegated("Tomás", "propose_only")),
    ("Tomás may propose only", delegated("Tomás", "propose_only")),
    ("let Priya approve anything", delegated("Priya", "full", unlimited=True)),
    ("Priya may spend without limit", delegated("Priya", "execute_only", unlimited=True)),
    ("set Priya's approval limit to 200k", delegated("Priya", "full", "200000.00")),
    ("raise Priya's spending limit to 80k", delegated("Priya", "execute_only", "80000.00")),
    (
        "let Priya approve up to 100k in Germany and France until 31 December",
        delegated("Priya", "full", "100000.00", markets=["DE", "FR"], last_day="2026-12-31"),
    ),
    ("give Priya a full delegation up to $100k", delegated("Priya", "full", "100000.00")),
    ("give Priya an execute-only delegation up to 50k", delegated("Priya", "execute_only", "50000.00")),
    ("give Noor a propose-only delegation", delegated("Noor", "propose_only")),
    ("give Priya a delegation up to 100k to act and approve", delegated("Priya", "full", "100000.00")),
    ("let Priya approve and launch up to 100k", delegated("Priya", "full", "100000.00")),
    (
        "let Priya approve up to 100k and approve the launch of Spring",
        [*delegated("Priya", "full", "100000.00"), *decided("approve_request", request="launch of Spring")],
    ),
    ("withdraw Priya's delegation", decided("withdraw_delegation", member="Priya")),
    ("Priya may no longer approve", decided("withdraw_delegation", member="Priya")),
    ("show the delegations", decided("list_delegations")),
    ("who may spend what?", decided("list_delegations")),
    ("who can approve over 100k?", decided("who_can_approve", amount=usd("100000.00"), above=True)),
    ("who may sign off more than 100k?", decided("who_can_approve", amount=usd("100000.00"), above=True)),
    ("who can approve 100k?", decided("who_can_approve", amount=usd("100000.00"))),
    ("who can approve?", decided("who_can_approve")),
    ("what is waiting for approval?", decided("list_approvals", status="pending")),
    ("anything waiting for me?", decided("list_approvals", status="pending")),
    ("what do I have to approve?", decided("list_approvals", status="pending")),
    ("show my requests", decided("list_approvals", mine=True)),
    ("which requests were denied?", decided("list_approvals", status="denied")),
    ("which requests were approved?", decided("list_approvals", status="executed")),
    ("is it approved yet?", decided("list_approvals")),
    ("has my request been approved?", decided("list_approvals", mine=True)),
    ("submit the plan for approval", decided("submit_plan")),
    ("get approval for the Hazel plan", decided("submit_plan", campaign="Hazel")),
    ("can Priya approve 100k?", decided("who_can_approve", amount=usd("100000.00"))),
    ("approve it", decided("approve_request")),
    ("yes, please approve", decided("approve_request")),
    ("approve the launch of Spring", decided("approve_request", request="launch of Spring")),
    ("approve Priya's request", decided("approve_request", request="Priya")),
    ("approve R-7f3a2c", decided("approve_request", request="R-7F3A2C")),
    ("approve request R-123456 because it fits", decided("approve_request", request="R-123456", reason="it fits")),
    ("deny it: too expensive", decided("deny_request", reason="too expensive")),
    (
        "reject the launch of Spring because we paused the others and cancelled Hazel",
        decided("deny_request", request="launch of Spring", reason="we paused the others and cancelled Hazel"),
    ),
    (
        "approve if the budget is at most 200k",
        decided("set_conditions", conditions=[{"field": "budget", "required": "at most 200k"}]),
    ),
    (
        "approve the launch of Spring only if the budget is at most 200k and the end is 30 June",
        decided(
            "set_conditions",
            request="launch of Spring",
            conditions=[
                {"field": "budget", "required": "at most 200k"},
                {"field": "end", "required": "30 June"},
            ],
        ),
    ),
    ("withdraw my request", decided("withdraw_request")),
    ("cancel my launch request", decided("withdraw_request", request="launch")),
    (
        "deny it because it is too expensive, then show my campaigns",
        [("deny_request", {"reason": "it is too expensive"}), ("list_campaigns", {})],
    ),
    ("don't approve it", []),
    ("limit search to 40k", [("optimize_plan", {"maximums": [{"channel": "search", "amount": usd("40000.00")}]})]),
    (
        "give CTV 10k more",
        [("revise_plan", {"changes": [{"channel": "ctv", "action": "increase", "amount": usd("10000.00")}]})],
    ),
    ("cancel it because the client left", [("move_campaign", {"move": "cancel", "reason": "the client left"})]),
]


@pytest.mark.parametrize(("said", "expected"), SAID, ids=lambda value: str(value)[:40])
def test_delegations_and_approvals(said: str, expected: Calls) -> None:
    found = understand(said, ACTIVE)
    assert not any(intent.missing for intent in found), found
    assert [(intent.tool, intent.args) for intent in found] == expected


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("let Priya approve", ("cap",)),
        ("set Priya's limit to 200k", ("kind",)),
        ("let her approve up to 10k", ("member",)),
        ("deny it", ("reason",)),
        ("approve everything", ("request",)),
        ("approve the second", ("request",)),
        ("approve the last", ("request",)),
        ("set conditions", ("conditions",)),
    ],
)
def test_what_nobody_said_is_asked(said: str, missing: tuple[str, ...]) -> None:
    [intent] = understand(said, ACTIVE)
    assert intent.missing == missing


@pytest.mark.parametrize(
    ("before", "answer", "expected"),
    [
        ("let Priya approve", "100k", delegated("Priya", "full", "100000.00")),
        ("let Priya approve", "up to 100k", delegated("Priya", "full", "100000.00")),
        ("let Priya approve", "without limit", delegated("Priya", "full", unlimited=True)),
        ("set Priya's limit to 10k", "only spend themselves", delegated("Priya", "execute_only", "10000.00")),
        ("set Priya's limit to 10k", "approve what others ask for", delegated("Priya", "full", "10000.00")),
        ("set Priya's limit to 10k", "she may approve", delegated("Priya", "full", "10000.00")),
        ("set Priya's limit to 10k", "approve", delegated("Priya", "full", "10000.00")),
        ("deny it", "because it costs too much", decided("deny_request", reason="it costs too much")),
        ("deny it", "the client left", decided("deny_request", reason="the client left")),
        ("approve everything", "R-7F3A2C", decided("approve_request", request="R-7F3A2C")),
        (
            "set conditions",
            "the budget is at most 200k",
            decided("set_conditions", conditions=[{"field": "budget", "required": "at most 200k"}]),
        ),
    ],
)
def test_an_answer_completes_the_request(before: str, answer: str, expected: Calls) -> None:
    found = read(answer, ACTIVE, after(asked(before))).intents
    assert not any(intent.missing for intent in found), found
    assert [(intent.tool, intent.args) for intent in found] == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("approve the second", decided("approve_request", request="R-00AB12")),
        ("approve number 1: it fits", decided("approve_request", request="R-7F3A2C", reason="it fits")),
        ("deny the last because of the role", decided("deny_request", request="R-00AB12", reason="the role")),
    ],
)
def test_a_place_in_the_list_becomes_the_requests_code(said: str, expected: Calls) -> None:
    [intent] = read(said, ACTIVE, after(did("list_approvals", LISTED, status="pending"))).intents
    assert [(intent.tool, intent.args)] == expected


@pytest.mark.parametrize(
    ("answer", "request_said"),
    [("the second", "R-00AB12"), ("R-7F3A2C", "R-7F3A2C"), ("the launch of Hazel", "launch of Hazel")],
)
def test_after_a_doubt_the_one_that_is_chosen_is_meant(answer: str, request_said: str) -> None:
    [intent] = read(answer, ACTIVE, after(did("approve_request", SEVERAL, refused=True))).intents
    assert (intent.tool, intent.args) == ("approve_request", {"request": request_said})


def test_nonsense_chooses_no_request() -> None:
    assert read("qwertz", ACTIVE, after(did("approve_request", SEVERAL, refused=True))).intents == ()


def test_a_limit_is_in_the_workspaces_currency() -> None:
    euros = Context(today=TODAY, default_currency="EUR", active_campaign=ACTIVE.active_campaign)
    [intent] = understand("let Priya approve up to 100k", euros)
    assert intent.args["cap"] == money("100000.00", "EUR")


def test_a_second_thought_about_a_limit() -> None:
    before = did("set_delegation", member="Priya", kind="full", cap=usd("100000.00"))
    [intent] = read("no, make it 80k", ACTIVE, after(before)).intents
    assert [(intent.tool, intent.args)] == delegated("Priya", "full", "80000.00")
