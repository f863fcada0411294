"""Which of the tenant's names a person meant."""

import unicodedata
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from services.queries import CampaignMatch

CLOSE_ENOUGH = 0.6
MOST_MATCHES = 20
_SHORT = 3  # letters; as a part of something longer, less than that says nothing


def nearest(text: str, named: Iterable[CampaignMatch]) -> list[CampaignMatch]:
    """Those at least CLOSE_ENOUGH to the text, best first, each with its score. Case and accents don't count.

    Of equal scores, what is not archived comes first, then the shorter name: it leaves less unsaid.
    """
    matches = list(named)
    scored = process.extract(
        text,
        [match.name for match in matches],
        scorer=_similarity,
        processor=_plain,
        score_cutoff=CLOSE_ENOUGH,
        limit=MOST_MATCHES,
    )
    found = [matches[index].model_copy(update={"score": round(score, 4)}) for _, score, index in scored]
    return sorted(found, key=lambda match: (-match.score, match.archived, len(match.name), match.id))


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def _similarity(one: str, other: str, *, score_cutoff: float | None = None) -> float:
    """1 for the same name; less for the same words, then for all the words of the one in the other, then for a part."""
    if one == other:
        return 1.0
    if min(len(one), len(other)) < _SHORT:
        return 0.0
    words, some_words, part = (
        fuzz.token_sort_ratio(one, other),
        fuzz.token_set_ratio(one, other),
        fuzz.partial_ratio(one, other),
    )
    return max(0.98 * words, 0.95 * some_words, 0.9 * part) / 100
