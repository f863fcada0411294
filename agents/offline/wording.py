"""What the offline model says. Figures come only from tool results; everything else is a fixed sentence."""

import re
from collections.abc import Sequence

from agents.language import topics
from agents.language.intent import Intent, Reading, Topic
from agents.language.memory import Memory, Step
from agents.language.questions import question
from agents.language.requests.table import OF_ADMINS
from agents.language.spelling import LONGEST_READ
from agents.offline.progress import Progress

EXAMPLES = (
    "Create a spring campaign for Northwind, $250k, March to April, conversions",
    "Draft a plan on search, social and CTV",
    "Keep CTV fixed, at least 50k on search, optimise the rest",
    "What if we only had 300k?",
    "Run the planning workflow",
    "Summarise the plan",
    "What is waiting for approval?",
    "Invite sam@example.com as analyst",
)
_EXAMPLES = "".join(f"\n- {example}" for example in EXAMPLES)
_OFFER = "You can ask for example:" + _EXAMPLES
_TALK: dict[Topic, str] = {
    "greeting": f"Hello! I plan media campaigns with you. For example: “{EXAMPLES[0]}”.",
    "thanks": "You're welcome.",
    "goodbye": "Goodbye. Everything is saved.",
    "dropped": "All right, I leave it as it is.",
    "identity": (
        "I am the offline rule-based model of this media planner: no language model, a table of requests that I "
        f"understand. {_OFFER}"
    ),
    "help": _OFFER,
    "elsewhere": (
        "That is not done in a conversation. An owner suspends, resumes, exports or erases the workspace, and an "
        "administrator makes service tokens, in the workspace's administration: on the page or over the HTTP API."
    ),
    "cannot": f"I can't do that. I can archive or cancel a campaign, and change plans. {_OFFER}",
    "vague": f"I did not understand what to do with that. Here is what I can do:{_EXAMPLES}",
    "empty": f"That message was empty. {_OFFER}",
    "unknown": f"I did not understand that. Here is what I can do:{_EXAMPLES}",
}
_MOST_ALONE, _MOST_BESIDE = 1200, 500  # characters of a result in the answer; the client has the whole as a table
_NAMES = {
    "create_campaign": "create the campaign",
    "update_campaign": "change the campaign",
    "list_campaigns": "list the campaigns",
    "open_campaign": "open the campaign",
    "show_campaign": "show the campaign",
    "move_campaign": "change the campaign's status",
    "archive_campaign": "archive the campaign",
    "restore_campaign": "restore the campaign",
    "list_members": "list the members",
    "invite_member": "invite them",
    "list_invitations": "list the invitations",
    "revoke_invitation": "revoke the invitation",
    "change_member_role": "change the member's role",
    "remove_member": "remove the member",
    "grant_campaign_role": "give the role in the campaign",
    "withdraw_campaign_role": "withdraw the role in the campaign",
    "list_grants": "list the roles in campaigns",
    "set_delegation": "set the delegation",
    "withdraw_delegation": "withdraw the delegation",
    "list_delegations": "list the delegations",
    "who_can_approve": "say who can approve",
    "list_approvals": "list the approvals",
    "approve_request": "approve the request",
    "deny_request": "deny the request",
    "set_conditions": "set conditions",
    "withdraw_request": "withdraw the request",
    "show_changes": "show what changed",
    "list_sessions": "list the chats",
    "rename_session": "rename this chat",
    "show_settings": "show the settings",
    "change_settings": "change the settings",
    "draft_plan": "draft the plan",
    "revise_plan": "change the plan",
    "optimize_plan": "optimise the plan",
    "what_if": "try that variation",
    "what_would_more_buy": "say what more would buy",
    "cheapest_budget": "find the cheapest budget",
    "rank_lines": "rank the lines",
    "show_reach": "show reach and frequency",
    "show_plan": "show the plan",
    "submit_plan": "submit the plan",
    "compare_plans": "compare the plans",
    "create_advertiser": "create the advertiser",
    "update_advertiser": "change the advertiser",
    "show_advertiser": "show the advertiser",
    "list_advertisers": "list the advertisers",
    "set_benchmark": "set the benchmark",
    "list_benchmarks": "list the benchmarks",
    "remove_benchmark": "remove the benchmark",
    "sweep_budgets": "compare the budgets",
    "plan_year": "plan the year",
    "save_scenario": "save the scenario",
    "list_scenarios": "list the scenarios",
    "compare_scenarios": "compare the scenarios",
    "promote_scenario": "promote the scenario",
    "delete_scenario": "delete the scenario",
    "undo_plan": "undo that",
    "resync_plan": "bring the plan in step",
    "copy_plan": "copy the plan",
    "copy_campaign": "copy the campaign",
    "changes_since_approval": "say what changed since the approval",
    "run_planning_workflow": "start the planning workflow",
    "job_status": "look at the job",
    "cancel_job": "cancel the job",
    "plan_summary": "summarise the plan",
    "forecast": "forecast the results",
    "budget_overview": "give the budget overview",
}
_REFUSED = re.compile(r"^\s*Refused\s*\((?P<code>[^),]*)[^)]*\)\s*:?\s*", re.I)
_BREAK = re.compile(r"\n|[.!?](?=\s)|;(?=\s)")
_WHO = '"Who can approve it?" says whom to ask.'
_HELP = {
    "own_request": _WHO,
    "delegation_too_small": _WHO,
    "request_not_found": '"What is waiting for approval?" lists what there is.',
    "member_not_found": '"Who is on the team?" lists the members.',
    "invitation_not_found": '"Which invitations are open?" lists them.',
    "grant_not_found": '"Show the campaign roles" lists them.',
    "delegation_not_found": '"Show the delegations" lists them.',
    "last_owner": "Make somebody else an owner first.",
    "owner_only": "An owner can do it.",
    "person_required": "",
    "untrusted_text": "",
    "unknown_currency": "Name the currency by its ISO code, for example USD or EUR.",
    "not_found": '"Show my campaigns" lists what there is.',
    "nothing_waits": 'To have a plan approved, say "submit the plan".',
    "not_permitted": "Somebody with that right can do it.",
    "ambiguous": "Tell me which one, by its name or its place in the list.",
    "stale_version": "Ask for the current state and try again.",
    "forbidden": "Somebody with that permission can do it.",
    "unavailable": "Trying again in a moment helps.",
    "session_busy": "Trying again in a moment helps.",
}
_ADVICE = 'Say it again with what should be different, for example "no, make it …".'


def talk(reading: Reading, memory: Memory) -> str:
    """The reply to a message that asks for no tool."""
    if reading.topic == "why":
        return _why(memory)
    if reading.topic == "recall":
        return "From the last result: " + _listed(reading.found)
    return _TALK.get(reading.topic, _TALK["unknown"])


def answer(progress: Progress, *, unreachable: bool = False, cut: bool = False) -> str:
    """What the turn did, what was refused and why, what was left undone, and what has to be asked."""
    done = [(intent, step) for intent, step in progress.done if not step.refused and step.answered]
    parts = [_result(intent, step, alone=len(done) == 1) for intent, step in done]
    parts += [_refusal(intent, step) for intent, step in progress.done if step.refused]
    parts += [
        f"I got no answer when I tried to {_NAMES[intent.tool]}." for intent, step in progress.done if not step.answered
    ]
    if progress.skipped:
        parts.append(f"So I did not {_joined([_NAMES[intent.tool] for intent in progress.skipped])}.")
    if cut:
        parts.append(f"I read only the first {LONGEST_READ:,} characters of the message.")
    if progress.next and unreachable:
        who = " An administrator or an owner can do that." if progress.next.tool in OF_ADMINS else ""
        name = _NAMES[progress.next.tool]
        parts.append(f"I can't {name}: the tool for it is not available here, or not to you.{who}")
    elif progress.next:
        parts.append(question(progress.next))
    return "\n\n".join(parts)


def _result(intent: Intent, step: Step, *, alone: bool) -> str:
    text = step.result.strip()
    if intent.focus and (lines := topics.matching(intent.focus, text)):
        return _listed(lines)
    if not text:
        return f"Done: I could {_NAMES.get(step.tool, step.tool)}."
    return shortened(text, _MOST_ALONE if alone else _MOST_BESIDE)


def _refusal(intent: Intent, step: Step) -> str:
    found = _REFUSED.match(step.result)
    reason = step.result[found.end() :].strip() if found else step.result.strip()
    code = found["code"].strip().lower() if found else ""
    advice = next((words for known, words in _HELP.items() if known in code), _ADVICE)
    advice = "" if reason.endswith("?") or not advice else f" {advice}"
    return f"I could not {_NAMES.get(intent.tool, intent.tool)}: {_sentence(reason) or 'it was refused.'}{advice}"


def _why(memory: Memory) -> str:
    last = memory.last_step
    if last is None:
        return "Nothing was done yet in this conversation that I could explain. " + _OFFER
    if last.refused:
        return f"Because it was refused: {_sentence(_REFUSED.sub('', last.result))}"
    reasons = topics.matching(
        r"\b(?:because|reason|due to|since|limit|minimum|maximum|saturat|marginal|assum)", last.result
    )
    return _listed(reasons) if reasons else f"The last result says all I know: {shortened(last.result, _MOST_BESIDE)}"


def shortened(text: str, most: int) -> str:
    """Whole lines, sentences and items up to the limit, so that no figure is cut in two."""
    if len(text) <= most:
        return text
    end = max((found.end() for found in _BREAK.finditer(text, 0, most)), default=0)
    return text[: end or text.rfind(" ", 0, most)].rstrip(" ;\n") + " …"


def _sentence(text: str) -> str:
    return text if not text or text[-1] in ".!?" else text + "."


def _listed(lines: Sequence[str]) -> str:
    return lines[0] if len(lines) == 1 else "\n" + "\n".join(f"- {line.lstrip('-•* ')}" for line in lines)


def _joined(parts: Sequence[str]) -> str:
    return " or ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
