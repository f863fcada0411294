import itertools
from datetime import UTC, datetime

import pytest

from domain.errors import DomainError, InvalidInput
from domain.tenants import Permission, Role, Tenant, TenantProfile, TenantSettings
from domain.users import Email, User

NOW = datetime(2027, 1, 5, tzinfo=UTC)


def test_each_role_has_the_rights_of_those_before_it() -> None:
    rights = [role.permissions for role in Role]
    assert all(fewer < more for fewer, more in itertools.pairwise(rights))
    assert Role.OWNER.permissions == frozenset(Permission)


@pytest.mark.parametrize(
    ("role", "permission", "has"),
    [
        (Role.VIEWER, Permission.CAMPAIGN_WRITE, False),
        (Role.ANALYST, Permission.JOB_RUN, True),
        (Role.ANALYST, Permission.PLAN_WRITE, False),
        (Role.PLANNER, Permission.PLAN_WRITE, True),
        (Role.PLANNER, Permission.SETTINGS_WRITE, False),
        (Role.ADMIN, Permission.PLAN_APPROVE, True),
        (Role.ADMIN, Permission.TENANT_MANAGE, False),
    ],
)
def test_the_table_of_roles(role: Role, permission: Permission, has: bool) -> None:
    assert (permission in role.permissions) is has


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"timezone": "Mars/Olympus"}, "unknown_timezone"),
        ({"locale": "e"}, "unknown_locale"),
        ({"locale": "en_US!"}, "unknown_locale"),
        ({"default_currency": "XXQ"}, "unknown_currency"),
        ({"fiscal_year_start": 13}, "bad_month"),
    ],
)
def test_settings_that_nobody_could_use_are_refused(wrong: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        TenantSettings(**wrong)  # type: ignore[arg-type]  # wrong on purpose
    assert refused.value.code == code


def test_adopting_settings_tells_what_changed() -> None:
    profile = TenantProfile(Tenant.found("Acme", NOW).id)
    change = profile.adopt(TenantSettings(timezone="Europe/Berlin"))
    assert (change.before, change.after) == ({"timezone": "UTC"}, {"timezone": "Europe/Berlin"})
    assert profile.version == 2


def test_addresses_are_compared_without_case() -> None:
    assert Email.of("  Ada@Example.COM ") == Email.of("ada@example.com")
    assert User.register(Email.of("ada@example.com"), " Ada ", "hash", NOW).name == "Ada"


@pytest.mark.parametrize(
    "typed",
    ["", "ada", "ada@", "@example.com", "ada@example", "a da@example.com", "a@b@example.com", f"{'a' * 250}@x.io"],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(DomainError, match="e-mail"):
        Email.of(typed)
