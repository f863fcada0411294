"""Files: what is known of each beside its bytes, which lie in the file store under the row's tenant and id."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, Text, Uuid

from domain.files import FilePurpose
from server.postgres.keys import belongs, key, of_tenant, tenant_id
from server.postgres.metadata import metadata
from server.postgres.types import Moment, choice

files = Table(
    "files",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("purpose", choice("purpose", FilePurpose), nullable=False),
    Column("campaign_id", Uuid),
    Column("created_by", Uuid, ForeignKey("users.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    key("id"),
    of_tenant(),
    belongs("campaign_id", "campaigns"),
    CheckConstraint("size > 0", name="size"),
    Index(None, "tenant_id", "created_at", "id"),
    Index(None, "tenant_id", "campaign_id"),
    Index(None, "tenant_id", "expires_at"),
)
