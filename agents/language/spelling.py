"""Clean text: no control characters, straight quotes, and the typos in the words the product lives on put right."""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA

LONGEST_READ = 20_000

_KEYWORDS = """
campaign campaigns budget budgets channel channels create created search social display draft plan plans optimise
optimize optimisation optimization workflow forecast summary summarise summarize compare archive archived restore
launch pause resume cancel complete objective objectives awareness consideration traffic leads conversions
conversion sales advertiser product markets version versions settings timezone currency locale members sessions
rename schedule minimum maximum increase decrease reduce remove spend january february march april august
september october november december monday tuesday wednesday thursday friday saturday sunday week weeks month
months quarter million thousand facebook instagram youtube linear connected podcast billboards influencer
affiliate newsletter impressions clicks status overview change changes changed keep fixed invite invited invitation
approve approved approval request requests analyst planner viewer delegation withdraw workspace
"""
WORDS = _KEYWORDS.split()
_REAL_WORDS = """
conversation conversations lunch cause causes planes place places chance chances charge plant plants plane spent
speed speeds monthly marc marched planned draught drafts search searches sale leaders leader lead loads product
products restored canceled paused resumed launched completed clocks cliques social socials keeps deep weeks weak
spending display displays channel chancel chanel changed changing charged compares compared march april created
creates crate crates sends spends budged friday mixed texted market marks marketing scale scales statue status
members member remember analyse analyze analysis analytics viewed planned planted withdrawn withdraws withdrew
delegating delegated approves invites
"""
_KNOWN = frozenset(WORDS) | frozenset(_REAL_WORDS.split())
_TOKEN = re.compile(r"[A-Za-z]{4,16}")
_UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ue000-\uf8ff]")
_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "−": "-", "\t": " "})


def clean(text: str) -> str:
    """At most LONGEST_READ characters, composed, without control and private-use characters, quotes straight."""
    return _UNREADABLE.sub(" ", unicodedata.normalize("NFC", text[:LONGEST_READ])).translate(_STRAIGHT)


def corrected(text: str) -> str:
    """Words one slip away from a word of the product become that word; capitalised ones only when they are long.

    One slip is one letter wrong, missing, doubled or swapped (optimal string alignment); words from ten letters may
    have two.
    """
    return _TOKEN.sub(lambda match: _spelt(match[0]), text)


@lru_cache(maxsize=4096)
def _spelt(word: str) -> str:
    plain = word.lower()
    if (
        plain in _KNOWN
        or plain.removesuffix("s") in _KNOWN
        or len(plain) < 5
        or (word[0].isupper() and not word.isupper() and len(plain) < 7)
    ):
        return word
    slips = 2 if len(plain) >= 10 else 1
    near = (
        w for w in WORDS if w[0] == plain[0] and len(w) >= 5 and OSA.distance(w, plain, score_cutoff=slips) <= slips
    )
    best = min(near, key=lambda w: (OSA.distance(w, plain), w), default=None)
    if best is None:
        return word
    return best.upper() if word.isupper() else best.capitalize() if word[0].isupper() else best
