"""Which entity lives in which table. Imported once, for its effect, by whoever stores or loads entities."""

from sqlalchemy import Table
from sqlalchemy.orm import composite, registry, relationship

from domain.advertisers import Advertiser
from domain.approvals import Approval
from domain.benchmark_overrides import BenchmarkOverride
from domain.campaigns import Campaign
from domain.delegations import Delegation
from domain.files import StoredFile
from domain.flights import Flight
from domain.grants import CampaignGrant
from domain.invitations import Invitation, PasswordReset
from domain.jobs import Job
from domain.money import Money
from domain.planning.curves.own_figures import OwnBenchmark
from domain.plans.lines import ExpectedDelivery, PlanLine
from domain.plans.media_plans import MediaPlan, PlanVersion
from domain.service_tokens import ServiceToken
from domain.sign_ins import SignIn
from domain.stored_curves import StoredCurve
from domain.tenants import Membership, Tenant, TenantProfile, TenantSettings
from domain.users import Email, Identity, User
from server.postgres import access_tables as access
from server.postgres import approval_tables as approvals
from server.postgres import audit_tables as audit_tables
from server.postgres import file_tables
from server.postgres import plan_tables as plans
from server.postgres import tables as t
from server.postgres import term_tables as terms

_mapper = registry()


def _nothing(*values: object) -> bool:
    return all(value is None for value in values)


def _map_root(root: type[object], table: Table, **properties: object) -> None:
    """An aggregate's root raises its version itself; an UPDATE that meets another one than it read is stale."""
    _mapper.map_imperatively(
        root,
        table,
        properties=properties,
        version_id_col=table.c.version,
        version_id_generator=False,
    )


_map_root(Tenant, t.tenants)
_map_root(User, t.users, _email=t.users.c.email, email=composite(Email, t.users.c.email))
_map_root(Membership, t.memberships)
_map_root(
    TenantProfile,
    t.tenant_profiles,
    settings=composite(
        TenantSettings,
        t.tenant_profiles.c.locale,
        t.tenant_profiles.c.timezone,
        t.tenant_profiles.c.default_currency,
        t.tenant_profiles.c.week_start,
        t.tenant_profiles.c.fiscal_year_start,
        t.tenant_profiles.c.self_approval_limit_minor,
    ),
)
_map_root(
    Campaign,
    t.campaigns,
    budget=composite(Money, t.campaigns.c.budget_minor, t.campaigns.c.currency),
    flight=composite(Flight, t.campaigns.c.starts, t.campaigns.c.ends),
    value_per_conversion=composite(
        Money,
        t.campaigns.c.value_per_conversion_minor,
        t.campaigns.c.value_per_conversion_currency,
        return_none_on=_nothing,
    ),
)
_map_root(
    MediaPlan,
    plans.media_plans,
    current=relationship(
        PlanVersion,
        primaryjoin=(plans.media_plans.c.tenant_id == plans.plan_versions.c.tenant_id)
        & (plans.media_plans.c.current_version_id == plans.plan_versions.c.id),
        foreign_keys=[plans.media_plans.c.current_version_id],
        lazy="joined",
        innerjoin=True,
    ),
)
_map_root(Job, t.jobs)
_map_root(SignIn, access.sign_ins)
_map_root(PasswordReset, access.password_resets)
_map_root(
    Invitation,
    access.invitations,
    _email=access.invitations.c.email,
    email=composite(Email, access.invitations.c.email),
)
_map_root(ServiceToken, access.service_tokens)
_map_root(CampaignGrant, access.campaign_grants)
_map_root(
    Delegation,
    approvals.delegations,
    cap=composite(Money, approvals.delegations.c.cap_minor, approvals.delegations.c.currency, return_none_on=_nothing),
)
_map_root(
    Approval,
    approvals.approvals,
    amount=composite(
        Money, approvals.approvals.c.amount_minor, approvals.approvals.c.currency, return_none_on=_nothing
    ),
)
_map_root(Advertiser, terms.advertisers)
_map_root(
    BenchmarkOverride,
    terms.benchmark_overrides,
    own=composite(
        OwnBenchmark,
        *(terms.benchmark_overrides.c[name] for name in ("channel", "market", "currency", "figures", "source")),
        *(terms.benchmark_overrides.c[name] for name in ("valid_from", "other_sources")),
    ),
)
_map_root(StoredCurve, terms.response_curves)
_mapper.map_imperatively(Identity, access.identities)
_mapper.map_imperatively(StoredFile, file_tables.files)

_mapper.map_imperatively(
    PlanVersion,
    plans.plan_versions,
    properties={
        "total": composite(Money, plans.plan_versions.c.total_minor, plans.plan_versions.c.currency),
        "budget": composite(Money, plans.plan_versions.c.budget_minor, plans.plan_versions.c.currency),
        "flight": composite(Flight, plans.plan_versions.c.starts, plans.plan_versions.c.ends),
        "lines": relationship(PlanLine, order_by=plans.plan_lines.c.position, lazy="selectin"),
    },
)
_mapper.map_imperatively(
    PlanLine,
    plans.plan_lines,
    properties={
        "budget": composite(Money, plans.plan_lines.c.budget_minor, plans.plan_lines.c.currency),
        "delivery": composite(
            ExpectedDelivery,
            plans.plan_lines.c.impressions,
            plans.plan_lines.c.clicks,
            plans.plan_lines.c.conversions_hundredths,
            plans.plan_lines.c.completed_views,
        ),
        "foreign": plans.plan_lines.c.foreign_cost,
    },
)
