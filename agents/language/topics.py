"""Messages that ask for no tool: small talk, "why?", questions about the last result, and what nobody can do here."""

import re

from agents.language.intent import Topic
from agents.language.memory import Memory
from agents.language.requests.table import READS
from agents.language.utterance import Utterance
from domain.channels import Channel

_END = (
    r"(?:[\s!.,?…]|\b(?:there|all|everyone|again|team|you|guys|a lot|so much|very much|bot|mate|dear|and|for"
    r"|that|the|help|everything|please|now|today|it|is|was|great|perfect|good|nice|cool|ok|okay|thanks|me"
    r"|out)\b|[^\w\s])*$"
)
_SMALL_TALK: tuple[tuple[Topic, str], ...] = (
    (
        "greeting",
        (
            r"^\W*(?:hi+|hello+|hey+|hiya|howdy|yo|good (?:morning|afternoon|evening|day)|greetings|moin|servus"
            r"|how are you|what'?s up|how'?s it going|how is it going)\b"
        )
        + _END,
    ),
    (
        "thanks",
        (
            r"^\W*(?:(?:ok(?:ay)?|great|perfect|cool|nice|super|awesome|excellent)\W+)*(?:thanks?|thank you|thx|cheers"
            r"|ta|great|perfect|cool|nice|awesome|excellent|well done|good job|ok(?:ay)?|lovely|wonderful|brilliant"
            r"|got it)\b"
        )
        + _END,
    ),
    ("goodbye", r"^\W*(?:bye|goodbye|good night|see you|see ya|ciao|later)\b" + _END),
    (
        "identity",
        (
            r"\b(?:who|what) (?:are|r) (?:you|u)\b(?!\s+(?:doing|going))|\b(?:what|which) (?:model|llm|ai)\b"
            r"|\bare you (?:an? )?(?:ai|bot|human|robot|real|gpt|chatgpt|claude|llm|model|person)\b|\byour name\b"
            r"|\bwho (?:made|built) you\b"
        ),
    ),
    (
        "help",
        r"^\W*(?:please\s+)?(?:help|\?+|commands?|menu|what now|examples?)\b"
        + _END
        + (
            r"|\bwhat (?:can|could|do) (?:you|i|we) (?:do|help|say|ask)\b|\bhow (?:does this|do you|does it) work\b"
            r"|\bhow can you help\b|\bwhat are you able\b|\bcan you help\b"
        ),
    ),
    (
        "dropped",
        (
            r"^\W*(?:no\W+)?(?:never ?mind|forget (?:it|about it|that)|nothing|skip it|drop it|leave it|cancel that"
            r"|no,? thanks?(?: you)?|not now|stop)\W*$"
        ),
    ),
    (
        "why",
        (
            r"^\W*(?:but |and |so )*(?:why(?: not| is that| was that| did (?:it|that|you)\b.*)?|how come|what happened"
            r"|what went wrong|what'?s wrong|what does that mean)\W*$"
        ),
    ),
    (
        "cannot",
        (
            r"^\W*(?:(?:please|can you|could you|i want to|just)\s+)*(?:delete|erase|wipe|undo"
            r"|export|download|upload|import|buy|book|e-?mail|send|translate|share|revert|roll ?back|copy|duplicate)\b"
        ),
    ),
)
_ELSEWHERE = re.compile(
    r"\b(?:suspend|resume|erase|delete|wipe|close|export|download|back\s?up|hand\s+over)\s+(?:\w+\s+){0,3}?"
    r"(?:workspace|tenant|organi[sz]ation|account|(?:our|my|the)\s+(?:company|data)|data)\b(?!'?s?\s+(?:campaign|plan))"
    r"|\b(?:create|make|issue|generate|get|give|need|want|revoke|rotate|list|show|add|new)\b(?:\s+\w+){0,4}?"
    r"\s+(?:(?:service|api|access|machine)[\s-]+(?:token|key)s?)\b",
    re.I,
)
_PATTERNS = [(topic, re.compile(pattern, re.I)) for topic, pattern in _SMALL_TALK]
_QUESTION = re.compile(
    (
        r"^\W*(?:and |so |but |ok |okay |then |well )*(?:(?:what|how much|how many|which|when|where|who|is|are"
        r"|does|do|did|will|what'?s|whats|remind me|tell me|on|for)\b)|\?\s*$"
    ),
    re.I,
)
_KEYS: tuple[tuple[str, str, str], ...] = (
    (r"\btotals?\b|\ball together\b|\bin all\b|\boverall\b|\bsum\b", r"total", "show_plan"),
    (r"\bclicks?\b", r"clicks?", "forecast"),
    (r"\bimpressions?\b", r"impressions?", "forecast"),
    (r"\bconversions?\b", r"conversions?", "forecast"),
    (r"\breach\b", r"reach", "forecast"),
    (r"\bbudget\b|\bmoney\b", r"budget", "show_campaign"),
    (r"\bstatus\b", r"status|draft|planned|approved|live|paused|completed|cancelled", "show_campaign"),
    (r"\bobjective\b|\bgoal\b", r"objective|awareness|consideration|traffic|leads|conversions|sales", "show_campaign"),
    (r"\bkpi\b", r"kpi", "show_campaign"),
    (r"\bwhen\b|\bdates?\b|\bflight\b|\b(?:start|end)s?\b", r"\d{4}-\d\d-\d\d", "show_campaign"),
    (r"\bchannels\b", r"channels?", "show_plan"),
)
MOST_LINES = 3
_PART = re.compile(r"\n|(?<=[.!?])\s+|;\s+|:\s+(?=[A-Z])")


def small_talk(text: str) -> Topic | None:
    """The topic of a message without instruction."""
    if not text.strip():
        return "empty"
    return next((topic for topic, pattern in _PATTERNS if pattern.search(text[:400])), None)


def is_elsewhere(text: str) -> bool:
    """Whether it asks for what is done with care outside a conversation: the workspace as a whole, service tokens."""
    return bool(_ELSEWHERE.search(text[:400]))


def question(utterance: Utterance) -> tuple[str, str] | None:
    """(pattern of the lines that answer, tool that knows otherwise) of a question about figures; None for others."""
    if not _QUESTION.search(utterance.text):
        return None
    channels = utterance.values(utterance.text, Channel)
    if channels:
        names = "|".join(re.escape(name) for c in channels for name in {c.label, c.value, c.value.replace("_", " ")})
        return rf"\b(?:{names})\b", "show_plan"
    return next(((lines, tool) for words, lines, tool in _KEYS if re.search(words, utterance.text, re.I)), None)


def lines_with(pattern: str, memory: Memory) -> tuple[str, ...]:
    """Lines of the latest results that answer; none from before the last change, which may have made them untrue."""
    for step in reversed(memory.steps[-6:]):
        if step.refused:
            continue
        lines = matching(pattern, step.result)
        if lines:
            return lines
        if step.tool not in READS:
            return ()
    return ()


def matching(pattern: str, result: str) -> tuple[str, ...]:
    """The parts of a result that match: lines, sentences, or the items between semicolons."""
    parts = (part.strip(" :-•*") for part in _PART.split(result))
    return tuple(part for part in parts if re.search(pattern, part, re.I))[:MOST_LINES]
