"""Every request the offline model understands, one row each.

Of triggers (see `triggers`) that begin at the same place the upper row wins. docs/offline-model.md lists the rows; a
test compares the two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from agents.language.clause import Args, Clause
from agents.language.requests import (
    approvals,
    audit,
    documents,
    imports,
    insights,
    long_work,
    people,
    plan_questions,
    planning,
    scenarios,
    settings,
    terms,
    versions,
    workspace,
)
from agents.language.requests.triggers import TRIGGERS

Owner = Literal["workspace", "planning", "insights"]

CONSTRAINT: Final = "constraint"
"""Not a tool: belongs to the draft, the optimisation or the question beside it; alone it is an optimisation."""


@dataclass(frozen=True, slots=True)
class Row:
    """`read` gives the tool's arguments; `example` is what a person may say."""

    tool: str
    owner: Owner
    read: Callable[[Clause], Args]
    example: str

    @property
    def triggers(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in TRIGGERS[self.tool].strip().splitlines())


ROWS: tuple[Row, ...] = (
    Row(CONSTRAINT, "planning", planning.optimize_plan, "At least 50k on search"),
    Row(
        "set_benchmark",
        "planning",
        terms.set_benchmark,
        "Set our search CPM in Germany to 85 EUR, source: 2026 actuals",
    ),
    Row("remove_benchmark", "planning", terms.remove_benchmark, "Remove our search benchmark in Germany"),
    Row("list_benchmarks", "planning", terms.list_benchmarks, "Show our benchmarks"),
    Row("create_advertiser", "workspace", terms.create_advertiser, "Create an advertiser called Contoso"),
    Row(
        "update_advertiser",
        "workspace",
        terms.update_advertiser,
        "Northwind pays 2 % ad serving and 10 % commission",
    ),
    Row("list_advertisers", "workspace", terms.list_advertisers, "Show our advertisers"),
    Row("show_advertiser", "workspace", terms.show_advertiser, "Show the advertiser Northwind"),
    Row("sweep_budgets", "planning", long_work.sweep_budgets, "Compare budgets from 200k to 400k in 5 steps"),
    Row("plan_year", "planning", long_work.plan_year, "Plan the year by month, December 50% stronger"),
    Row("save_scenario", "planning", scenarios.save_scenario, "Save this as scenario A"),
    Row("compare_scenarios", "planning", scenarios.compare_scenarios, "Compare A and B"),
    Row("promote_scenario", "planning", scenarios.one_scenario, "Promote B"),
    Row("delete_scenario", "planning", scenarios.one_scenario, "Delete scenario A"),
    Row("list_scenarios", "planning", scenarios.list_scenarios, "Show the scenarios"),
    Row("what_would_more_buy", "planning", plan_questions.what_would_more_buy, "What would 10% more buy?"),
    Row("cheapest_budget", "planning", plan_questions.cheapest_budget, "Cheapest budget for 2,000 leads"),
    Row("rank_lines", "planning", plan_questions.rank_lines, "Which line is worth more money?"),
    Row("show_reach", "planning", plan_questions.show_reach, "Show reach and frequency of the plan"),
    Row("commit_import", "planning", imports.commit_import, "Go ahead"),
    Row("preview_import", "planning", imports.preview_import, "Import the attached plan"),
    Row("what_if", "planning", planning.what_if, "What if we only had 300k?"),
    Row("changes_since_approval", "planning", versions.changes_since_approval, "What changed since approval?"),
    Row("undo_plan", "planning", versions.undo_plan, "Undo to version 2"),
    Row("resync_plan", "planning", versions.resync_plan, "Scale it"),
    Row("copy_campaign", "workspace", versions.copy_campaign, "Copy the Spring campaign to September"),
    Row("copy_plan", "planning", versions.copy_plan, "Copy the plan to “Autumn”"),
    Row("run_planning_workflow", "planning", planning.run_planning_workflow, "Run the planning workflow"),
    Row("cancel_job", "planning", planning.of_campaign, "Cancel the job"),
    Row("job_status", "planning", planning.of_campaign, "How is the job doing?"),
    Row("show_changes", "workspace", audit.show_changes, "Show me what changed yesterday"),
    Row("revoke_invitation", "workspace", people.revoke_invitation, "Revoke the invitation of sam@example.com"),
    Row("invite_member", "workspace", people.invite_member, "Invite sam@example.com as analyst"),
    Row("list_invitations", "workspace", workspace.nothing, "Which invitations are open?"),
    Row("withdraw_request", "workspace", approvals.withdraw_request, "Withdraw my request"),
    Row(
        "withdraw_campaign_role",
        "workspace",
        people.withdraw_campaign_role,
        "Noor may no longer plan the Spring campaign",
    ),
    Row("withdraw_delegation", "workspace", approvals.withdraw_delegation, "Withdraw Priya's delegation"),
    Row("set_delegation", "workspace", approvals.set_delegation, "Let Priya approve up to 100k"),
    Row("list_delegations", "workspace", workspace.nothing, "Show the delegations"),
    Row("submit_plan", "planning", planning.submit_plan, "Submit the plan for approval"),
    Row("who_can_approve", "workspace", approvals.who_can_approve, "Who can approve over 100k?"),
    Row("list_approvals", "workspace", approvals.list_approvals, "What is waiting for approval?"),
    Row("set_conditions", "workspace", approvals.set_conditions, "Approve if the budget is at most 200k"),
    Row("approve_request", "workspace", approvals.approve_request, "Approve the launch of Spring"),
    Row("deny_request", "workspace", approvals.deny_request, "Deny it: too expensive"),
    Row("grant_campaign_role", "workspace", people.grant_campaign_role, "Let Noor plan the Spring campaign"),
    Row("list_grants", "workspace", people.list_grants, "Show the campaign roles"),
    Row("change_member_role", "workspace", people.change_member_role, "Make Priya an admin"),
    Row("remove_member", "workspace", people.remove_member, "Remove Tomás from the workspace"),
    Row("rename_session", "workspace", workspace.rename_session, "Rename this chat to Northwind spring"),
    Row("change_settings", "workspace", settings.change_settings, "Set our timezone to Europe/Berlin"),
    Row(
        "create_campaign",
        "workspace",
        workspace.create_campaign,
        "Create a spring campaign for Northwind, $250k, March to April, conversions",
    ),
    Row("draft_plan", "planning", planning.draft_plan, "Draft a plan on search, social and CTV"),
    Row("export_plan", "planning", documents.export_plan, "Export the plan to Excel"),
    Row("show_chart", "planning", documents.show_chart, "Show a chart of the weeks"),
    Row("compare_plans", "planning", planning.compare_plans, "Compare v1 and v2"),
    Row("revise_plan", "planning", planning.revise_plan, "Move 20k from search to social"),
    Row("update_campaign", "workspace", workspace.update_campaign, "Change the budget to 300k"),
    Row(
        "optimize_plan", "planning", planning.optimize_plan, "Keep CTV fixed, at least 50k on search, optimise the rest"
    ),
    Row("budget_overview", "insights", insights.budget_overview, "Budget by month"),
    Row("forecast", "insights", insights.forecast, "How many clicks will we get?"),
    Row("plan_summary", "insights", insights.plan_summary, "Summarise the plan"),
    Row("show_plan", "planning", planning.show_plan, "Show version 2 of the plan"),
    Row("list_members", "workspace", workspace.nothing, "Who is on the team?"),
    Row("list_sessions", "workspace", workspace.nothing, "List my chats"),
    Row("show_settings", "workspace", workspace.nothing, "Show our settings"),
    Row("list_campaigns", "workspace", workspace.list_campaigns, "Show my campaigns"),
    Row("archive_campaign", "workspace", workspace.archive_campaign, "Archive the old one"),
    Row("restore_campaign", "workspace", workspace.restore_campaign, "Restore Northwind"),
    Row("move_campaign", "workspace", workspace.move_campaign, "Cancel it because the client left"),
    Row("open_campaign", "workspace", workspace.open_campaign, "Open Northwind"),
    Row("show_campaign", "workspace", workspace.show_campaign, "Show the Northwind campaign"),
)

BY_TOOL = {row.tool: row for row in ROWS}
TOOLS = tuple(tool for tool in BY_TOOL if tool != CONSTRAINT)

READS = frozenset(
    {
        "list_campaigns", "show_campaign", "list_members", "list_sessions", "show_settings", "what_if", "show_plan",
        "compare_plans", "job_status", "plan_summary", "forecast", "budget_overview", "list_invitations",
        "list_benchmarks", "list_advertisers", "show_advertiser",
        "list_delegations", "list_grants", "who_can_approve", "list_approvals", "show_changes",
        "changes_since_approval", "show_chart", "list_scenarios", "compare_scenarios", "what_would_more_buy",
        "cheapest_budget", "rank_lines", "show_reach", "preview_import",
    }
)  # fmt: skip
"""Tools that change nothing."""

OF_ADMINS = frozenset(
    {
        "invite_member", "list_invitations", "revoke_invitation", "change_member_role", "remove_member",
        "grant_campaign_role", "withdraw_campaign_role", "list_grants", "set_delegation", "withdraw_delegation",
        "approve_request", "deny_request", "set_conditions", "show_changes", "change_settings",
    }
)  # fmt: skip
"""Tools that members below an administrator don't have."""
