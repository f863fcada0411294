"""A role in one campaign: it adds rights there, and only those that concern a campaign."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import InvalidInput
from domain.grants import OF_A_CAMPAIGN, CampaignGrant
from domain.ids import CampaignId, TenantId, UserId, new_id
from domain.tenants import Permission, Role

NOW = datetime(2027, 1, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
BEN, SPRING = UserId(new_id()), CampaignId(new_id())

OF_THE_TENANT = {
    *(Permission.SESSION_USE, Permission.MEMBER_MANAGE, Permission.GRANT_MANAGE, Permission.DELEGATION_MANAGE),
    *(Permission.SETTINGS_WRITE, Permission.AUDIT_READ, Permission.TOKEN_MANAGE, Permission.TENANT_MANAGE),
}


def given(role: Role, expires_at: datetime | None = None) -> CampaignGrant:
    grant, change = CampaignGrant.give(
        TenantId(new_id()), BEN, SPRING, role, by=UserId(new_id()), now=NOW, expires_at=expires_at
    )
    assert (change.action, change.object_id, change.version) == ("grant.given", grant.id, 1)
    assert change.after == {"user_id": str(BEN), "campaign_id": str(SPRING), "role": role}
    return grant


def test_every_right_is_a_campaigns_or_the_tenants() -> None:
    assert set(Permission) - OF_A_CAMPAIGN == OF_THE_TENANT


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OWNER])
def test_a_grant_gives_what_its_role_may_do_with_a_campaign(role: Role) -> None:
    rights = given(role).permissions(NOW)
    assert rights == role.permissions - OF_THE_TENANT
    assert Permission.CAMPAIGN_READ in rights


def test_a_campaign_has_no_owner_of_its_own() -> None:
    with pytest.raises(InvalidInput) as refused:
        given(Role.OWNER)
    assert (refused.value.code, refused.value.field) == ("bad_role", "role")


def test_a_grant_ends() -> None:
    grant = given(Role.PLANNER, NOW + HOUR)
    assert Permission.PLAN_WRITE in grant.permissions(NOW + HOUR - timedelta(microseconds=1))
    assert grant.permissions(NOW + HOUR) == frozenset()
    with pytest.raises(InvalidInput) as refused:
        given(Role.PLANNER, NOW)
    assert (refused.value.code, refused.value.field) == ("bad_expiry", "expires_at")


def test_withdrawing_says_what_it_was() -> None:
    grant = given(Role.ANALYST)
    change = grant.withdrawn()
    assert (change.action, change.object_id) == ("grant.withdrawn", grant.id)
    assert change.before == {"user_id": str(BEN), "campaign_id": str(SPRING), "role": Role.ANALYST}
