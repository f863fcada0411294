"""Lines that say where they run, how they are bought and what they cost; versions that know what they were made for."""

from server.postgres.migrations.statements import in_every_tenant, run

revision = "0008"
down_revision = "0007"

_CHANNELS = (
    "'display', 'olv', 'social', 'search', 'ctv', 'linear_tv', 'radio', 'streaming_audio', 'podcast', 'dooh', 'ooh', "
    "'print', 'cinema', 'email', 'gaming', 'retail_media', 'influencer', 'affiliate', 'product_placement', "
    "'sponsored_intelligence'"
)
_PRICING = "'cpm', 'vcpm', 'cpc', 'cpcv', 'cpv', 'cpa', 'cpp', 'flat_rate', 'time', 'revenue_share'"
_CAMPAIGN = ("kpi_target", "value_per_conversion_minor", "value_per_conversion_currency", "audiences")
_LINE = (
    *("code", "placement", "pricing", "priced_by_hand", "costs", "fees", "foreign_cost", "flight", "flighting"),
    *("completed_views", "audience", "extension"),
)

# What the lines of one channel each, at benchmark prices and without fees, cost on each basis.
_COSTS = """
    UPDATE plan_lines line SET
        code = line.channel,
        pricing = jsonb_build_object('model', line.pricing_model, 'rate', NULL, 'currency', line.currency,
            'time_unit', NULL),
        costs = (SELECT jsonb_build_object(
                'gross', jsonb_build_object('minor', gross, 'currency', line.currency),
                'agency_discount', jsonb_build_object('minor', gross - net, 'currency', line.currency),
                'net_media', jsonb_build_object('minor', net, 'currency', line.currency),
                'fees', '[]'::jsonb,
                'client_cost', jsonb_build_object('minor', net, 'currency', line.currency))
            FROM (SELECT
                CASE basis WHEN 'gross' THEN line.budget_minor ELSE round(line.budget_minor / 0.85)::bigint END gross,
                CASE basis WHEN 'gross' THEN round(line.budget_minor * 0.85)::bigint ELSE line.budget_minor END net
                FROM plan_versions WHERE plan_versions.tenant_id = line.tenant_id
                    AND plan_versions.id = line.version_id) AS steps)
"""
_VERSIONS = """
    UPDATE plan_versions SET budget_minor = campaigns.budget_minor, basis = campaigns.budget_basis
    FROM media_plans, campaigns
    WHERE media_plans.tenant_id = plan_versions.tenant_id AND media_plans.id = plan_versions.plan_id
        AND campaigns.tenant_id = media_plans.tenant_id AND campaigns.id = media_plans.campaign_id
"""


def upgrade() -> None:
    run(
        "ALTER TABLE campaigns ADD COLUMN kpi_target numeric, ADD COLUMN value_per_conversion_minor bigint, "
        "ADD COLUMN value_per_conversion_currency text, ADD COLUMN audiences text[] NOT NULL DEFAULT '{}'",
        "ALTER TABLE campaigns ALTER COLUMN audiences DROP DEFAULT",
        "ALTER TABLE plan_versions ADD COLUMN budget_minor bigint, ADD COLUMN basis varchar(40)",
    )
    _flighting_as_pattern()
    _widen_lines()
    in_every_tenant(_VERSIONS, _COSTS)
    run(
        "SET CONSTRAINTS ALL IMMEDIATE",  # a table can't change while a deferred key has yet to be checked
        "ALTER TABLE plan_versions ALTER COLUMN budget_minor SET NOT NULL, ALTER COLUMN basis SET NOT NULL, "
        "ADD CONSTRAINT ck_plan_versions_basis CHECK (basis IN ('client_cost', 'net_media', 'gross'))",
        "ALTER TABLE plan_lines ALTER COLUMN code SET NOT NULL, ALTER COLUMN pricing SET NOT NULL, "
        "ALTER COLUMN costs SET NOT NULL, DROP COLUMN pricing_model, "
        "ADD CONSTRAINT uq_plan_lines_tenant_id_version_id_code UNIQUE (tenant_id, version_id, code)",
    )


def downgrade() -> None:
    """The older release has one line per channel: versions that have several keep this from being done."""
    run("ALTER TABLE plan_lines ADD COLUMN pricing_model varchar(40)")
    in_every_tenant(
        "UPDATE plan_lines SET pricing_model = pricing->>'model'",
        "UPDATE plan_lines SET channel = 'display' WHERE channel = 'other'",
    )
    run(
        "SET CONSTRAINTS ALL IMMEDIATE",
        "ALTER TABLE plan_lines ALTER COLUMN pricing_model SET NOT NULL, "
        f"ADD CONSTRAINT ck_plan_lines_pricing_model CHECK (pricing_model IN ({_PRICING}))",
        f"ALTER TABLE plan_lines {', '.join(f'DROP COLUMN {column}' for column in _LINE)}",
        "ALTER TABLE plan_lines ADD CONSTRAINT uq_plan_lines_tenant_id_version_id_channel "
        "UNIQUE (tenant_id, version_id, channel)",
    )
    _allow_channels(_CHANNELS)
    run(
        "ALTER TABLE plan_versions ALTER COLUMN flighting TYPE varchar(40) USING CASE flighting->>'shape' "
        "WHEN 'front_loaded' THEN 'front_loaded' ELSE 'even' END",
        "ALTER TABLE plan_versions ADD CONSTRAINT ck_plan_versions_flighting "
        "CHECK (flighting IN ('even', 'front_loaded'))",
        "ALTER TABLE plan_versions DROP COLUMN budget_minor, DROP COLUMN basis",
        f"ALTER TABLE campaigns {', '.join(f'DROP COLUMN {column}' for column in _CAMPAIGN)}",
    )


def _flighting_as_pattern() -> None:
    run(
        "ALTER TABLE plan_versions DROP CONSTRAINT ck_plan_versions_flighting",
        "ALTER TABLE plan_versions ALTER COLUMN flighting TYPE jsonb USING jsonb_build_object('shape', flighting)",
    )


def _widen_lines() -> None:
    """With the defaults that rows of an older release take; who writes now says everything."""
    run(
        "ALTER TABLE plan_lines DROP CONSTRAINT uq_plan_lines_tenant_id_version_id_channel, "
        "ADD COLUMN code text, ADD COLUMN placement jsonb NOT NULL DEFAULT '{}', ADD COLUMN pricing jsonb, "
        "ADD COLUMN priced_by_hand boolean NOT NULL DEFAULT false, ADD COLUMN costs jsonb, "
        "ADD COLUMN fees jsonb NOT NULL DEFAULT '[]', ADD COLUMN foreign_cost jsonb, ADD COLUMN flight jsonb, "
        "ADD COLUMN flighting jsonb, ADD COLUMN completed_views bigint NOT NULL DEFAULT 0, ADD COLUMN audience jsonb, "
        "ADD COLUMN extension jsonb NOT NULL DEFAULT '{}'",
        "ALTER TABLE plan_lines ALTER COLUMN placement DROP DEFAULT, ALTER COLUMN priced_by_hand DROP DEFAULT, "
        "ALTER COLUMN fees DROP DEFAULT, ALTER COLUMN completed_views DROP DEFAULT, "
        "ALTER COLUMN extension DROP DEFAULT",
    )
    _allow_channels(f"{_CHANNELS}, 'other'")


def _allow_channels(values: str) -> None:
    run(
        "ALTER TABLE plan_lines DROP CONSTRAINT ck_plan_lines_channel",
        f"ALTER TABLE plan_lines ADD CONSTRAINT ck_plan_lines_channel CHECK (channel IN ({values}))",
    )
