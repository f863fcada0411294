"""Which request is meant: by its code, by words of what it asks for, by who asked, or as the only one that waits."""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from domain.approvals import ApprovalStatus
from domain.errors import InvalidInput, NotFound
from domain.ids import ApprovalId
from services.access_views import ApprovalFilter, ApprovalView
from services.actor import Actor
from services.queries import Queries
from services.read_models import PageRequest

_CODE = re.compile(r"\s*(?:R-?)?(?P<code>[0-9a-f]{6})\s*", re.I)
_ID = re.compile(r"\s*[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\s*", re.I)
_EVERYDAY = frozenset({"the", "a", "an", "of", "for", "to", "by", "from", "in", "request", "approval", "one", "my"})
_SURE, _CLOSE = 85.0, 5.0  # of 100
_STEM = 5  # letters
_MOST = 200  # requests that are looked through
_SHOWN = 5


def code_of(approval_id: ApprovalId) -> str:
    """How people call a request: the last digits of its id."""
    return f"R-{approval_id.hex[-6:].upper()}"


async def request_meant(queries: Queries, actor: Actor, said: str | None, *, mine: bool = False) -> ApprovalView:
    """Of those that wait and that this person may see; another id is none. Asks back, as a refusal, rather than guess.

    `mine` looks among the person's own requests alone; otherwise those of others come first.
    """
    wanted = ApprovalFilter(status=ApprovalStatus.PENDING, mine=mine)
    waiting = (await queries.approvals(actor, wanted, PageRequest(limit=_MOST))).items
    if not waiting:
        raise NotFound("Nothing of yours waits." if mine else "Nothing waits for approval.", code="nothing_waits")
    if said is None:
        others = [one for one in waiting if one.requested_by != actor.user_id]
        return _only(waiting if mine else others or waiting, "Several requests wait")
    return _only(_matching(waiting, said), f"Several requests match “{said}”", missing=said)


def listed(requests: Sequence[ApprovalView]) -> str:
    return "; ".join(
        f"{number}. {one.title} ({code_of(one.id)}, asked by {one.requester})" for number, one in enumerate(requests, 1)
    )


def _only(found: Sequence[ApprovalView], several: str, missing: str = "") -> ApprovalView:
    if not found:
        raise NotFound(f"No request that waits is like “{missing}”.", code="request_not_found", field="request")
    if len(found) > 1:
        more = "; and more" if len(found) > _SHOWN else ""
        raise InvalidInput(f"{several}: {listed(found[:_SHOWN])}{more}. Which one?", code="ambiguous", field="request")
    return found[0]


def _matching(waiting: Sequence[ApprovalView], said: str) -> list[ApprovalView]:
    if _ID.fullmatch(said):
        return [one for one in waiting if str(one.id) == said.strip().lower()]
    if (code := _CODE.fullmatch(said)) and (
        found := [one for one in waiting if code_of(one.id)[2:] == code["code"].upper()]
    ):
        return found
    scores = [(_likeness(one, said), one) for one in waiting]
    best = max(score for score, _ in scores)
    return [one for score, one in scores if score >= max(best - _CLOSE, _SURE)]


def _likeness(request: ApprovalView, said: str) -> float:
    """How much of what was said is in the request, word by word, whatever else it is about."""
    words = [word for word in re.findall(r"[\w@.+-]+", said.casefold()) if word not in _EVERYDAY]
    known = re.findall(r"[\w@.+-]+", f"{request.title} {request.requester}".casefold())
    if not words or not known:
        return 0.0
    return sum(max(_same(word, other) for other in known) for word in words) / len(words)


def _same(word: str, other: str) -> float:
    """Words of one stem are the same: the invitation is what asks to invite."""
    if len(word) >= _STEM and other.startswith(word[:_STEM]):
        return 100.0
    return fuzz.ratio(word, other)
