"""Tenants, their settings, their members, and what each role may do."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from domain.changes import Change
from domain.errors import Conflict, Forbidden, IllegalMove, InvalidInput
from domain.ids import TenantId, UserId, new_id
from domain.money import Money, exponent
from domain.text import clean_line


class Permission(StrEnum):
    CAMPAIGN_READ = "campaign:read"
    PLAN_READ = "plan:read"
    PERFORMANCE_READ = "performance:read"
    JOB_READ = "job:read"
    SESSION_USE = "session:use"
    PERFORMANCE_IMPORT = "performance:import"
    INSIGHT_RUN = "insight:run"
    EXPORT_CREATE = "export:create"
    FILE_UPLOAD = "file:upload"
    JOB_RUN = "job:run"
    CAMPAIGN_WRITE = "campaign:write"
    CAMPAIGN_ARCHIVE = "campaign:archive"
    PLAN_WRITE = "plan:write"
    PLAN_SUBMIT = "plan:submit"
    PLAN_APPROVE = "plan:approve"
    MEMBER_MANAGE = "member:manage"
    GRANT_MANAGE = "grant:manage"
    DELEGATION_MANAGE = "delegation:manage"
    SETTINGS_WRITE = "settings:write"
    AUDIT_READ = "audit:read"
    TOKEN_MANAGE = "token:manage"
    TENANT_MANAGE = "tenant:manage"


class Role(StrEnum):
    VIEWER = "viewer"
    ANALYST = "analyst"
    PLANNER = "planner"
    ADMIN = "admin"
    OWNER = "owner"

    @property
    def permissions(self) -> frozenset[Permission]:
        """A role has its own rights and those of every role before it."""
        roles = list(Role)
        earned = roles[: roles.index(self) + 1]
        return frozenset(permission for role in earned for permission in _ADDED[role])


_ADDED: dict[Role, tuple[Permission, ...]] = {
    Role.VIEWER: (
        Permission.CAMPAIGN_READ,
        Permission.PLAN_READ,
        Permission.PERFORMANCE_READ,
        Permission.JOB_READ,
        Permission.SESSION_USE,
    ),
    Role.ANALYST: (
        Permission.PERFORMANCE_IMPORT,
        Permission.INSIGHT_RUN,
        Permission.EXPORT_CREATE,
        Permission.FILE_UPLOAD,
        Permission.JOB_RUN,
    ),
    Role.PLANNER: (
        Permission.CAMPAIGN_WRITE,
        Permission.CAMPAIGN_ARCHIVE,
        Permission.PLAN_WRITE,
        Permission.PLAN_SUBMIT,
    ),
    Role.ADMIN: (
        Permission.PLAN_APPROVE,
        Permission.MEMBER_MANAGE,
        Permission.GRANT_MANAGE,
        Permission.DELEGATION_MANAGE,
        Permission.SETTINGS_WRITE,
        Permission.AUDIT_READ,
        Permission.TOKEN_MANAGE,
    ),
    Role.OWNER: (Permission.TENANT_MANAGE,),
}


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """As `date.weekday()`: Monday is 0."""
        return list(Weekday).index(self)


@cache
def _timezones() -> frozenset[str]:
    """Reads some six hundred files, so once."""
    return frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class TenantSettings:
    """How this tenant reads and writes numbers, dates and money."""

    locale: str = "en-US"
    timezone: str = "UTC"
    default_currency: str = "USD"
    week_start: Weekday = Weekday.MONDAY
    fiscal_year_start: int = 1  # month
    self_approval_limit_minor: int = 0  # in the default currency; above it somebody else has to approve

    def __post_init__(self) -> None:
        exponent(self.default_currency)
        if self.timezone not in _timezones():
            raise InvalidInput(f"{self.timezone!r} is not a time zone.", code="unknown_timezone", field="timezone")
        parts = self.locale.split("-")
        if not (parts[0].isalpha() and len(parts[0]) in (2, 3) and all(p.isalnum() for p in parts)):
            raise InvalidInput(f"{self.locale!r} is not a locale like en-US.", code="unknown_locale", field="locale")
        if not 1 <= self.fiscal_year_start <= 12:
            raise InvalidInput(
                "The fiscal year starts in a month 1 to 12.", code="bad_month", field="fiscal_year_start"
            )

        if self.self_approval_limit_minor < 0:
            raise InvalidInput("A limit is not negative.", code="bad_limit", field="self_approval_limit")

    @property
    def self_approval_limit(self) -> Money:
        return Money(self.self_approval_limit_minor, self.default_currency)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class TenantStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"  # nobody enters; the data is kept
    ERASED = "erased"  # only the audit is left


@dataclass(eq=False)
class Tenant:
    id: TenantId
    name: str
    created_at: datetime
    status: TenantStatus = TenantStatus.ACTIVE
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def found(cls, name: str, now: datetime) -> Self:
        return cls(TenantId(new_id()), clean_line(name, field="name"), now)

    def founded(self) -> Change:
        return Change("tenant.founded", self.id, self.version, after={"name": self.name})

    def exported(self) -> Change:
        return Change("tenant.exported", self.id, self.version)

    def suspend(self) -> Change:
        return self._become(TenantStatus.SUSPENDED, "tenant.suspended", TenantStatus.ACTIVE)

    def resume(self) -> Change:
        return self._become(TenantStatus.ACTIVE, "tenant.resumed", TenantStatus.SUSPENDED)

    def erase(self) -> Change:
        """Its name goes too: it may be a person's."""
        change = self._become(TenantStatus.ERASED, "tenant.erased", TenantStatus.ACTIVE, TenantStatus.SUSPENDED)
        self.name = "Erased"
        return change

    def _become(self, status: TenantStatus, action: str, *from_one_of: TenantStatus) -> Change:
        before = self.status
        if before not in from_one_of:
            raise IllegalMove(f"The tenant is {before}.", code=f"tenant_{before}")
        self.status = status
        self.version += 1
        return Change(action, self.id, self.version, {"status": before}, {"status": status})


@dataclass(eq=False)
class TenantProfile:
    """The tenant's own, changeable side. It lives behind the tenant's row-level security; `Tenant` is global."""

    tenant_id: TenantId
    settings: TenantSettings = field(default_factory=TenantSettings)
    version: int = field(default_factory=lambda: 1)

    def adopt(self, settings: TenantSettings) -> Change:
        before, after = asdict(self.settings), asdict(settings)
        self.settings = settings
        self.version += 1
        changed = [name for name in after if after[name] != before[name]]
        return Change(
            "settings.changed",
            self.tenant_id,
            self.version,
            {name: before[name] for name in changed},
            {name: after[name] for name in changed},
        )


@dataclass(eq=False)
class Membership:
    tenant_id: TenantId
    user_id: UserId
    role: Role
    created_at: datetime
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def join(cls, tenant_id: TenantId, user_id: UserId, role: Role, now: datetime) -> tuple[Self, Change]:
        member = cls(tenant_id, user_id, role, now)
        return member, Change("member.joined", user_id, member.version, after={"role": role})

    def change_role(self, role: Role, *, by: Role, owners: int) -> Change:
        """`owners` is how many the tenant has now. Only an owner makes owners or unmakes them."""
        if role is self.role:
            raise Conflict(f"The member is {role.value} already.", code="same_role")
        self._refuse_reaching_up(by, role)
        self._refuse_losing_last_owner(owners)
        before, self.role = self.role, role
        self.version += 1
        return Change("member.role_changed", self.user_id, self.version, {"role": before}, {"role": role})

    def leave(self, *, by: Role, owners: int) -> Change:
        self._refuse_reaching_up(by, self.role)
        self._refuse_losing_last_owner(owners)
        return Change("member.removed", self.user_id, self.version, {"role": self.role})

    def _refuse_reaching_up(self, by: Role, role: Role) -> None:
        if by is not Role.OWNER and Role.OWNER in (self.role, role):
            raise Forbidden("Only an owner makes or removes owners.", code="owner_only")

    def _refuse_losing_last_owner(self, owners: int) -> None:
        if self.role is Role.OWNER and owners <= 1:
            raise Conflict("A tenant keeps at least one owner.", code="last_owner")
