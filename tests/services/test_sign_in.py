from uuid import UUID

import pytest

from domain.errors import Forbidden, NotFound, Unauthenticated
from domain.ids import TenantId, UserId, new_id
from domain.tenants import Role
from services.actor import Origin
from services.queries import TenantOfUser
from services.sign_in import SignIn

ADA, ACME, SUSPENDED = UserId(new_id()), TenantId(new_id()), TenantId(new_id())


class CountingHasher:
    """Reversed text as the hash; remembers what it was asked to verify."""

    def __init__(self) -> None:
        self.hashed: list[str] = []
        self.verified: list[str] = []

    async def hash(self, password: str) -> str:
        self.hashed.append(password)
        return password[::-1]

    async def matches(self, password: str, hashed: str) -> bool:
        self.verified.append(password)
        return password[::-1] == hashed


class OneAccount:
    """Ada, an analyst at Acme and a member of a suspended tenant."""

    async def credentials(self, email: str) -> tuple[UserId, str] | None:
        return (ADA, "secret"[::-1]) if email == "ada@example.com" else None

    async def tenants_of(self, user_id: UserId) -> list[TenantOfUser]:
        return []

    async def role_in(self, user_id: UserId, tenant_id: UUID) -> Role | None:
        if tenant_id == SUSPENDED:
            raise Forbidden("Suspended.", code="tenant_suspended")
        return Role.ANALYST if (user_id, tenant_id) == (ADA, ACME) else None


@pytest.fixture
def hasher() -> CountingHasher:
    return CountingHasher()


@pytest.fixture
def sign_in(hasher: CountingHasher) -> SignIn:
    return SignIn(OneAccount(), hasher)


@pytest.mark.parametrize("typed", ["ada@example.com", "  ADA@Example.com "])
async def test_the_right_password_tells_who_it_is(sign_in: SignIn, typed: str) -> None:
    assert await sign_in.with_password(typed, "secret") == ADA


async def test_a_wrong_password_and_an_unknown_account_get_the_same_answer_after_the_same_work(
    sign_in: SignIn, hasher: CountingHasher
) -> None:
    answers = []
    for email in ("nobody@example.com", "ada@example.com", "nobody@example.com"):
        with pytest.raises(Unauthenticated) as refused:
            await sign_in.with_password(email, "guess")
        answers.append((refused.value.code, refused.value.message, refused.value.field, refused.value.details))
    assert answers[0] == answers[1] == answers[2]
    assert hasher.verified == ["guess"] * 3
    assert len(hasher.hashed) == 1


async def test_the_decoys_own_password_opens_nothing(sign_in: SignIn, hasher: CountingHasher) -> None:
    with pytest.raises(Unauthenticated):
        await sign_in.with_password("nobody@example.com", "x")
    (decoy,) = hasher.hashed
    with pytest.raises(Unauthenticated):
        await sign_in.with_password("nobody@example.com", decoy)


async def test_entering_gives_the_rights_of_the_role(sign_in: SignIn) -> None:
    origin = Origin(request_id="r1")
    actor = await sign_in.enter(ADA, ACME, origin)
    assert (actor.tenant_id, actor.user_id, actor.origin) == (ACME, ADA, origin)
    assert actor.permissions == Role.ANALYST.permissions


async def test_a_tenant_without_membership_is_none(sign_in: SignIn) -> None:
    for user, tenant in ((ADA, TenantId(new_id())), (UserId(new_id()), ACME)):
        with pytest.raises(NotFound) as refused:
            await sign_in.enter(user, tenant)
        assert refused.value.code == "tenant_not_found"
    with pytest.raises(Forbidden):
        await sign_in.enter(ADA, SUSPENDED)
