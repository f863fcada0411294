"""Whom media is bought for, what a tenant's own figures say it costs and brings, and response curves it keeps."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.advertisers import AdvertiserTerms
from domain.channels import Channel
from domain.planning.curves.own_figures import Figures
from server.postgres.keys import belongs, key, of_tenant, tenant_id, version
from server.postgres.metadata import metadata
from server.postgres.types import Curve, Moment, Value, choice

advertisers = Table(
    "advertisers",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("terms", Value(AdvertiserTerms), nullable=False),
    Column("archived", Boolean, nullable=False),
    Column("created_by", Uuid, ForeignKey("users.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    version(),
    key("id"),
    of_tenant(),
    Index("uq_advertisers_tenant_id_name", "tenant_id", text("lower(name)"), unique=True),
)

benchmark_overrides = Table(
    "benchmark_overrides",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("channel", choice("channel", Channel), nullable=False),
    Column("market", Text),
    Column("currency", Text, nullable=False),
    Column("valid_from", Date),
    Column("figures", Value(Figures), nullable=False),
    Column("source", Text, nullable=False),
    Column("other_sources", JSONB, nullable=False),
    Column("set_by", Uuid, ForeignKey("users.id"), nullable=False),
    Column("set_at", Moment, nullable=False),
    version(),
    key("id"),
    of_tenant(),
    Index(
        "uq_benchmark_overrides_place",
        "tenant_id",
        "currency",
        "channel",
        text("lower(market)"),
        "valid_from",
        unique=True,
        postgresql_nulls_not_distinct=True,
    ),
)

response_curves = Table(
    "response_curves",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("channel", choice("channel", Channel), nullable=False),
    Column("market", Text),
    Column("advertiser_id", Uuid),
    Column("campaign_id", Uuid),
    Column("curve", Curve(), nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("created_by", Uuid, ForeignKey("users.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    version(),
    key("id"),
    of_tenant(),
    belongs("advertiser_id", "advertisers"),
    belongs("campaign_id", "campaigns"),
    Index(None, "tenant_id", "created_at", "id"),
    Index(None, "tenant_id", "campaign_id"),
    Index(None, "tenant_id", "advertiser_id"),
)
