"""Tokens for machines: never more than their maker, for a limited time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Conflict, Forbidden, InvalidInput
from domain.ids import ServiceTokenId, TenantId, UserId, new_id
from domain.service_tokens import LONGEST, ServiceToken
from domain.tenants import Permission, Role

NOW = datetime(2027, 1, 5, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
READS = [Permission.CAMPAIGN_READ, Permission.PLAN_READ]


def written(
    scopes: Sequence[Permission] = READS, *, name: str = "Nightly export", lasts: timedelta = LONGEST
) -> ServiceToken:
    token, change = ServiceToken.write(
        ServiceTokenId(new_id()),
        TenantId(new_id()),
        name,
        scopes,
        "digest of the secret",
        by=UserId(new_id()),
        rights=Role.ADMIN.permissions,
        expires_at=NOW + lasts,
        now=NOW,
    )
    assert (change.action, change.object_id, change.version) == ("token.created", token.id, 1)
    assert change.after == {"name": token.name, "scopes": token.scopes}
    assert token.token_digest == "digest of the secret"
    assert "digest" not in repr(change)
    return token


def test_a_token_has_the_scopes_it_was_given_each_once() -> None:
    token = written([Permission.PLAN_READ, Permission.CAMPAIGN_READ, Permission.PLAN_READ], name="  Größe 🌷 ")
    assert (token.name, token.scopes) == ("Größe 🌷", READS)


def test_nobody_hands_on_more_than_they_have() -> None:
    with pytest.raises(Forbidden) as refused:
        written([*READS, Permission.TENANT_MANAGE])
    assert (refused.value.code, refused.value.details) == ("scope_beyond_own", {"scopes": ["tenant:manage"]})


def test_a_token_without_scopes_is_good_for_nothing() -> None:
    with pytest.raises(InvalidInput) as refused:
        written([])
    assert refused.value.code == "no_scopes"


@pytest.mark.parametrize("lasts", [timedelta(0), -INSTANT, LONGEST + INSTANT], ids=["now", "before", "too long"])
def test_every_token_ends(lasts: timedelta) -> None:
    with pytest.raises(InvalidInput) as refused:
        written(lasts=lasts)
    assert (refused.value.code, refused.value.field) == ("bad_expiry", "expires_at")


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\nb"])
def test_a_token_has_a_name_that_people_can_read(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        written(name=name)
    assert refused.value.field == "name"


def test_a_token_is_good_until_it_ends_or_is_revoked() -> None:
    token = written(lasts=timedelta(days=1))
    assert token.good(NOW + timedelta(days=1) - INSTANT)
    assert not token.good(NOW + timedelta(days=1))
    change = token.revoke(NOW)
    assert not token.good(NOW)
    assert (change.action, change.version, change.before) == ("token.revoked", 2, {"name": "Nightly export"})
    with pytest.raises(Conflict) as refused:
        token.revoke(NOW + INSTANT)
    assert (refused.value.code, token.revoked_at, token.version) == ("token_revoked", NOW, 2)
