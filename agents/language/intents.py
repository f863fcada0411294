"""From a message to the tool calls it asks for: `understand`, and `owner_of` for the supervisor's routing."""

import re
from datetime import date

from agents.language import clauses, corrections, questions, references, shares, topics
from agents.language.clause import ASK, A, Args, Clause
from agents.language.clauses import Found
from agents.language.context import Context
from agents.language.intent import Intent, Reading, intent
from agents.language.memory import Memory, Step
from agents.language.portions import as_limits
from agents.language.requests import people
from agents.language.requests.table import BY_TOOL, Owner, Row
from agents.language.spelling import LONGEST_READ
from agents.language.tagging import tagged
from agents.language.utterance import Utterance

MOST_QUESTIONS = 4
"""How many questions in a row are followed back to the instruction they belong to."""

_OPTIMISES = re.compile(r"\b(?:re-?)?(?:optimi|balance|allocat)|\b(?:split|mix)\b", re.I)
_ANSWERS = {
    "create_campaign": {"update_campaign", "what_if"},
    "update_campaign": {"update_campaign", "what_if"},
    "draft_plan": {"optimize_plan", "revise_plan"},
    "optimize_plan": {"optimize_plan"},
    "what_if": {"optimize_plan", "revise_plan", "update_campaign"},
    "set_delegation": {"optimize_plan", "revise_plan"},
    "set_conditions": {"optimize_plan", "revise_plan", "update_campaign"},
}
_SAYS_KIND = re.compile(
    r"^\W*(?:(?:they|he|she)\s+(?:may|can|should)\b|(?:only|just)\b)|\bothers\b|^\W*(?:approve|spend|propose|act)\W*$",
    re.I,
)
_ANYWHERE = Context(today=date(2000, 1, 1))
_NO_STEP = Step("", {})


def understand(text: str, context: Context, memory: Memory | None = None) -> list[Intent]:
    """The tool calls a message asks for, in the order they were said; for those with `missing`, ask first."""
    return list(read(text, context, memory).intents)


def owner_of(text: str, context: Context | None = None) -> Owner | None:
    """The agent of the first instruction in the message; None when there is none that stands on its own.

    Neither the day nor the tenant's settings change whose it is, so the context may be left out.
    """
    row = clauses.first(tagged(text[:LONGEST_READ], context or _ANYWHERE))
    return row.owner if row else None


def read(text: str, context: Context, memory: Memory | None = None) -> Reading:
    """What a message asks for after the conversation in `memory`, which ends before the message."""
    memory = memory or Memory()
    return _read(text[:LONGEST_READ], context, memory, MOST_QUESTIONS)


def _read(text: str, context: Context, memory: Memory, depth: int) -> Reading:
    utterance = tagged(text, context)
    found = clauses.split(utterance)
    if len(found) <= 1 and topics.is_elsewhere(utterance.text):
        return Reading(topic="elsewhere")
    waiting = _waiting(context, memory, depth) if depth else []
    if found and not (waiting and _is_answer(waiting[0], found, utterance)):
        intents = _intents(found, utterance, context, memory)
        return _about_before(utterance, context, memory) if _only_corrects(intents, utterance) else Reading(intents)
    topic = topics.small_talk(utterance.text)
    if clauses.asks_how(utterance.text):
        topic = "help"
    if topic and not (waiting and topic in {"cannot", "greeting"} and waiting[0].missing):
        return Reading(topic=topic)
    if waiting:
        return Reading(_completed(waiting, text, utterance, context, memory))
    return _about_before(utterance, context, memory)


def _intents(found: list[Found], utterance: Utterance, context: Context, memory: Memory) -> tuple[Intent, ...]:
    """Each clause read with what the earlier ones will have done; the same call twice in a row is one.

    What follows an unfinished campaign ("Budget is 90k. It runs in May.") finishes it.
    """
    intents: list[Intent] = []
    begun = ""
    for one in found:
        row, text = one.row, one.text
        if row.tool == "update_campaign" and intents and intents[-1].tool == "create_campaign" and intents[-1].missing:
            row, text = BY_TOOL["create_campaign"], f"{begun}, {text}"
            intents.pop()
        begun = text
        clause = Clause(text, utterance, context, memory, tuple((done.tool, done.args) for done in intents))
        for read in _each(row, clause):
            if not intents or (intents[-1].tool, intents[-1].args) != (read.tool, read.args):
                intents.append(read)
    return tuple(intents)


def _each(row: Row, clause: Clause) -> list[Intent]:
    """Several people invited at once are as many calls; everything else is one."""
    if row.tool == "invite_member":
        return [intent(row.tool, args, said=clause.said) for args in people.invitations(clause)]
    return [_intent(row, clause)]


def _intent(row: Row, clause: Clause) -> Intent:
    args = row.read(clause)
    if row.tool == "revise_plan" and _says_no_size(args) and (fixed := shares.exact(clause, clause.text)):
        where = {key: value for key, value in args.items() if key == "campaign"}
        return intent("optimize_plan", {**as_limits(fixed, {}), **where}, said=clause.said)
    if row.tool == "move_campaign" and args.get("reason") is ASK and _means_job(clause):
        return intent("cancel_job", {}, said=clause.said)
    return intent(row.tool, args, said=clause.said)


def _says_no_size(args: Args) -> bool:
    """The change of a plan that is to be "search to 40%"."""
    changes = args.get("changes")
    return changes is ASK or any(change.get("amount") is ASK for change in changes or ())


def _means_job(clause: Clause) -> bool:
    """Said right after starting a job, "cancel it" stops the job: the campaign would need a reason."""
    last = clause.before[-1][0] if clause.before else (clause.memory.last_step or _NO_STEP).tool
    return last in {"run_planning_workflow", "job_status", "sweep_budgets", "plan_year"} and bool(
        clause.has(r"\b(?:it|that|this)\b|^\W*\w+\W*$")
    )


def _only_corrects(intents: tuple[Intent, ...], utterance: Utterance) -> bool:
    """Something like "no, at least 60k" says too little for a request of its own."""
    return len(intents) == 1 and bool(intents[0].missing) and corrections.is_second_thought(utterance.text)


def _waiting(context: Context, memory: Memory, depth: int) -> list[Intent]:
    """The instructions that the last reply asked a question about, from the first that lacks something."""
    last = memory.turns[-1] if memory.turns else None
    if last is None or not last.replied.rstrip().endswith("?"):
        return []
    asked = _read(last.said[:LONGEST_READ], context, Memory(memory.turns[:-1]), depth - 1).intents
    first = next((i for i, one in enumerate(asked) if one.missing), None)
    return list(asked[first:]) if first is not None else []


def _is_answer(asked: Intent, found: list[Found], utterance: Utterance) -> bool:
    """Saying "the budget is 250k" is an instruction of its own, unless the budget was what had been asked for."""
    if asked.tool == "revise_plan":
        return bool(re.match(rf"\W*(?:by\s+)?{A}", utterance.text, re.I))
    if "kind" in asked.missing and _SAYS_KIND.search(utterance.text):
        return True
    if _OPTIMISES.search(utterance.text):
        return False
    return all(one.row.tool in _ANSWERS.get(asked.tool, ()) for one in found)


def _completed(
    waiting: list[Intent], text: str, utterance: Utterance, context: Context, memory: Memory
) -> tuple[Intent, ...]:
    intents: list[Intent] = []
    for number, one in enumerate(waiting):
        if number and one.said == waiting[0].said:
            continue  # people invited together are read together
        said = one.said if intents else questions.completed(one, text, utterance)
        joined = tagged(said, context)
        clause = Clause(joined.text, joined, context, memory, tuple((done.tool, done.args) for done in intents))
        intents += _each(BY_TOOL[one.tool], clause)
    return tuple(intents)


def _about_before(utterance: Utterance, context: Context, memory: Memory) -> Reading:
    """A question about the last result, or a correction of the last call."""
    clause = Clause(utterance.text, utterance, context, memory)
    if not (clause.amounts or clause.percents) and (asked := topics.question(utterance)):
        lines, tool = asked
        if found := topics.lines_with(lines, memory):
            return Reading(topic="recall", found=found)
        return Reading((intent(tool, references.campaign(clause), focus=lines, said=clause.said),))
    if corrected := corrections.correction(clause):
        tool, args = corrected
        return Reading((intent(tool, args, said=clause.said),))
    return Reading(topic="vague" if clause.amounts or clause.channels else "unknown")
