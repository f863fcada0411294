"""What people say of a plan and the calls it means: one row each."""

from typing import Any

from tests.agents.language.conversation import change, limit, usd

Calls = list[tuple[str, dict[str, Any]]]

OF_PLANS: list[tuple[str, Calls]] = [
    ("draft a plan on search, social, not TV", [("draft_plan", {"channels": ["search", "social"]})]),
    (
        "draft a plan with search min 50k and social max 30k, front-loaded",
        [
            (
                "draft_plan",
                {
                    "channels": ["search", "social"],
                    "minimums": [limit("search", "50000.00")],
                    "maximums": [limit("social", "30000.00")],
                    "flighting": "front_loaded",
                },
            )
        ],
    ),
    (
        "keep CTV fixed, at least 50k on search, optimise the rest",
        [("optimize_plan", {"keep": ["ctv"], "minimums": [limit("search", "50000.00")]})],
    ),
    (
        "optimise with at least 20k on each of search and social",
        [("optimize_plan", {"minimums": [limit("search", "20000.00"), limit("social", "20000.00")]})],
    ),
    ("optimise it with a budget of 80k", [("optimize_plan", {"budget": usd("80000.00")})]),
    ("what if we only had 300k", [("what_if", {"budget": usd("300000.00")})]),
    ("what would 10% more buy", [("what_would_more_buy", {"percent": "10"})]),
    ("what if we had 10% less and keep search fixed", [("what_if", {"budget_percent": "-10", "keep": ["search"]})]),
    ("what if we drop CTV", [("what_if", {"maximums": [limit("ctv", "0.00")]})]),
    (
        "what if we spent 100k on search",
        [("what_if", {"minimums": [limit("search", "100000.00")], "maximums": [limit("search", "100000.00")]})],
    ),
    (
        "make a plan using TV (max 100k), radio and podcasts",
        [
            (
                "draft_plan",
                {"channels": ["linear_tv", "radio", "podcast"], "maximums": [limit("linear_tv", "100000.00")]},
            )
        ],
    ),
    ("compare version 3 with 4", [("compare_plans", {"first": 3, "second": 4})]),
    ("compare versions 1 and 2", [("compare_plans", {"first": 1, "second": 2})]),
    (
        "add a line for podcast with 20k",
        [("revise_plan", {"changes": [change("podcast", "add", "20000.00")]})],
    ),
    (
        "give search 100k and social 150k",
        [("revise_plan", {"changes": [change("search", "set", "100000.00"), change("social", "set", "150000.00")]})],
    ),
    ("how much have we planned per month?", [("budget_overview", {"group_by": "month"})]),
    ("what's the expected CPA?", [("forecast", {})]),
    ("optimise the plan for maximum reach", [("optimize_plan", {})]),
    ("maximise conversions with a CPA below 100", [("optimize_plan", {"target_cpa": usd("100.00")})]),
    ("restore version 1", [("undo_plan", {"version": 1})]),
    ("what assumptions did you use?", [("forecast", {})]),
    ("show me everything about Northwind", [("show_campaign", {"campaign": "Northwind"})]),
    ("what's the split?", [("show_plan", {})]),
    ("show the weekly budget", [("show_chart", {"kind": "weeks"})]),
    ("redo", [("undo_plan", {})]),
    ("what's the cheapest way to get 5000 conversions?", [("cheapest_budget", {"outcome": "5000"})]),
    ("how much to get 3000 conversions", [("cheapest_budget", {"outcome": "3000"})]),
    ("how many people see it 3+ times?", [("show_reach", {"effective": 3})]),
    (
        "shift 10% of search budget to CTV",
        [
            (
                "revise_plan",
                {"changes": [{"channel": "search", "action": "move", "percent": "10", "to_channel": "ctv"}]},
            )
        ],
    ),
    (
        "create a copy of Northwind Spring called Northwind Autumn",
        [("copy_campaign", {"name": "Northwind Autumn", "campaign": "Northwind Spring"})],
    ),
    ("give me the plan as a spreadsheet", [("export_plan", {"format": "xlsx"})]),
    ("set CTV to 0", [("revise_plan", {"changes": [change("ctv", "set", "0.00")]})]),
    ("what if we doubled the budget?", [("what_if", {"budget_percent": "100"})]),
    ("front-load it", [("revise_plan", {"flighting": "front_loaded"})]),
    ("spread it evenly", [("revise_plan", {"flighting": "even"})]),
    (
        "move 20k from search to social",
        [
            (
                "revise_plan",
                {"changes": [change("search", "decrease", "20000.00"), change("social", "increase", "20000.00")]},
            )
        ],
    ),
    ("drop CTV", [("revise_plan", {"changes": [change("ctv", "remove")]})]),
    (
        "add 10k to search, cut social by 5% and remove display",
        [
            (
                "revise_plan",
                {
                    "changes": [
                        change("search", "increase", "10000.00"),
                        change("social", "decrease", percent="5"),
                        change("display", "remove"),
                    ]
                },
            )
        ],
    ),
    ("add radio with 20k", [("revise_plan", {"changes": [change("radio", "add", "20000.00")]})]),
    ("cut search to 40k", [("revise_plan", {"changes": [change("search", "set", "40000.00")]})]),
    ("give CTV 10k more", [("revise_plan", {"changes": [change("ctv", "increase", "10000.00")]})]),
    (
        "replace CTV with YouTube",
        [("revise_plan", {"changes": [change("ctv", "remove"), change("olv", "add")]})],
    ),
    ("double search", [("revise_plan", {"changes": [change("search", "increase", percent="100")]})]),
    ("show plan v2", [("show_plan", {"version": 2})]),
    ("yo bot just fucking show me the plan", [("show_plan", {})]),
    ("show the first version", [("show_plan", {"version": 1})]),
    ("Export to Excel", [("export_plan", {"format": "xlsx"})]),
    ("Export version 2 to Excel please", [("export_plan", {"format": "xlsx", "version": 2})]),
    ("download the plan as json", [("export_plan", {"format": "mediaplan_json"})]),
    (
        "Can you export the Northwind plan as a spreadsheet?",
        [("export_plan", {"campaign": "Northwind", "format": "xlsx"})],
    ),
    ("send me the workbook", [("export_plan", {"format": "xlsx"})]),
    (
        "optimise it, then export it as mediaplanschema",
        [("optimize_plan", {}), ("export_plan", {"format": "mediaplan_json"})],
    ),
    ("Show me the response curves", [("show_chart", {"kind": "curves"})]),
    ("show the flowchart", [("show_chart", {"kind": "weeks"})]),
    ("plot spend by week", [("show_chart", {"kind": "weeks"})]),
    ("how does reach build up?", [("show_chart", {"kind": "reach"})]),
    ("Show a graph of reach over time for Northwind", [("show_chart", {"campaign": "Northwind", "kind": "reach"})]),
    ("visualise the budget split of version 3", [("show_chart", {"kind": "budget", "version": 3})]),
    ("compare v1 and v2", [("compare_plans", {"first": 1, "second": 2})]),
    ("what changed?", [("compare_plans", {})]),
    ("what changed since version 3", [("compare_plans", {"first": 3})]),
    (
        "compare budgets between 200k and 400k in 5 steps, keep CTV fixed",
        [
            (
                "sweep_budgets",
                {"lowest": usd("200000.00"), "highest": usd("400000.00"), "steps": 5, "keep": ["ctv"]},
            )
        ],
    ),
    (
        "plan it by week, pause August, July 20% cheaper, December 50% stronger",
        [
            (
                "plan_year",
                {
                    "by": "weeks",
                    "pauses": [{"month": 8}],
                    "prices": [{"month": 7, "index": "0.8"}],
                    "seasonality": [{"month": 12, "index": "1.5"}],
                },
            )
        ],
    ),
    (
        "what if we only had 200k, save it as scenario B",
        [("what_if", {"budget": usd("200000.00")}), ("save_scenario", {"name": "B", "budget": usd("200000.00")})],
    ),
    ("save this as scenario A", [("save_scenario", {"name": "A"})]),
    ('make a scenario "Less" with 20% less', [("save_scenario", {"name": "Less", "budget_percent": "-20"})]),
    (
        "create a scenario B with 300k, keep CTV fixed",
        [("save_scenario", {"name": "B", "budget": usd("300000.00"), "keep": ["ctv"]})],
    ),
    ("compare A and B", [("compare_scenarios", {"scenarios": ["A", "B"]})]),
    (
        'compare scenario A, "Half the money" and C',
        [("compare_scenarios", {"scenarios": ["A", "Half the money", "C"]})],
    ),
    ("promote B", [("promote_scenario", {"scenario": "B"})]),
    ("make B the plan", [("promote_scenario", {"scenario": "B"})]),
    ("drop the scenario Lean", [("delete_scenario", {"scenario": "Lean"})]),
    ("which scenarios are there?", [("list_scenarios", {})]),
    ("show the weekly flow", [("show_chart", {"kind": "weeks"})]),
    ("show me the flowchart", [("show_chart", {"kind": "weeks"})]),
    ("undo", [("undo_plan", {})]),
    ("undo that, please", [("undo_plan", {})]),
    ("undo to version 2", [("undo_plan", {"version": 2})]),
    ("revert to v1", [("undo_plan", {"version": 1})]),
    ("scale it", [("resync_plan", {"how": "scale"})]),
    ("keep it as it is", [("resync_plan", {"how": "keep"})]),
    ("optimise it again", [("resync_plan", {"how": "optimize"})]),
    ("what changed since approval?", [("changes_since_approval", {})]),
    ("what has changed since the plan was approved?", [("changes_since_approval", {})]),
    ("copy the Spring campaign to September", [("copy_campaign", {"campaign": "Spring", "start": "2027-09-01"})]),
    (
        'copy "Spring Launch" as "Autumn Launch" to 1 October to 15 November',
        [
            (
                "copy_campaign",
                {"campaign": "Spring Launch", "name": "Autumn Launch", "start": "2027-10-01", "end": "2027-11-15"},
            )
        ],
    ),
    ("duplicate the campaign", [("copy_campaign", {})]),
    ('copy the plan to "Autumn" in proportion', [("copy_plan", {"to_campaign": "Autumn", "scale": True})]),
    ("run the planning workflow", [("run_planning_workflow", {})]),
    ("how is the job doing?", [("job_status", {})]),
    ("is it done yet?", [("job_status", {})]),
    ("cancel the job", [("cancel_job", {})]),
]
