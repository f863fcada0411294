"""The word groups and slots that triggers are written with, and the way from a trigger to a regular expression."""

import re

from agents.language.people import PERSON, ROLE
from agents.language.shares import AMONG, EVENLY, IN_RATIO
from agents.language.utterance import Address, Amount, Name, Percent, Period, Version, placeholder
from domain.channels import Channel

_NOT_A_KIND = r"(?:to|in|on|of|for|from|the|with|by|at|and|then|or|is|are|if|because)\b"
_WISH = r"(?:need|wants?|do|like|plan|begin|give\s+me|get\s+me)(?=\s+(?:an?|another|one|new|some)\b)"
_ADJUST = (
    "increase|raise|boost|bump(?: up)?|grow|decrease|reduce|cut|lower|trim|drop|shrink|add|remove|delete|kill"
    "|lose|exclude"
    "|ditch|skip|scrap|eliminate|include|bring in|take out|get rid of|set|put|make|change|double|halve"
    "|also use|use also"
    "|allocate|stop"
)
_CHANGE = (
    "set|change|switch|update|use|make|increase|raise|lower|reduce|cut|move|push|bump|adjust|modify|correct"
    "|edit|put|extend"
    "|bring|shift|decrease|double|halve"
)

_THE = r"(?:\s+(?:the|an?|my|our|this|that|its|your|all|any|some|of|me|us)\b)*"
_PEOPLE = r"(?:teams?|members?|workspace|colleagues|tenant|organi[sz]ation|account|users?)"

WORDS = {
    "create": rf"(?:creat(?:e|ing)|make|making|set\s?up|setting\s+up|add|build|prepare|register|enter|{_WISH})",
    "launch": r"(?:launch|start|run|kick\s+off|begin)",
    "draft": (
        r"(?:draft|creat(?:e|ing)|make|build|prepare|propose|suggest|generate|write|develop|design|put\s+together"
        rf"|come\s+up\s+with|set\s?up|sketch|{_WISH})"
    ),
    "show": (
        r"(?:show(?:\s+me)?|see|view|display|print|list|open|give\s+me|get(?:\s+me)?|look\s+at|what(?:'?s|\s+is|\s+are)"
        r"|where(?:'s|\s+is)|pull\s+up|bring\s+up|tell\s+me(?:\s+about)?|check|read)"
    ),
    "run": r"(?:run|start|kick\s+off|launch|trigger|execute|do|begin|re-?run|fire(?:\s+(?:up|off))?)",
    "stop": r"(?:cancel|stop|abort|kill|end|terminate|halt)",
    "change": rf"(?:{_CHANGE})",
    "adjust": f"(?:{_ADJUST})".replace(" ", r"\s+"),
    "the": _THE,
    "a": r"(?:\s+(?:an?|another|one|new|our|my|some|the(?=\s+(?:new|next|first))|together))*",
    "some": rf"(?:\s+(?!{_NOT_A_KIND})[^\s,;.!?]{{1,40}}){{0,4}}?",
    "another": r"(?:(?:an?|another|an\s+extra|extra|some)\s+)",
    "sizing": r"(?:more|less|another|an\s+extra|only|money|on|to|for|into|in|budget)",
    "field": (
        r"(?:budgets?|dates?|flight|start(?:\s+date)?|end(?:\s+date)?|objective|goal|kpi|name|advertiser|product"
        r"|markets?)"
    ),
    "spend": r"(?:budgets?|spend(?:ing|s)?|money|costs?|allocation)",
    "group": r"(?:campaigns?|channels?|months?|status(?:es)?)",
    "metric": (
        r"(?:clicks?|impressions?|conversions?|views?|reach|visits?|leads?|sales|people|users|customers|traffic|grps?"
        r"|installs?|results?)"
    ),
    "cpa": r"(?:cpa|cpl|cost\s+per\s+(?:conversion|lead|acquisition|action|sale|order|click))",
    "close": r"(?:pause|black\s?out|skip|stop|close|go\s+dark|leave\s+out)",
    "beyond": r"(?:\s+(?:of|more|extra|additional|money|budget|spend|on\s+top))*\s+",
    "next": r"(?:the\s+next|another|an\s+extra|an\s+additional)",
    "need": (
        r"(?:need|take|cost|have\s+to\s+spend)\s+(?:for|to\s+(?:get|reach|bring|have|win|generate))(?:\s+(?:us|me))?"
    ),
    "untouched": r"(?:do(?:\s+not|n'?t)\s+(?:touch|change)|without\s+touching)",
    "between": r"(?:on|to|into|for|in|towards|from|off|of|out\s+of)",
    "do": r"(?:are|do|did|will|have|is)",
    "it": r"(?:it|this|that|the\s+(?:plan|campaign)|we|i)",
    "chat": r"(?:chat|session|conversation|thread)",
    "people": _PEOPLE,
    "fiscal": r"(?:fiscal|financial)",
    "listed": r"the\s+(?:first|second|third|fourth|fifth|last|other|old)",
    "proper": rf"(?:(?-i:[A-Z])[\w&'-]*|{placeholder(Name)})",
    "quoted": placeholder(Name),
    "something": r"\S+",
    "anything": r"[^,;.!?\n]{0,60}?",
    "phrase": r"[\w'& -]{1,40}?",
    "this_campaign": r"(?:it|(?:the|this|our|my|that)\b[\w'& -]{0,40}?\s*campaign)",
    "person": PERSON,
    "role": ROLE,
    "may": r"(?:may|can|could|should|shall|must|is\s+allowed\s+to|is\s+able\s+to|has\s+to)",
    "decide": r"(?:approve|sign\s+off|decide|spend|launch|commit|act|propose)",
    "work": r"(?:plan|edit|manage|work\s+on|change|see|view|read|look\s+at|analy[sz]e|administer)",
    "past": (
        r"(?:yesterday|today|recently|lately|(?:the\s+)?(?:last|past|previous)\s+\w+|\S+\s+\w+\s+ago"
        rf"|(?:on|in|between|during)?\s*{placeholder(Period)}|since(?!.{{0,30}}(?:version|plan|draft|{placeholder(Version)})))"
    ),
    "changed": (
        r"(?:changed|edited|launched|archived|deleted|removed|invited|touched|created|paused|resumed|cancell?ed)"
    ),
    "altered": r"(?:changed|did|done|edited|touched)",
    "take_back": r"(?:withdraw|revoke|remove|take\s+away|cancel|delete)",
    "limit": r"(?:delegations?|limits?|cap|approval\s+rights?)",
    "rights": r"(?:role|access|rights?|grant)",
    "share_out": r"(?:allocate|spread|split|distribute|divide)",
    "portions": f"(?:{IN_RATIO}|{EVENLY})",
    "among": AMONG,
    "file": r"(?:excel|xlsx|spreadsheet|workbook|json|csv|pdf|powerpoint|pptx?|slides?|docx?)",
    "in_one": rf"(?:on|in|for|to|from|of|at|over)(?!{_THE}\s*{_PEOPLE})",
    "figure": (
        r"(?:cp[mp]s?|ctrs?|cvrs?|vtrs?|viewability|(?:click(?:-?through)?|conversion|completion)\s+rates?|audience"
        r"(?:\s+size)?|frequency\s+caps?|benchmarks?)"
    ),
    "advertiser": r"(?:advertiser|client|customer)",
    "address": placeholder(Address),
    "amount": placeholder(Amount),
    "percent": placeholder(Percent),
    "channel": placeholder(Channel),
    "period": placeholder(Period),
    "version": placeholder(Version),
}


def _led(words: str) -> str:
    """Behind a look at its first letter: most places of a text begin with none of the alternatives, and ask no more.
    For groups of which every alternative begins with a letter."""
    letters = {alternative.removeprefix("(?:")[0] for alternative in words.removeprefix("(?:").split("|")}
    return f"(?=[{''.join(filter(str.isalpha, sorted(letters)))}]){words}"


_LED = {name: _led(WORDS[name]) for name in ("create", "launch", "draft", "show", "run", "stop", "change", "adjust")}
_CLASS = re.compile(r"\[((?:\{\w+\})+)\]")


def expanded(trigger: str) -> str:
    """The trigger as a regular expression, without its ^ and its word borders; [{amount}{percent}] is any one of these
    slots."""
    whole, plain = trigger.startswith("^^"), trigger.lstrip("^")
    plain = re.sub(r"\((?!\?)", "(?:", plain).replace(" ?", r"\s*").replace(" ", r"\s+")
    joined = _CLASS.sub(
        lambda slots: f"[{''.join(WORDS[name][1:-1] for name in re.findall(r'[a-z]+', slots[1]))}]", plain
    )
    whole_words = joined.replace("{the}{some}", "{the}+{some}")  # of which the first group gives nothing to the second
    words = whole_words.format_map(WORDS | _LED)
    return rf"\A\W*{words}\W*\Z" if whole else words
