"""Media plans: a campaign's plan, its unchanging versions, and their lines."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.campaigns import BudgetBasis
from domain.channels import Channel
from domain.exchange import ForeignCost
from domain.fees import CostBreakdown, FeeSchedule
from domain.flights import Flight
from domain.planning.flighting.weeks import FlightPattern
from domain.plans.lines import Audience, Placement
from domain.plans.media_plans import Scenario, VersionKind
from domain.pricing import Pricing
from server.postgres.keys import belongs, key, tenant_id, unique, version
from server.postgres.metadata import metadata
from server.postgres.types import Moment, Value, Weeks, choice

media_plans = Table(
    "media_plans",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("campaign_id", Uuid, nullable=False),
    Column("currency", Text, nullable=False),
    Column("current_version_id", Uuid, nullable=False),
    Column("latest_number", Integer, nullable=False),
    Column("scenarios", Value(tuple[Scenario, ...]), nullable=False),
    Column("approved_number", Integer),
    Column("created_at", Moment, nullable=False),
    version(),
    key("id"),
    unique("campaign_id"),
    belongs("campaign_id", "campaigns"),
    belongs("current_version_id", "plan_versions", deferred=True, cyclic=True),
)

plan_versions = Table(
    "plan_versions",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("plan_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("parent_number", Integer),
    Column("kind", choice("kind", VersionKind), nullable=False),
    Column("flighting", Value(FlightPattern), nullable=False),
    Column("reason", Text, nullable=False),
    Column("explanation", Text, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("budget_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("basis", choice("basis", BudgetBasis), nullable=False),
    Column("starts", Date, nullable=False),
    Column("ends", Date, nullable=False),
    Column("created_by", Uuid, ForeignKey("users.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("extension", JSONB, nullable=False),
    key("id"),
    unique("plan_id", "number"),
    belongs("plan_id", "media_plans", deferred=True),
    ForeignKeyConstraint(
        ["tenant_id", "plan_id", "parent_number"],
        ["plan_versions.tenant_id", "plan_versions.plan_id", "plan_versions.number"],
        deferrable=True,
        initially="DEFERRED",
    ),
)

plan_lines = Table(
    "plan_lines",
    metadata,
    tenant_id(),
    Column("id", Uuid, nullable=False),
    Column("version_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("channel", choice("channel", Channel), nullable=False),
    Column("placement", Value(Placement), nullable=False),
    Column("pricing", Value(Pricing), nullable=False),
    Column("priced_by_hand", Boolean, nullable=False),
    Column("budget_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("costs", Value(CostBreakdown), nullable=False),
    Column("fees", Value(FeeSchedule), nullable=False),
    Column("foreign_cost", Value(ForeignCost)),
    Column("flight", Value(Flight)),
    Column("flighting", Value(FlightPattern)),
    Column("weeks", Weeks, nullable=False),
    Column("impressions", BigInteger, nullable=False),
    Column("clicks", BigInteger, nullable=False),
    Column("conversions_hundredths", BigInteger, nullable=False),
    Column("completed_views", BigInteger, nullable=False),
    Column("audience", Value(Audience)),
    Column("source", Text, nullable=False),
    Column("locked", Boolean, nullable=False),
    Column("extension", JSONB, nullable=False),
    key("id"),
    unique("version_id", "code"),
    belongs("version_id", "plan_versions"),
    CheckConstraint("budget_minor >= 0", name="budget"),
)
