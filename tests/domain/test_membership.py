"""Tenants from their founding to their end, and the members they always keep."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from domain.changes import Change
from domain.errors import Conflict, DomainError, Forbidden, IllegalMove, InvalidInput
from domain.ids import TenantId, UserId, new_id
from domain.tenants import Membership, Role, Tenant, TenantSettings, TenantStatus
from domain.users import Email, User

NOW = datetime(2027, 1, 5, tzinfo=UTC)
HIGH = [Role.ADMIN, Role.OWNER]

Move = Callable[[Tenant], Change]
MOVES: dict[str, tuple[Move, dict[TenantStatus, TenantStatus]]] = {
    "suspend": (Tenant.suspend, {TenantStatus.ACTIVE: TenantStatus.SUSPENDED}),
    "resume": (Tenant.resume, {TenantStatus.SUSPENDED: TenantStatus.ACTIVE}),
    "erase": (
        Tenant.erase,
        {TenantStatus.ACTIVE: TenantStatus.ERASED, TenantStatus.SUSPENDED: TenantStatus.ERASED},
    ),
}


def member(role: Role) -> Membership:
    membership, change = Membership.join(TenantId(new_id()), UserId(new_id()), role, NOW)
    assert (change.action, change.object_id, change.version) == ("member.joined", membership.user_id, 1)
    assert change.after == {"role": role}
    return membership


def code_of(attempt: Callable[[], object]) -> str | None:
    try:
        attempt()
    except DomainError as refusal:
        return refusal.code
    return None


def test_a_tenant_is_founded_active() -> None:
    tenant = Tenant.found("  Größe & Söhne 🌷 ", NOW)
    assert (tenant.name, tenant.status, tenant.version) == ("Größe & Söhne 🌷", TenantStatus.ACTIVE, 1)
    assert tenant.founded().after == {"name": tenant.name}
    assert tenant.exported().action == "tenant.exported"
    with pytest.raises(InvalidInput):
        Tenant.found(" ", NOW)


@pytest.mark.parametrize("status", TenantStatus)
@pytest.mark.parametrize("move", MOVES)
def test_every_move_from_every_state(move: str, status: TenantStatus) -> None:
    tenant = Tenant.found("Acme", NOW)
    tenant.status = status
    act, arrows = MOVES[move]
    if status in arrows:
        change = act(tenant)
        assert (tenant.status, tenant.version, change.version) == (arrows[status], 2, 2)
        assert (change.before, change.after) == ({"status": status}, {"status": arrows[status]})
        return
    with pytest.raises(IllegalMove) as refused:
        act(tenant)
    assert refused.value.code == f"tenant_{status}"
    assert (tenant.status, tenant.version, tenant.name) == (status, 1, "Acme")


def test_an_erased_tenant_keeps_no_name() -> None:
    tenant = Tenant.found("Ada Lovelace Consulting", NOW)
    change = tenant.erase()
    assert (tenant.name, change.action) == ("Erased", "tenant.erased")
    assert "Ada" not in repr(change)


def test_an_erased_person_keeps_nothing_but_the_id() -> None:
    ada = User.register(Email.of("ada@example.com"), "Ada", "hash", NOW)
    ada.take_password("another hash")
    assert (ada.password_hash, ada.version) == ("another hash", 2)
    ada.erase()
    assert (ada.name, ada.password_hash, ada.version) == ("Erased", None, 3)
    assert str(ada.id) in str(ada.email)
    assert str(ada.email).endswith(".invalid")


@pytest.mark.parametrize(("old", "new"), list(itertools.permutations(Role, 2)))
@pytest.mark.parametrize("by", HIGH)
def test_only_an_owner_makes_or_unmakes_owners(by: Role, old: Role, new: Role) -> None:
    membership = member(old)
    refused = by is not Role.OWNER and Role.OWNER in (old, new)
    code = code_of(lambda: membership.change_role(new, by=by, owners=2))
    assert code == ("owner_only" if refused else None)
    assert (membership.role, membership.version) == ((old, 1) if refused else (new, 2))


def test_a_change_of_role_says_from_what_to_what() -> None:
    membership = member(Role.VIEWER)
    change = membership.change_role(Role.ANALYST, by=Role.ADMIN, owners=1)
    assert (change.action, change.object_id) == ("member.role_changed", membership.user_id)
    assert (change.before, change.after) == ({"role": Role.VIEWER}, {"role": Role.ANALYST})
    with pytest.raises(Conflict) as refused:
        membership.change_role(Role.ANALYST, by=Role.ADMIN, owners=1)
    assert refused.value.code == "same_role"


@pytest.mark.parametrize("owners", [0, 1])
def test_the_last_owner_neither_leaves_nor_steps_down(owners: int) -> None:
    membership = member(Role.OWNER)
    for attempt in (
        lambda: membership.change_role(Role.ADMIN, by=Role.OWNER, owners=owners),
        lambda: membership.leave(by=Role.OWNER, owners=owners),
    ):
        assert code_of(attempt) == "last_owner"
    assert (membership.role, membership.version) == (Role.OWNER, 1)
    assert membership.leave(by=Role.OWNER, owners=2).before == {"role": Role.OWNER}


def test_an_admin_takes_out_everybody_but_owners() -> None:
    for role in Role:
        if role is Role.OWNER:
            with pytest.raises(Forbidden):
                member(role).leave(by=Role.ADMIN, owners=3)
        else:
            assert member(role).leave(by=Role.ADMIN, owners=1).action == "member.removed"


def test_a_limit_below_which_people_approve_their_own_requests_is_in_the_tenants_currency() -> None:
    settings = TenantSettings(default_currency="JPY", self_approval_limit_minor=5_000)
    assert (settings.self_approval_limit.minor, settings.self_approval_limit.currency) == (5_000, "JPY")
    with pytest.raises(InvalidInput) as refused:
        TenantSettings(self_approval_limit_minor=-1)
    assert refused.value.code == "bad_limit"
