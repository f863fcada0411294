"""Tenants, campaigns, conversations and jobs. Beside it: plan_tables, access_tables, approval_tables, audit_tables.

A tenant's tables have its id first in every key and index, and row-level security (migrations). Global are only
tenants, users and wakeups here; mapping.py says which entity lives where.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.campaigns import BudgetBasis, CampaignStatus
from domain.jobs import JobKind, JobStatus
from domain.objectives import Objective
from domain.sessions import AgentName, SessionType, TurnStatus
from domain.tenants import Role, TenantStatus, Weekday
from server.postgres.keys import belongs, key, of_tenant, tenant_id, unique, version
from server.postgres.metadata import metadata
from server.postgres.types import Moment, choice
from services.events import EventType
from services.ports import WakeupKind

tenants = Table(
    "tenants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("status", choice("status", TenantStatus), nullable=False),
    Column("created_at", Moment, nullable=False),
    version(),
)

users = Table(
    "users",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text),
    Column("created_at", Moment, nullable=False),
    version(),
)

wakeups = Table(
    "wakeups",
    metadata,
    Column("kind", choice("kind", WakeupKind)),
    Column("tenant_id", Uuid),
    Column("id", Uuid),
    Column("due_at", Moment, nullable=False),
    PrimaryKeyConstraint("kind", "tenant_id", "id"),
    Index(None, "kind", "due_at"),
)

tenant_profiles = Table(
    "tenant_profiles",
    metadata,
    tenant_id(),
    Column("locale", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("default_currency", Text, nullable=False),
    Column("week_start", choice("week_start", Weekday), nullable=False),
    Column("fiscal_year_start", Integer, nullable=False),
    Column("self_approval_limit_minor", BigInteger, nullable=False, server_default=text("0")),
    version(),
    key(),
    of_tenant(),
)

memberships = Table(
    "memberships",
    metadata,
    tenant_id(),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("role", choice("role", Role), nullable=False),
    Column("created_at", Moment, nullable=False),
    version(),
    key("user_id"),
    of_tenant(),
)

campaigns = Table(
    "campaigns",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("objective", choice("objective", Objective), nullable=False),
    Column("budget_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("budget_basis", choice("budget_basis", BudgetBasis), nullable=False),
    Column("starts", Date, nullable=False),
    Column("ends", Date, nullable=False),
    Column("advertiser", Text),
    Column("advertiser_id", Uuid),
    Column("product", Text),
    Column("kpi", Text),
    Column("kpi_target", Numeric),
    Column("value_per_conversion_minor", BigInteger),
    Column("value_per_conversion_currency", Text),
    Column("audiences", ARRAY(Text), nullable=False),
    Column("markets", ARRAY(Text), nullable=False),
    Column("status", choice("status", CampaignStatus), nullable=False),
    Column("status_reason", Text),
    Column("archived", Boolean, nullable=False, server_default=false()),
    Column("created_by", Uuid, ForeignKey("users.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    version(),
    key("id"),
    of_tenant(),
    CheckConstraint("budget_minor > 0", name="budget"),
    CheckConstraint("starts < ends", name="flight"),
    belongs("advertiser_id", "advertisers", deferred=True),  # it may be made with its first campaign
    Index(None, "tenant_id", "advertiser_id"),
    Index(
        "uq_campaigns_tenant_id_name",
        "tenant_id",
        text("lower(name)"),
        unique=True,
        postgresql_where=text("NOT archived"),
    ),
)

sessions = Table(
    "sessions",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("external_id", Text),
    Column("title", Text, nullable=False),
    Column("type", choice("type", SessionType), nullable=False),
    Column("active_agent", choice("active_agent", AgentName)),
    Column("active_campaign_id", Uuid),
    Column("last_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    version(),
    key("id"),
    of_tenant(),
    belongs("active_campaign_id", "campaigns"),
    unique("user_id", "external_id"),
    Index(None, "tenant_id", "user_id", "updated_at", "id"),
)

turns = Table(
    "turns",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("session_id", Uuid, nullable=False),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("message", Text, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("body_digest", Text, nullable=False),
    Column("accepted_seq", BigInteger, nullable=False),
    Column("status", choice("status", TurnStatus), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("ended_seq", BigInteger),
    Column("error", Text),
    Column("lease_owner", Text),
    Column("lease_until", Moment),
    Column("cancel_asked", Boolean, nullable=False, server_default=false()),
    Column("model_calls", Integer, nullable=False, server_default=text("0")),
    Column("tool_calls", Integer, nullable=False, server_default=text("0")),
    Column("tokens", Integer, nullable=False, server_default=text("0")),
    Column("cost_micros", BigInteger, nullable=False, server_default=text("0")),
    key("id"),
    unique("session_id", "idempotency_key"),
    belongs("session_id", "sessions", ondelete="CASCADE"),
    Index(
        "uq_turns_one_running",
        "tenant_id",
        "session_id",
        unique=True,
        postgresql_where=text("status = 'running'"),
    ),
    Index(
        "ix_turns_unfinished",
        "tenant_id",
        "session_id",
        "accepted_seq",
        postgresql_where=text("status IN ('queued', 'running')"),
    ),
    Index(None, "tenant_id", "created_at"),
)

messages = Table(
    "messages",
    metadata,
    tenant_id(),
    Column("session_id", Uuid, nullable=False),
    Column("id", Text, nullable=False),
    Column("turn_id", Uuid),
    Column("ordinal", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("agent", Text),
    Column("call", Integer),
    Column("tool_call_id", Text),
    Column("content", JSONB, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    key("session_id", "id"),
    unique("turn_id", "ordinal"),
    unique("turn_id", "agent", "call"),
    unique("turn_id", "tool_call_id"),
    belongs("session_id", "sessions", ondelete="CASCADE"),
    belongs("turn_id", "turns", ondelete="CASCADE", deferred=True),  # a turn is accepted by its first message
    CheckConstraint("role IN ('user', 'assistant', 'tool', 'router', 'summary')", name="role"),
    Index(None, "tenant_id", "session_id", "seq"),
)

events = Table(
    "events",
    metadata,
    tenant_id(),
    Column("session_id", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("turn_id", Uuid),
    Column("agent", Text),
    Column("type", choice("type", EventType), nullable=False),
    Column("data", JSONB, nullable=False),
    Column("ts", Moment, nullable=False),
    key("session_id", "seq"),
    belongs("session_id", "sessions", ondelete="CASCADE"),
)

jobs = Table(
    "jobs",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("kind", choice("kind", JobKind), nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("session_id", Uuid),
    Column("requested_by", Uuid, ForeignKey("users.id"), nullable=False),
    Column("arguments", JSONB, nullable=False),
    Column("status", choice("status", JobStatus), nullable=False),
    Column("step", Text),
    Column("percent", Integer, nullable=False),
    Column("result", JSONB(none_as_null=True)),
    Column("error", Text),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
    version(),
    key("id"),
    belongs("campaign_id", "campaigns"),
    belongs("session_id", "sessions", ondelete="SET NULL (session_id)"),
    CheckConstraint("percent BETWEEN 0 AND 100", name="percent"),
    Index(None, "tenant_id", "campaign_id", "created_at", "id"),
    Index(None, "tenant_id", "session_id"),
)

effects = Table(
    "effects",
    metadata,
    tenant_id(),
    Column("effect_key", Text, nullable=False),
    Column("action", Text),
    Column("result", JSONB, nullable=False),
    Column("created_at", Moment, nullable=False),
    key("effect_key"),
    of_tenant(),
)
