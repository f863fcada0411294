"""Which entity lives in which table. Imported once, for its effect, by whoever stores or loads entities."""

from sqlalchemy import Table
from sqlalchemy.orm import composite, registry, relationship

from domain.campaigns import Campaign, Flight
from domain.jobs import Job
from domain.media_plans import ExpectedDelivery, MediaPlan, PlanLine, PlanVersion
from domain.money import Money
from domain.sessions import AgentSession
from domain.tenants import Membership, Tenant, TenantProfile, TenantSettings
from domain.users import Email, User
from server.postgres import tables as t

_mapper = registry()


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
    ),
)
_map_root(
    Campaign,
    t.campaigns,
    budget=composite(Money, t.campaigns.c.budget_minor, t.campaigns.c.currency),
    flight=composite(Flight, t.campaigns.c.starts, t.campaigns.c.ends),
)
_map_root(
    MediaPlan,
    t.media_plans,
    current=relationship(
        PlanVersion,
        primaryjoin=(t.media_plans.c.tenant_id == t.plan_versions.c.tenant_id)
        & (t.media_plans.c.current_version_id == t.plan_versions.c.id),
        foreign_keys=[t.media_plans.c.current_version_id],
        lazy="joined",
        innerjoin=True,
    ),
)
_map_root(AgentSession, t.sessions)
_map_root(Job, t.jobs)

_mapper.map_imperatively(
    PlanVersion,
    t.plan_versions,
    properties={
        "total": composite(Money, t.plan_versions.c.total_minor, t.plan_versions.c.currency),
        "flight": composite(Flight, t.plan_versions.c.starts, t.plan_versions.c.ends),
        "lines": relationship(PlanLine, order_by=t.plan_lines.c.position, lazy="selectin"),
    },
)
_mapper.map_imperatively(
    PlanLine,
    t.plan_lines,
    properties={
        "budget": composite(Money, t.plan_lines.c.budget_minor, t.plan_lines.c.currency),
        "delivery": composite(
            ExpectedDelivery,
            t.plan_lines.c.impressions,
            t.plan_lines.c.clicks,
            t.plan_lines.c.conversions_hundredths,
        ),
    },
)
