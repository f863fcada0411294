"""What was done and what was refused, and the chain of seals that shows whether anybody changed it afterwards."""

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.audit import Decision
from server.postgres.keys import key, of_tenant, tenant_id, unique
from server.postgres.metadata import metadata
from server.postgres.types import Moment, choice

audit_log = Table(
    "audit_log",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("at", Moment, nullable=False),
    Column("user_id", Uuid, nullable=False),
    Column("agent", Text),
    Column("turn_id", Uuid),
    Column("request_id", Text),
    Column("trace_id", Text),
    Column("model", Text),
    Column("prompt", Text),
    Column("service_token_id", Uuid),
    Column("approval_id", Uuid),
    Column("decision", choice("decision", Decision), nullable=False, server_default=text("'allowed'")),
    Column("code", Text),
    Column("action", Text, nullable=False),
    Column("object_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("before", JSONB, nullable=False),
    Column("after", JSONB, nullable=False),
    key("id"),
    of_tenant(),
    Index(None, "tenant_id", "object_id", "id"),
    Index(None, "tenant_id", "at", "id"),
)

audit_seals = Table(
    "audit_seals",
    metadata,
    tenant_id(),
    Column("seq", BigInteger, nullable=False),
    Column("audit_id", Uuid, nullable=False),
    Column("row_digest", Text, nullable=False),
    Column("seal", Text, nullable=False),
    Column("sealed_at", Moment, nullable=False),
    key("seq"),
    unique("audit_id"),
    of_tenant(),
    ForeignKeyConstraint(["tenant_id", "audit_id"], ["audit_log.tenant_id", "audit_log.id"]),
)

# Of accounts, which belong to no tenant.
security_log = Table(
    "security_log",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("event", Text, nullable=False),
    Column("user_id", Uuid),
    Column("sign_in_id", Uuid),
    Column("request_id", Text),
    Column("details", JSONB, nullable=False),
    Index(None, "user_id", "id"),
)
