"""Who and until when: a member by name, and a day as the moment it ends."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from rapidfuzz import fuzz

from domain.errors import DomainError, InvalidInput, NotFound
from services.access_views import MemberView
from services.actor import Actor
from services.queries import Queries

_NEAR = 75.0  # of 100: a name that may have been meant, so it is asked about
_ONESELF = frozenset({"me", "myself"})


async def member_meant(queries: Queries, actor: Actor, said: str, field: str = "member") -> MemberView:
    """The member of that name or address. Asks back, as a refusal, rather than guess; `field` names the argument."""
    if said.casefold().strip() in _ONESELF:
        return await queries.member(actor, actor.user_id)
    try:
        return await queries.member_named(actor, said)
    except NotFound as error:
        return _nearest(await queries.members(actor), said, field, error)
    except InvalidInput as error:
        raise InvalidInput(error.message, code=error.code, field=field) from error


async def end_of(queries: Queries, actor: Actor, last_day: date | None) -> datetime | None:
    """The moment after a day of the workspace's calendar."""
    if last_day is None:
        return None
    zone = (await queries.settings(actor)).settings.zone
    return datetime.combine(last_day + timedelta(days=1), time.min, zone)


def _nearest(members: Sequence[MemberView], said: str, field: str, error: DomainError) -> MemberView:
    """Whose name differs in its accents alone; a name that is only near is asked about."""
    wanted = _plain(said)
    same = [member for member in members if wanted in (_plain(member.name), *_plain(member.name).split())]
    if wanted and len(same) == 1:
        return same[0]
    best = max(members, key=lambda member: fuzz.WRatio(wanted, _plain(member.name)), default=None)
    if best and wanted and fuzz.WRatio(wanted, _plain(best.name)) >= _NEAR:
        raise InvalidInput(
            f"Nobody here is called “{said}”. Did you mean “{best.name}” ({best.email})?", code="not_sure", field=field
        ) from error
    raise NotFound(f"Nobody here is called “{said}”.", code="member_not_found", field=field) from error


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFD", name.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())
