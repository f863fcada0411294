"""Entering a tenant: what somebody is there, by their role, their grants and the tenant's state."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.errors import Forbidden, NotFound
from domain.grants import OF_A_CAMPAIGN
from domain.ids import CampaignId, TenantId, UserId, new_id
from domain.tenants import Role, TenantStatus
from services.access_views import GrantStanding, InvitationStanding, Standing, TenantOfUser, TokenStanding
from services.actor import Origin
from services.sign_in import SignIn
from tests.fakes.clock import FakeClock

ADA = UserId(new_id())
ACME, SUSPENDED, ERASED = (TenantId(new_id()) for _ in range(3))
LASTING, ENDING = (CampaignId(new_id()) for _ in range(2))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class OnePerson:
    """Ada: an analyst at Acme, with two campaigns of her own there, and a member of tenants that have ended."""

    async def credentials(self, email: str) -> tuple[UserId, str] | None:
        return None

    async def tenants_of(self, user_id: UserId) -> list[TenantOfUser]:
        return []

    async def standing(self, user_id: UserId, tenant_id: UUID) -> Standing | None:
        if user_id != ADA:
            return None
        status = {ACME: TenantStatus.ACTIVE, SUSPENDED: TenantStatus.SUSPENDED, ERASED: TenantStatus.ERASED}
        grants = [
            GrantStanding(campaign_id=LASTING, role=Role.PLANNER, expires_at=None),
            GrantStanding(campaign_id=ENDING, role=Role.VIEWER, expires_at=NOW + timedelta(hours=1)),
        ]
        known = status.get(TenantId(tenant_id))
        return Standing(tenant_name="Acme", status=known, role=Role.ANALYST, grants=grants) if known else None

    async def service_token(self, digest: str) -> TokenStanding | None:
        return None

    async def invitation(self, digest: str) -> InvitationStanding | None:
        return None

    async def all_tenants(self) -> list[TenantId]:
        return []

    async def erased_tenants(self) -> list[TenantId]:
        return []


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def sign_in(clock: FakeClock) -> SignIn:
    return SignIn(OnePerson(), clock)


async def test_entering_gives_the_rights_of_the_role(sign_in: SignIn) -> None:
    origin = Origin(request_id="r1")
    actor = await sign_in.enter(ADA, ACME, origin)
    assert (actor.tenant_id, actor.user_id, actor.origin) == (ACME, ADA, origin)
    assert actor.permissions == Role.ANALYST.permissions


async def test_a_grant_counts_in_its_campaign_until_it_ends(sign_in: SignIn, clock: FakeClock) -> None:
    before = await sign_in.enter(ADA, ACME)
    assert before.grants == {
        LASTING: Role.PLANNER.permissions & OF_A_CAMPAIGN,
        ENDING: Role.VIEWER.permissions & OF_A_CAMPAIGN,
    }
    clock.advance(hours=1)
    assert (await sign_in.enter(ADA, ACME)).grants.keys() == {LASTING}


@pytest.mark.parametrize(
    ("user", "tenant"),
    [(ADA, TenantId(new_id())), (UserId(new_id()), ACME), (ADA, ERASED)],
    ids=["no membership", "nobody", "erased"],
)
async def test_a_tenant_that_is_none(sign_in: SignIn, user: UserId, tenant: TenantId) -> None:
    with pytest.raises(NotFound) as refused:
        await sign_in.enter(user, tenant)
    assert refused.value.code == "tenant_not_found"


async def test_a_suspended_tenant_is_there_but_shut(sign_in: SignIn) -> None:
    assert (await sign_in.standing(ADA, SUSPENDED)).status is TenantStatus.SUSPENDED
    with pytest.raises(Forbidden) as refused:
        await sign_in.enter(ADA, SUSPENDED)
    assert refused.value.code == "tenant_suspended"
