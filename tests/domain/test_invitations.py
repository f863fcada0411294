"""Invitations and links for a new password: for one address, good once, for a time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Conflict, Forbidden
from domain.ids import TenantId, UserId, new_id
from domain.invitations import (
    INVITATION_LIFETIME,
    RESET_LIFETIME,
    Invitation,
    PasswordReset,
    new_invitation_id,
)
from domain.tenants import Role
from domain.users import Email

NOW = datetime(2027, 1, 5, tzinfo=UTC)
BEN = Email.of("ben@example.com")


def written(role: Role = Role.PLANNER, by_role: Role = Role.ADMIN) -> Invitation:
    invitation, change = Invitation.write(
        new_invitation_id(), TenantId(new_id()), BEN, role, "digest", by=UserId(new_id()), by_role=by_role, now=NOW
    )
    assert (change.action, change.object_id, change.version) == ("member.invited", invitation.id, 1)
    assert change.after == {"email": "ben@example.com", "role": role}
    return invitation


def test_an_invitation_waits_a_week() -> None:
    invitation = written()
    assert (invitation.created_at, invitation.expires_at) == (NOW, NOW + INVITATION_LIFETIME)
    assert (invitation.accepted_at, invitation.accepted_by, invitation.revoked_at) == (None, None, None)


@pytest.mark.parametrize("by_role", [role for role in Role if role is not Role.OWNER])
def test_only_an_owner_invites_owners(by_role: Role) -> None:
    with pytest.raises(Forbidden) as refused:
        written(Role.OWNER, by_role)
    assert refused.value.code == "owner_only"
    assert written(Role.OWNER, Role.OWNER).role is Role.OWNER


def test_accepting_says_who_came() -> None:
    invitation, ben = written(), UserId(new_id())
    change = invitation.accept(ben, Email.of(" Ben@Example.com"), NOW + timedelta(days=1))
    assert (invitation.accepted_at, invitation.accepted_by) == (NOW + timedelta(days=1), ben)
    assert (change.action, change.object_id, change.version) == ("member.accepted", invitation.id, 2)
    assert change.after == {"user_id": str(ben), "role": Role.PLANNER}


def test_somebody_else_cannot_accept_it() -> None:
    invitation = written()
    with pytest.raises(Forbidden) as refused:
        invitation.accept(UserId(new_id()), Email.of("eve@example.com"), NOW)
    assert refused.value.code == "other_address"
    assert (invitation.accepted_at, invitation.version) == (None, 1)


def test_whose_address_it_is_does_not_matter_once_it_is_closed() -> None:
    """So a guesser learns nothing about an invitation that can't be used any more."""
    invitation = written()
    with pytest.raises(Conflict) as refused:
        invitation.accept(UserId(new_id()), Email.of("eve@example.com"), NOW + INVITATION_LIFETIME)
    assert refused.value.code == "invitation_expired"


def test_withdrawing_says_whose_it_was() -> None:
    invitation = written()
    change = invitation.revoke(NOW)
    assert (change.action, change.version, change.before) == (
        "member.invitation_revoked",
        2,
        {"email": "ben@example.com"},
    )
    assert invitation.revoked_at == NOW


@pytest.mark.parametrize("code", ["invitation_used", "invitation_revoked", "invitation_expired"])
def test_what_is_over_is_over(code: str) -> None:
    invitation, now = written(), NOW
    match code:
        case "invitation_used":
            invitation.accept(UserId(new_id()), BEN, now)
        case "invitation_revoked":
            invitation.revoke(now)
        case _:
            now = NOW + INVITATION_LIFETIME
    version = invitation.version
    attempts: list[Callable[[], object]] = [
        lambda: invitation.accept(UserId(new_id()), BEN, now),
        lambda: invitation.revoke(now),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.code == code
    assert invitation.version == version


def test_an_invitation_is_good_until_the_last_moment() -> None:
    invitation = written()
    invitation.must_be_open(NOW + INVITATION_LIFETIME - timedelta(microseconds=1))


def test_a_link_for_a_new_password_is_good_once_and_not_for_long() -> None:
    def link() -> PasswordReset:
        return PasswordReset.write(new_id(), UserId(new_id()), "digest", NOW)

    used = link()
    used.use(NOW + RESET_LIFETIME - timedelta(microseconds=1))
    assert (used.used_at, used.version) == (NOW + RESET_LIFETIME - timedelta(microseconds=1), 2)
    for reset, now in ((used, NOW), (link(), NOW + RESET_LIFETIME)):
        before = reset.used_at
        with pytest.raises(Conflict) as refused:
            reset.use(now)
        assert refused.value.code == "reset_expired"
        assert reset.used_at == before
