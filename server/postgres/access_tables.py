"""How people and machines get in: sign-ins, identities, invitations, tokens, and grants on one campaign."""

from sqlalchemy import (
    ARRAY,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)

from domain.sign_ins import EndReason
from domain.tenants import Permission, Role
from server.postgres.keys import belongs, key, of_tenant, tenant_id, unique, version
from server.postgres.metadata import metadata
from server.postgres.types import Moment, choice

identities = Table(
    "identities",
    metadata,
    Column("provider", Text),
    Column("subject", Text),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    PrimaryKeyConstraint("provider", "subject"),
    Index(None, "user_id"),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("device", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("refreshed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("ended_at", Moment),
    Column("end_reason", choice("end_reason", EndReason)),
    version(),
    Index(None, "user_id", "created_at"),
)

password_resets = Table(
    "password_resets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("token_digest", Text, nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    version(),
    Index(None, "user_id"),
)

invitations = Table(
    "invitations",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("email", Text, nullable=False),
    Column("role", choice("role", Role), nullable=False),
    Column("token_digest", Text, nullable=False),
    Column("invited_by", Uuid, ForeignKey("users.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("accepted_at", Moment),
    Column("accepted_by", Uuid, ForeignKey("users.id")),
    Column("revoked_at", Moment),
    version(),
    key("id"),
    of_tenant(),
    Index("ix_invitations_token_digest", "token_digest", unique=True),  # looked up before the tenant is known
    Index(None, "tenant_id", "created_at", "id"),
)

service_tokens = Table(
    "service_tokens",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", ARRAY(choice("scopes", Permission, checked=False)), nullable=False),
    Column("token_digest", Text, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    version(),
    key("id"),
    ForeignKeyConstraint(
        ["tenant_id", "user_id"], ["memberships.tenant_id", "memberships.user_id"], ondelete="CASCADE"
    ),
    Index("ix_service_tokens_token_digest", "token_digest", unique=True),
)

campaign_grants = Table(
    "campaign_grants",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("role", choice("role", Role), nullable=False),
    Column("granted_by", Uuid, ForeignKey("users.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    version(),
    key("id"),
    unique("user_id", "campaign_id"),
    ForeignKeyConstraint(
        ["tenant_id", "user_id"], ["memberships.tenant_id", "memberships.user_id"], ondelete="CASCADE"
    ),
    belongs("campaign_id", "campaigns", ondelete="CASCADE"),
)
