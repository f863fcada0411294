"""Arguments of the planning agent's tools."""

import re
from dataclasses import replace
from decimal import Decimal

from agents.language import constraints, flights, goals, portions, revisions, shares
from agents.language.clause import ASK, CHANNELS, PCT, VERSION, A, Args, C, Clause
from agents.language.numbers import plain
from agents.language.portions import as_limits
from agents.language.references import campaign
from agents.language.utterance import Amount, Percent

_AND = r"(?:and|with|to|vs\.?|versus|against)"
_WITHOUT = re.compile(rf"\b(?:without|except|excluding|but not|not|no|minus)\s+(?:on\s+)?({CHANNELS})", re.I)
_LESS = re.compile(
    (
        rf"(?:-\s?{PCT}|{PCT}\s*(?:of the budget\s+)?(?:less|lower|smaller|fewer|down|cut)|\b(?:cut|reduce[ds]?"
        rf"|decrease[ds]?|lower(?:ed)?|drop(?:ped)?|shrank|less|lost|lose|minus)\b.*?{PCT})"
    ),
    re.I,
)
_DIFFERENCE = re.compile(
    (
        rf"{A}\s*(?:more|extra|less|fewer|on top|additional)|\b(?:another|an extra|extra|additional"
        rf"|increase[ds]? by|add(?:ed)?|by)\s+{A}"
    ),
    re.I,
)
_FOR_APPROVAL = re.compile(r"\b(?:for\s+(?:an?\s+|the\s+)?approval|approval\s+(?=of|for))\b", re.I)
_FACTORS = (
    ("100", r"\b(?:double[ds]?|twice)\b"),
    ("-50", r"\b(?:halve[ds]?|half)\b"),
    ("200", r"\b(?:triple[ds]?|three times)\b"),
)
_SUM = rf"{A}(?!\s*(?:more|less|extra|(?:in\s+)?total|overall|together|budget)\b)"
_THE_REST = re.compile(r"\bthe\s+(?:rest|others?|remaining|remainder)\b", re.I)
_GONE = re.compile(
    rf"\b(?:drop(?:ped)?|remove[ds]?|cut|left out|skip(?:ped)?|without|no|stopp?(?:ed)?)\s+({CHANNELS})"
    rf"(?!\s*(?:by\s+)?(?:{PCT}|{A}))",
    re.I,
)
_OF_ONE = re.compile(
    rf"{C}\s+(?:by\s+{PCT}|(?:gets?|has|had)\s+{PCT}\s+(?:more|less))"
    rf"|{PCT}\s+(?:more|less|fewer)\s+(?:on|for|to|in|into)\s+(?:the\s+)?{C}",
    re.I,
)


def draft_plan(clause: Clause) -> Args:
    args, rest = constraints.read(clause)
    args.pop("keep", None)
    sums, _ = _fixed_sums(clause, rest, args)
    args |= sums
    args |= as_limits(shares.exact(clause, rest), args)
    without = {c for match in _WITHOUT.finditer(rest) for c in clause.channels_in(match[1])}
    channels = [c for c in clause.channels if c not in without]
    if not channels and clause.has(r"\b(?:same|current|existing)\s+channels\b"):
        channels = list(clause.context.channels_of_plan)
    args["channels"] = [c.value for c in channels] or ASK
    if flighting := flights.shape(rest):
        args["flighting"] = flighting
    named = replace(clause, text=shares.without_portions(rest))
    return args | campaign(named, verb=r"(?<!\ba )(?<!\bthe )(?:plan|draft)")


def revise_plan(clause: Clause) -> Args:
    """Weeks first: "stop CTV in the last week of April" removes no channel."""
    weeks, text = flights.read(clause)
    dates, text = flights.dates_of_lines(replace(clause, text=text))
    changes, text = revisions.read(replace(clause, text=text))
    args = _joined_flights(weeks, flights.read_shape(replace(clause, text=text)))
    if changes or dates or not args:
        args["changes"] = [*changes, *dates] or ASK
    return args | campaign(clause, r"(?:plan|campaign)\s+(?:for|of)|for|of", r"in(?=\s+(?-i:[A-Z]))")


def _joined_flights(weeks: Args, shape: Args) -> Args:
    both = [*weeks.get("flights", []), *shape.get("flights", [])]
    return {**shape, **({"flights": both} if both else {})}


def optimize_plan(clause: Clause) -> Args:
    goal, text = goals.read(clause, clause.text)
    args, rest = constraints.read(replace(clause, text=text))
    args |= goal
    args |= as_limits(shares.exact(clause, rest), args)
    if "keep" not in args and _THE_REST.search(rest) and (held := _held_before(clause)):
        args["keep"] = held
    budget = clause.utterance.values(rest, Amount)
    if budget:
        args["budget"] = clause.money(budget[0])
    return args | campaign(replace(clause, text=rest), verb=r"optimi[sz]e")


def what_if(clause: Clause) -> Args:
    """A budget, a change of it in percent, or limits; ASK for the budget when nothing to try was said."""
    weeks, text = flights.read(clause)
    goal, text = goals.read(clause, text)
    args, rest = constraints.read(replace(clause, text=text))
    args |= goal | _joined_flights(weeks, flights.read_shape(replace(clause, text=rest)))
    sums, rest = _fixed_sums(clause, rest, args)
    args |= sums
    args |= _without(clause, rest, args)
    rest = _GONE.sub(" ", rest)
    fixed = [] if _LESS.search(rest) or _OF_ONE.search(rest) else shares.exact(clause, rest)
    args |= as_limits(fixed, args)
    if fixed or _OF_ONE.search(rest):  # what is of one line is no change of the whole
        rest = re.sub(PCT, " ", rest)
    args |= _whole_budget(clause, rest)
    if not args:
        args["budget"] = ASK
    return args | campaign(clause, r"campaign|plan\s+for")


def _without(clause: Clause, rest: str, args: Args) -> Args:
    """Nothing for the channels that are dropped."""
    gone = [c for match in _GONE.finditer(rest) for c in clause.channels_in(match[1])]
    if not gone or args.get("maximums") is ASK:
        return {}
    none = clause.money(Amount(Decimal(0)))
    return {"maximums": [*args.get("maximums", []), *({"channel": c.value, "amount": none} for c in gone)]}


def _whole_budget(clause: Clause, rest: str) -> Args:
    percents = clause.utterance.values(rest, Percent)
    amounts = clause.utterance.values(_DIFFERENCE.sub(" ", rest), Amount)
    if percents:
        percent = -percents[0].value if _LESS.search(rest) else percents[0].value
        return {"budget_percent": plain(percent)} if -100 < percent <= 1000 else {"budget": ASK}
    if amounts:
        return {"budget": clause.money(amounts[-1])}
    factor = next((value for value, words in _FACTORS if re.search(words, rest, re.I)), None)
    return {"budget_percent": factor} if factor else {}


def show_plan(clause: Clause) -> Args:
    return campaign(clause, r"for|of") | _version(clause)


def compare_plans(clause: Clause) -> Args:
    versions = clause.versions
    if len(versions) == 1 and (second := clause.has(rf"{VERSION}\s+{_AND}\s+(\d{{1,3}})\b")):
        versions = [*versions, int(second[1])]
    elif len(versions) < 2 and (bare := clause.has(rf"\b(\d{{1,3}})\s+{_AND}\s+(\d{{1,3}})\b")):
        versions = [int(bare[1]), int(bare[2])]
    args = dict(zip(("first", "second"), [number for number in versions if number][:2], strict=False))
    return campaign(clause, r"for|of") | args


def submit_plan(clause: Clause) -> Args:
    text = _FOR_APPROVAL.sub(" ", clause.text)
    return campaign(replace(clause, text=text), r"for|of|campaign", r"submit")


def run_planning_workflow(clause: Clause) -> Args:
    channels = [c.value for c in clause.channels]
    return campaign(clause) | ({"channels": channels} if channels else {})


def of_campaign(clause: Clause) -> Args:
    return campaign(clause)


def _fixed_sums(clause: Clause, rest: str, args: Args) -> tuple[Args, str]:
    """After "60k on search" the channel gets that, no more and no less; and the text without such sums.

    A sum for several together is no limit.
    """
    said, rest = portions.read(rest, _SUM, alone=False)
    sums = {
        channels[0].value: clause.money(size) for where, size in said if len(channels := clause.channels_in(where)) == 1
    }
    return as_limits([{"channel": channel, "amount": amount} for channel, amount in sums.items()], args), rest


def _held_before(clause: Clause) -> list[str]:
    """What the draft that this message asked for just before gives an amount or a share of its own."""
    tool, args = clause.before[-1] if clause.before else ("", {})
    least, most = args.get("minimums"), args.get("maximums")
    return [one["channel"] for one in least if one in most] if tool == "draft_plan" and least and most else []


def _version(clause: Clause) -> Args:
    return {"version": clause.versions[-1]} if clause.versions and clause.versions[-1] else {}
