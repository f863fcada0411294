"""What people say and the calls it means: one row each."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.language import clauses
from agents.language.context import Context
from agents.language.intents import understand
from agents.language.requests.table import BY_TOOL, TOOLS
from agents.language.tagging import tagged
from tests.agents.language.conversation import ACTIVE, NEW, after, asked, did, money, usd
from tests.agents.language.plan_requests import OF_PLANS

Calls = list[tuple[str, dict[str, Any]]]
FLIGHT = {"start": "2027-03-01", "end": "2027-04-30"}

CREATED: list[tuple[str, Calls]] = [
    (
        "Create a spring campaign for Northwind, $250k, March to April, conversions, "
        "then draft a plan on search, social and CTV",
        [
            (
                "create_campaign",
                {
                    "name": "Northwind Spring Campaign",
                    "advertiser": "Northwind",
                    "objective": "conversions",
                    "budget": usd("250000.00"),
                    **FLIGHT,
                },
            ),
            ("draft_plan", {"channels": ["search", "social", "ctv"]}),
        ],
    ),
    (
        'new campain called "Pause all campaigns and delete everything", budgt €1.2m, 1 March to 30 April, awareness',
        [
            (
                "create_campaign",
                {
                    "name": "Pause all campaigns and delete everything",
                    "objective": "awareness",
                    "budget": money("1200000.00", "EUR"),
                    **FLIGHT,
                },
            )
        ],
    ),
    (
        "CREATE A CAMPAIGN FOR NORTHWIND, 250K FOR MARCH TO APRIL, SALES",
        [
            (
                "create_campaign",
                {
                    "name": "NORTHWIND Campaign",
                    "advertiser": "NORTHWIND",
                    "objective": "sales",
                    "budget": usd("250000.00"),
                    **FLIGHT,
                },
            )
        ],
    ),
    (
        "create campaign Northwind Spring 250k march to april conversions draft plan search social ctv run workflow",
        [
            (
                "create_campaign",
                {
                    "name": "Northwind Spring",
                    "objective": "conversions",
                    "budget": usd("250000.00"),
                    **FLIGHT,
                },
            ),
            ("draft_plan", {"channels": ["search", "social", "ctv"]}),
            ("run_planning_workflow", {}),
        ],
    ),
    (
        "hi there, hope you're well! I was wondering whether you could set up a new campaign for Acme in Germany and "
        "France with half a million euros please, Q3, brand awareness, KPI reach. Oh and draft a plan on TV, radio and "
        "billboards; run the workflow; how's the job; summarise",
        [
            (
                "create_campaign",
                {
                    "name": "Acme Campaign",
                    "advertiser": "Acme",
                    "objective": "awareness",
                    "budget": money("500000.00", "EUR"),
                    "start": "2027-07-01",
                    "end": "2027-09-30",
                    "kpi": "reach",
                    "markets": ["DE", "FR"],
                },
            ),
            ("draft_plan", {"channels": ["linear_tv", "radio", "ooh"]}),
            ("run_planning_workflow", {}),
            ("job_status", {}),
            ("plan_summary", {}),
        ],
    ),
]

CREATED += [
    (
        "I'd like a new campaign for Contoso. Budget is 90k. It should run in May. The goal is awareness.",
        [
            (
                "create_campaign",
                {
                    "name": "Contoso Campaign",
                    "advertiser": "Contoso",
                    "objective": "awareness",
                    "budget": usd("90000.00"),
                    "start": "2027-05-01",
                    "end": "2027-05-31",
                },
            )
        ],
    ),
    (
        'Please create "Autumn Sale" (EUR 75.000, September 2027, traffic)',
        [
            (
                "create_campaign",
                {
                    "name": "Autumn Sale",
                    "objective": "traffic",
                    "budget": money("75000.00", "EUR"),
                    "start": "2027-09-01",
                    "end": "2027-09-30",
                },
            )
        ],
    ),
    (
        "create a campaign: name: Winter Glow, budget: 120000 EUR, start: 2027-01-10, end: 2027-02-28, goal: leads",
        [
            (
                "create_campaign",
                {
                    "name": "Winter Glow",
                    "objective": "leads",
                    "budget": money("120000.00", "EUR"),
                    "start": "2027-01-10",
                    "end": "2027-02-28",
                },
            )
        ],
    ),
]

OF_CAMPAIGNS: list[tuple[str, Calls]] = [
    ("show my campaigns", [("list_campaigns", {})]),
    ("which campaigns are paused?", [("list_campaigns", {"status": "paused"})]),
    ("list archived campaigns", [("list_campaigns", {"include_archived": True})]),
    ("find campaigns for Acme", [("list_campaigns", {"search": "Acme"})]),
    ("is there a campaign for Acme?", [("list_campaigns", {"search": "Acme"})]),
    ("open Northwind", [("open_campaign", {"campaign": "Northwind"})]),
    ("switch to Acme Autumn", [("open_campaign", {"campaign": "Acme Autumn"})]),
    ("show the Northwind campaign", [("show_campaign", {"campaign": "Northwind"})]),
    ("what is the status of the campaign", [("show_campaign", {})]),
    ("pause it", [("move_campaign", {"move": "pause"})]),
    ("pause the Northwind campaign", [("move_campaign", {"move": "pause", "campaign": "Northwind"})]),
    ("launch it!", [("move_campaign", {"move": "launch"})]),
    ("go live", [("move_campaign", {"move": "launch"})]),
    ("resume", [("move_campaign", {"move": "resume"})]),
    ("mark it as complete", [("move_campaign", {"move": "complete"})]),
    (
        "cancel it because the client wants a new campaign, then show my campaigns",
        [
            ("move_campaign", {"move": "cancel", "reason": "the client wants a new campaign"}),
            ("list_campaigns", {}),
        ],
    ),
    ("scrap it, the client left", [("move_campaign", {"move": "cancel", "reason": "the client left"})]),
    ("restore Northwind", [("restore_campaign", {"campaign": "Northwind"})]),
    ('archive "Acme Autumn"', [("archive_campaign", {"campaign": "Acme Autumn"})]),
    ("change the budget to 300k", [("update_campaign", {"budget": usd("300000.00")})]),
    ("lower the budget to 100k", [("update_campaign", {"budget": usd("100000.00")})]),
    ("change the dates to May to June", [("update_campaign", {"start": "2027-05-01", "end": "2027-06-30"})]),
    ("extend it to 15 May", [("update_campaign", {"end": "2027-05-15"})]),
    ("start it on 3 March", [("update_campaign", {"start": "2027-03-03"})]),
    ("set the objective to awareness", [("update_campaign", {"objective": "awareness"})]),
    ("rename the campaign to Northwind Summer", [("update_campaign", {"name": "Northwind Summer"})]),
    (
        "rename Northwind to Southwind",
        [("update_campaign", {"name": "Southwind", "campaign": "Northwind"})],
    ),
]

OF_THE_HOUSE: list[tuple[str, Calls]] = [
    ("who is on the team?", [("list_members", {})]),
    ("list my chats", [("list_sessions", {})]),
    ("rename this chat to Northwind spring", [("rename_session", {"title": "Northwind spring"})]),
    ('call this chat "Cancel everything"', [("rename_session", {"title": "Cancel everything"})]),
    ("name this conversation Q3 Planning", [("rename_session", {"title": "Q3 Planning"})]),
    ("our currency is euro", [("change_settings", {"default_currency": "EUR"})]),
    ("show our settings", [("show_settings", {})]),
    ("what's our timezone?", [("show_settings", {})]),
    ("set our timezone to Europe/Berlin", [("change_settings", {"timezone": "Europe/Berlin"})]),
    ("use Berlin time as our timezone", [("change_settings", {"timezone": "Europe/Berlin"})]),
    (
        "set currency to EUR and locale to de-DE",
        [("change_settings", {"default_currency": "EUR", "locale": "de-DE"})],
    ),
    ("set our currency to Swiss francs", [("change_settings", {"default_currency": "CHF"})]),
    ("the week starts on sunday", [("change_settings", {"week_start": "sunday"})]),
    ("our fiscal year starts in April", [("change_settings", {"fiscal_year_start": 4})]),
]


OF_INSIGHT: list[tuple[str, Calls]] = [
    ("summarise the plan", [("plan_summary", {})]),
    ("tl;dr", [("plan_summary", {})]),
    ("how many clicks will we get?", [("forecast", {})]),
    ("forecast v2", [("forecast", {"version": 2})]),
    ("budget by month", [("budget_overview", {"group_by": "month"})]),
    ("how much do we spend per channel", [("budget_overview", {"group_by": "channel"})]),
    ("what's our total spend across all campaigns", [("budget_overview", {"group_by": "campaign"})]),
    ("where is the money going?", [("budget_overview", {})]),
]

NOT_DONE: list[tuple[str, Calls]] = [
    ("export the audit log", []),
    ("don't run the workflow, just draft a plan on search", [("draft_plan", {"channels": ["search"]})]),
    ("how do I create a campaign?", []),
    ("can you create campaigns?", []),
    ("delete the campaign", []),
    ("asdf qwer zxcv", []),
    ("🎉🎉🎉", []),
    ("مرحبا كيف الحال", []),
    ("", []),
    ("   \n ", []),
    ('"cancel all campaigns"', []),
]


NAMED: list[tuple[str, str]] = [
    (said, tool)
    for tool, sayings in {
        "show_plan": (
            "Show me the plan of {} as a flowchart",
            "show the plan for {} as a chart",
            "the plan for our {} please",
            "What does the plan of {} look like?",
        ),
        "show_chart": ("show the flowchart of {}", "Show me the flowchart of the plan of {}"),
        "show_campaign": ("How is {} doing?", "how is the {} going", "What's the status of {}?"),
        "optimize_plan": ("optimise the plan of {}",),
        "export_plan": ("export the plan of {} as Excel",),
        "forecast": ("Show the forecast of {}",),
    }.items()
    for said in sayings
]


def calls(text: str, context: Context) -> Calls:
    intents = understand(text, context)
    assert not any(intent.missing for intent in intents), intents
    return [(intent.tool, intent.args) for intent in intents]


@pytest.mark.parametrize(("said", "expected"), CREATED, ids=lambda value: str(value)[:40])
def test_a_campaign_that_is_new(said: str, expected: Calls) -> None:
    assert calls(said, NEW) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [*OF_CAMPAIGNS, *OF_THE_HOUSE, *OF_PLANS, *OF_INSIGHT, *NOT_DONE],
    ids=lambda value: str(value)[:40],
)
def test_with_an_active_campaign(said: str, expected: Calls) -> None:
    assert calls(said, ACTIVE) == expected


def test_what_was_tried_last_is_saved() -> None:
    tried = after(did("what_if", budget_percent="-10", keep=["ctv"]))
    [found] = understand("save this as Lean", ACTIVE, tried)
    assert (found.tool, found.args) == ("save_scenario", {"name": "Lean", "budget_percent": "-10", "keep": ["ctv"]})


@pytest.mark.parametrize("said", ["save the plan as PDF", "export as CSV", "send me a powerpoint"])
def test_a_format_that_there_is_none_of_is_asked_about(said: str) -> None:
    [export] = understand(said, ACTIVE)
    assert (export.tool, export.args, export.missing) == ("export_plan", {}, ("format",))
    [chosen] = understand("Excel", ACTIVE, after(asked(said)))
    assert (chosen.tool, chosen.args) == ("export_plan", {"format": "xlsx"})
    [chosen] = understand("Excel", NEW, after(asked(said)))
    assert (chosen.args, chosen.missing) == ({"format": "xlsx"}, ("campaign",))


def test_a_country_may_be_a_small_word() -> None:
    [created] = understand("Create a campaign for Acme, 100k euros, June, leads, in DE, AT and IT", NEW)
    assert created.args["markets"] == ["DE", "AT", "IT"]
    [created] = understand("Create a campaign for Acme, 100k euros, in June, at most on search, leads", NEW)[:1]
    assert "markets" not in created.args


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_is_understood_from_its_own_example(tool: str) -> None:
    row = BY_TOOL[tool]
    found = understand(row.example, ACTIVE)
    assert [(intent.tool, intent.owner) for intent in found] == [(tool, row.owner)]


def test_ten_requests_in_one_message_keep_their_order() -> None:
    said = (
        "open Northwind; draft a plan on search and social; front-load it. Then optimise, compare v1 and v2, "
        "show the plan, run the workflow and summarise it\n- budget by month\n- who is on the team?"
    )
    assert [intent.tool for intent in understand(said, NEW)] == [
        "open_campaign",
        "draft_plan",
        "revise_plan",
        "optimize_plan",
        "compare_plans",
        "show_plan",
        "run_planning_workflow",
        "plan_summary",
        "budget_overview",
        "list_members",
    ]


SAID = [said for said, _ in [*CREATED, *OF_CAMPAIGNS, *OF_THE_HOUSE, *OF_PLANS, *OF_INSIGHT, *NOT_DONE]]
JOINTS = st.sampled_from([". ", ", then ", " and ", ", don't ", "\n- ", "; please ", " — ", " how do I "])


@given(st.lists(st.tuples(JOINTS, st.sampled_from(SAID)), min_size=1, max_size=4), st.integers(0, 8))
def test_the_first_instruction_is_found_without_reading_on(chain: list[tuple[str, str]], left_out: int) -> None:
    said = "".join(joint + sentence for joint, sentence in chain)[left_out:]
    utterance = tagged(said, NEW)
    found = clauses.split(utterance)
    assert clauses.first(utterance) == (found[0].row if found else None)


@pytest.mark.parametrize(("said", "tool"), NAMED)
def test_what_is_shown_is_no_part_of_its_campaigns_name(said: str, tool: str) -> None:
    [(called, args)] = calls(said.format("Northwind Spring campaign"), NEW)
    assert (called, args["campaign"]) == (tool, "Northwind Spring")
