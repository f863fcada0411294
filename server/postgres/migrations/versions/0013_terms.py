"""Advertisers that campaigns belong to, a tenant's own benchmarks, response curves it keeps."""

from server.postgres.migrations.statements import behind_tenant, drop, erasable, in_every_tenant, run

revision = "0013"
down_revision = "0012"

_CHANNELS = (
    "'display', 'olv', 'social', 'search', 'ctv', 'linear_tv', 'radio', 'streaming_audio', 'podcast', 'dooh', 'ooh', "
    "'print', 'cinema', 'email', 'gaming', 'retail_media', 'influencer', 'affiliate', 'product_placement', "
    "'sponsored_intelligence', 'other'"
)
# Whoever campaigns were said to be for, as their first campaign spells the name.
_NAMED = """
    INSERT INTO advertisers (tenant_id, id, name, terms, archived, created_by, created_at, version)
    SELECT DISTINCT ON (lower(advertiser)) tenant_id, gen_random_uuid(), advertiser,
        jsonb_build_object('fees', '[]'::jsonb, 'agency_discount', '0.15', 'utm', '{}'::jsonb),
        false, created_by, created_at, 1
    FROM campaigns WHERE advertiser IS NOT NULL ORDER BY lower(advertiser), created_at, id
"""
_LINKED = """
    UPDATE campaigns SET advertiser_id = advertisers.id FROM advertisers
    WHERE advertisers.tenant_id = campaigns.tenant_id AND lower(advertisers.name) = lower(campaigns.advertiser)
"""
_CALLED = """
    UPDATE campaigns SET advertiser = advertisers.name FROM advertisers
    WHERE advertisers.tenant_id = campaigns.tenant_id AND advertisers.id = campaigns.advertiser_id
"""


def upgrade() -> None:
    _advertisers()
    _benchmarks()
    _curves()
    for table, rights in (
        ("advertisers", ("INSERT", "UPDATE")),
        ("benchmark_overrides", ("INSERT", "UPDATE", "DELETE")),
        ("response_curves", ("INSERT", "UPDATE")),
    ):
        behind_tenant(table, *rights)
        erasable(table)
    in_every_tenant(_NAMED, _LINKED)


def downgrade() -> None:
    """Campaigns keep the names of their advertisers; terms, own figures and curves are gone."""
    in_every_tenant(_CALLED)
    run("SET CONSTRAINTS ALL IMMEDIATE", "ALTER TABLE campaigns DROP COLUMN advertiser_id")
    drop("response_curves", "benchmark_overrides", "advertisers")


def _advertisers() -> None:
    run(
        """
        CREATE TABLE advertisers (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            name text NOT NULL,
            terms jsonb NOT NULL,
            archived boolean NOT NULL,
            created_by uuid NOT NULL,
            created_at timestamptz NOT NULL,
            version integer NOT NULL,
            CONSTRAINT pk_advertisers PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_advertisers_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
            CONSTRAINT fk_advertisers_created_by FOREIGN KEY (created_by) REFERENCES users (id)
        )
        """,
        "CREATE UNIQUE INDEX uq_advertisers_tenant_id_name ON advertisers (tenant_id, lower(name))",
        "ALTER TABLE campaigns ADD COLUMN advertiser_id uuid, "
        "ADD CONSTRAINT fk_campaigns_tenant_id_advertiser_id FOREIGN KEY (tenant_id, advertiser_id) "
        "REFERENCES advertisers (tenant_id, id) DEFERRABLE INITIALLY DEFERRED",
        "CREATE INDEX ix_campaigns_tenant_id_advertiser_id ON campaigns (tenant_id, advertiser_id)",
    )


def _benchmarks() -> None:
    run(
        f"""
        CREATE TABLE benchmark_overrides (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            channel varchar(40) NOT NULL,
            market text,
            currency text NOT NULL,
            valid_from date,
            figures jsonb NOT NULL,
            source text NOT NULL,
            other_sources jsonb NOT NULL,
            set_by uuid NOT NULL,
            set_at timestamptz NOT NULL,
            version integer NOT NULL,
            CONSTRAINT pk_benchmark_overrides PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_benchmark_overrides_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
            CONSTRAINT fk_benchmark_overrides_set_by FOREIGN KEY (set_by) REFERENCES users (id),
            CONSTRAINT ck_benchmark_overrides_channel CHECK (channel IN ({_CHANNELS}))
        )
        """,
        "CREATE UNIQUE INDEX uq_benchmark_overrides_place ON benchmark_overrides "
        "(tenant_id, currency, channel, lower(market), valid_from) NULLS NOT DISTINCT",
    )


def _curves() -> None:
    run(
        f"""
        CREATE TABLE response_curves (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            channel varchar(40) NOT NULL,
            market text,
            advertiser_id uuid,
            campaign_id uuid,
            curve jsonb NOT NULL,
            retired boolean NOT NULL,
            created_by uuid NOT NULL,
            created_at timestamptz NOT NULL,
            version integer NOT NULL,
            CONSTRAINT pk_response_curves PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_response_curves_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
            CONSTRAINT fk_response_curves_tenant_id_advertiser_id FOREIGN KEY (tenant_id, advertiser_id)
                REFERENCES advertisers (tenant_id, id),
            CONSTRAINT fk_response_curves_tenant_id_campaign_id FOREIGN KEY (tenant_id, campaign_id)
                REFERENCES campaigns (tenant_id, id),
            CONSTRAINT fk_response_curves_created_by FOREIGN KEY (created_by) REFERENCES users (id),
            CONSTRAINT ck_response_curves_channel CHECK (channel IN ({_CHANNELS}))
        )
        """,
        "CREATE INDEX ix_response_curves_tenant_id_created_at_id ON response_curves (tenant_id, created_at, id)",
        "CREATE INDEX ix_response_curves_tenant_id_campaign_id ON response_curves (tenant_id, campaign_id)",
        "CREATE INDEX ix_response_curves_tenant_id_advertiser_id ON response_curves (tenant_id, advertiser_id)",
    )
