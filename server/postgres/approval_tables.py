"""Who may act up to which amount, and what waits for somebody who may."""

from sqlalchemy import ARRAY, BigInteger, Column, ForeignKey, ForeignKeyConstraint, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.approvals import ApprovalStatus
from domain.delegations import DelegationKind
from server.postgres.keys import belongs, key, of_tenant, tenant_id, version
from server.postgres.metadata import metadata
from server.postgres.types import Moment, choice

delegations = Table(
    "delegations",
    metadata,
    tenant_id(),
    Column("user_id", Uuid, nullable=False),
    Column("kind", choice("kind", DelegationKind), nullable=False),
    Column("cap_minor", BigInteger),
    Column("currency", Text),
    Column("markets", ARRAY(Text), nullable=False),
    Column("granted_by", Uuid, ForeignKey("users.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    version(),
    key("user_id"),
    ForeignKeyConstraint(
        ["tenant_id", "user_id"], ["memberships.tenant_id", "memberships.user_id"], ondelete="CASCADE"
    ),
)

approvals = Table(
    "approvals",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("action", Text, nullable=False),
    Column("arguments", JSONB, nullable=False),
    Column("amount_minor", BigInteger),
    Column("currency", Text),
    Column("markets", ARRAY(Text), nullable=False),
    Column("versions", JSONB, nullable=False),
    Column("digest", Text, nullable=False),
    Column("requested_by", Uuid, ForeignKey("users.id"), nullable=False),
    Column("session_id", Uuid),
    Column("turn_id", Uuid),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("status", choice("status", ApprovalStatus), nullable=False),
    Column("decided_by", Uuid, ForeignKey("users.id")),
    Column("decided_at", Moment),
    Column("reason", Text),
    Column("conditions", JSONB, nullable=False),
    Column("executed_at", Moment),
    Column("outcome", Text),
    version(),
    key("id"),
    of_tenant(),
    belongs("session_id", "sessions", ondelete="SET NULL (session_id)"),
    Index(None, "tenant_id", "status", "created_at", "id"),
    Index(None, "tenant_id", "turn_id"),
    Index(
        "ix_approvals_of_plans",
        "tenant_id",
        text("(arguments ->> 'campaign_id')"),
        postgresql_where=text("action = 'plan.approve'"),
    ),
    Index(None, "tenant_id", "session_id"),
)
