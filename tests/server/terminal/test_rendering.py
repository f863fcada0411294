"""Blocks and words as a terminal shows them."""

from collections.abc import Mapping
from typing import Any

import pytest
from rich.console import Console

from agents.blocks import bar_chart, table
from server.terminal.client import Event
from server.terminal.rendering import block, job_line, plain
from server.terminal.screen import Screen
from services.plan_charts import ChartKind, plan_chart
from tests.server.terminal.api import waiting
from tests.services.planned_samples import everything

CONDITION = {"field": "budget", "required": "at most 5", "reason": "The [red]client"}
AMOUNT = {"amount": "60000.00", "currency": "USD"}
PLAN: Mapping[str, Any] = {
    "campaign_name": "Hazel [bold]",
    "number": 2,
    "current_number": 2,
    "kind": "version",
    "reason": "optimised",
    "total": {"amount": "100000.00", "currency": "USD"},
    "lines": [
        {
            "label": "Search",
            "locked": False,
            "budget": AMOUNT,
            "share": "60.0",
            "impressions": 1000,
            "clicks": 10,
            "conversions": "1.50",
        },
        {
            "label": "CTV",
            "locked": True,
            "budget": {"amount": "40000.00", "currency": "USD"},
            "share": "40.0",
            "impressions": 500,
            "clicks": 5,
            "conversions": "0.75",
        },
    ],
}


def shown(content: Mapping[str, Any]) -> str:
    console = Console(width=120, record=True, file=None, quiet=True)
    with console.capture() as captured:
        console.quiet = False
        console.print(block(content))
    return captured.get()


def test_a_table_shows_its_cells_as_they_are() -> None:
    made = table(
        "Campaigns", [("name", "Name", "left"), ("budget", "Budget", "right")], [{"name": "[red]x", "budget": "5"}]
    )
    text = shown(made.model_dump())
    assert "Campaigns" in text
    assert "[red]x" in text


def test_a_plan_shows_its_lines_and_its_total() -> None:
    text = shown({"kind": "plan", "plan": PLAN})
    assert "Hazel [bold]: plan version 2 (current), optimised" in text
    assert "60,000.00 USD" in text
    assert "CTV (kept)" in text
    assert "100,000.00 USD" in text
    assert "1,500" in text
    assert "2.25" in text


def test_a_charts_bars_are_as_long_as_their_values() -> None:
    rows: list[dict[str, object]] = [{"channel": "CTV", "budget": 25.0}, {"channel": "Search", "budget": 100.0}]
    first, second = shown(bar_chart("Budget", "channel", "budget", rows).model_dump()).splitlines()[1:3]
    assert first.split()[0] == "Search"
    assert first.count("█") == 4 * second.count("█") > 0


def test_weeks_are_added_up_in_their_order_and_lines_are_left_to_the_page() -> None:
    of = everything()
    weeks, reach = (plan_chart(of, kind) for kind in (ChartKind.WEEKS, ChartKind.REACH))
    lines = shown({"kind": "chart", "title": weeks.title, "spec": weeks.spec}).splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["2027-03-01", "2027-03-08"]
    assert lines[1].split()[-1] == "25,648.79"
    assert "[chart: Spring: reach by week" in shown({"kind": "chart", "title": reach.title, "spec": reach.spec})


def test_a_file_says_how_to_keep_it() -> None:
    text = shown({"kind": "file", "id": "1", "name": "Spring [b].xlsx", "size": 12_345})
    assert "Spring [b].xlsx (12,345 bytes)" in text
    assert "/save" in text


def test_an_unknown_block_is_named() -> None:
    assert "[map]" in shown({"kind": "map"})


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert plain("a\x1b[31mb\x07\nc").plain == "a[31mb\nc"


def test_a_job_says_where_it_is() -> None:
    job = {"kind": "media_planning", "status": "running", "step": "flight", "percent": 45}
    assert job_line(job).plain == "media planning: running, flight, 45 %"
    assert job_line({**job, "status": "completed", "percent": 100}).plain == "media planning: completed, 100 %"


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, ["waits for approval, until 2026-03-08 12:00 UTC"]),
        (
            {"status": "executed", "decider": "Ada", "reason": "Go.", "outcome": "Done as approved."},
            ["approved and done, decided by Ada", "Go."],
        ),
        (
            {"status": "failed", "decider": "Ada", "outcome": "It was cancelled."},
            ["approved, but it could not be done, decided by Ada", "It was cancelled."],
        ),
        (
            {"status": "conditions", "decider": "Ada", "conditions": [CONDITION]},
            ["would be approved under conditions, decided by Ada", "budget: at most 5 (The [red]client)"],
        ),
        ({"status": "withdrawn"}, ["withdrawn"]),
    ],
    ids=["pending", "executed", "failed", "conditions", "withdrawn"],
)
def test_a_request_says_how_far_it_is(changes: dict[str, Any], lines: list[str]) -> None:
    text = shown({"kind": "approval", "approval": waiting("Spring", "priya", **changes)})
    title = "Request: Launch “Spring” for 250,000.00 USD (R-SPRING, asked by Priya)"
    assert text.splitlines() == [title, *(f"  {line}" for line in lines)]


def event(type: str, **data: Any) -> Event:
    return Event("", type, {"type": type, **data})


def seen(*events: Event, terminal: bool = False) -> str:
    console = Console(width=100, force_terminal=terminal, color_system=None)
    screen = Screen(console, echo=True)
    with console.capture() as captured:
        for one in events:
            screen.show(one)
    return captured.get()


SPOKEN = (
    event("TEXT_MESSAGE_START", messageId="m"),
    event("TEXT_MESSAGE_CONTENT", messageId="m", delta="Hello "),
    event("TEXT_MESSAGE_CONTENT", messageId="m", delta="**you**"),
    event("TEXT_MESSAGE_END", messageId="m"),
)


def test_a_piped_answer_comes_whole() -> None:
    assert seen(*SPOKEN) == "Hello **you**\n"


def test_on_a_terminal_the_answer_is_formatted() -> None:
    text = seen(*SPOKEN, terminal=True)
    assert "Hello you" in text
    assert "**" not in text


def test_a_restarted_text_begins_again() -> None:
    again = event("CUSTOM", name="text_restarted", value={"messageId": "m"})
    assert seen(SPOKEN[0], SPOKEN[1], again, SPOKEN[2], SPOKEN[3]) == "**you**\n"


def test_tools_errors_jobs_and_people_have_their_lines() -> None:
    text = seen(
        event("CUSTOM", name="user_message", value={"text": "plan it"}),
        event("TOOL_CALL_START", toolCallName="transfer_to_planning"),
        event("TOOL_CALL_START", toolCallName="draft_plan"),
        event("CUSTOM", name="job", value={"kind": "media_planning", "status": "queued", "percent": 0}),
        event("RUN_ERROR", message="Too slow.", code="turn_timed_out"),
    )
    assert text.splitlines() == [
        "› plan it",
        "· draft plan",
        "media planning: queued, 0 %",
        "Too slow. (turn_timed_out)",
    ]


def test_a_turn_that_waits_for_approval_says_so() -> None:
    interrupt = {"type": "interrupt", "interrupts": [{"id": "a-1", "reason": "approval"}]}
    assert seen(event("RUN_FINISHED", runId="t", outcome=interrupt)) == "· waiting for approval; go on meanwhile\n"
    assert seen(event("RUN_FINISHED", runId="t", outcome={"type": "success"}), event("RUN_FINISHED", runId="t")) == ""


def test_what_becomes_of_a_request_is_said_once() -> None:
    def became(status: str) -> Event:
        return event("CUSTOM", name="approval", value={"approvalId": "a", "title": "Launch “Spring”", "status": status})

    assert seen(became("pending"), became("executed")) == ""
    assert seen(became("withdrawn")) == "Launch “Spring”: withdrawn\n"
