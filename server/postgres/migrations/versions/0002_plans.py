"""Campaigns and their media plans."""

from server.postgres.migrations.statements import behind_tenant, drop, run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _campaigns()
    _media_plans()
    _plan_versions()
    _plan_lines()
    run(  # the two point at each other, so the second arrow comes when both are there
        """
        ALTER TABLE media_plans ADD CONSTRAINT fk_media_plans_tenant_id_current_version_id
            FOREIGN KEY (tenant_id, current_version_id) REFERENCES plan_versions (tenant_id, id)
            DEFERRABLE INITIALLY DEFERRED
        """
    )


def downgrade() -> None:
    run("ALTER TABLE media_plans DROP CONSTRAINT fk_media_plans_tenant_id_current_version_id")
    drop("plan_lines", "plan_versions", "media_plans", "campaigns")


def _campaigns() -> None:
    run(
        """
        CREATE TABLE campaigns (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            name text NOT NULL,
            objective varchar(40) NOT NULL,
            budget_minor bigint NOT NULL,
            currency text NOT NULL,
            budget_basis varchar(40) NOT NULL,
            starts date NOT NULL,
            ends date NOT NULL,
            advertiser text,
            product text,
            kpi text,
            markets text[] NOT NULL,
            status varchar(40) NOT NULL,
            status_reason text,
            archived boolean DEFAULT false NOT NULL,
            created_by uuid NOT NULL,
            created_at timestamptz NOT NULL,
            version integer NOT NULL,
            CONSTRAINT pk_campaigns PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_campaigns_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
            CONSTRAINT ck_campaigns_budget CHECK (budget_minor > 0),
            CONSTRAINT ck_campaigns_flight CHECK (starts < ends),
            CONSTRAINT ck_campaigns_objective CHECK (objective IN ('awareness', 'consideration',
                'traffic', 'leads', 'conversions', 'sales')),
            CONSTRAINT ck_campaigns_budget_basis CHECK (budget_basis IN ('client_cost', 'net_media',
                'gross')),
            CONSTRAINT ck_campaigns_status CHECK (status IN ('draft', 'planned', 'approved', 'live',
                'paused', 'completed', 'cancelled')),
            CONSTRAINT fk_campaigns_created_by FOREIGN KEY (created_by) REFERENCES users (id)
        )
        """,
        "CREATE UNIQUE INDEX uq_campaigns_tenant_id_name ON campaigns (tenant_id, lower(name)) WHERE NOT archived",
    )
    behind_tenant("campaigns", "INSERT", "UPDATE")


def _media_plans() -> None:
    run(
        """
        CREATE TABLE media_plans (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            campaign_id uuid NOT NULL,
            currency text NOT NULL,
            current_version_id uuid NOT NULL,
            latest_number integer NOT NULL,
            created_at timestamptz NOT NULL,
            version integer NOT NULL,
            CONSTRAINT pk_media_plans PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_media_plans_tenant_id_campaign_id UNIQUE (tenant_id, campaign_id),
            CONSTRAINT fk_media_plans_tenant_id_campaign_id FOREIGN KEY (tenant_id, campaign_id)
                REFERENCES campaigns (tenant_id, id)
        )
        """,
    )
    behind_tenant("media_plans", "INSERT", "UPDATE")


def _plan_versions() -> None:
    run(
        """
        CREATE TABLE plan_versions (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            plan_id uuid NOT NULL,
            number integer NOT NULL,
            parent_number integer,
            kind varchar(40) NOT NULL,
            flighting varchar(40) NOT NULL,
            reason text NOT NULL,
            explanation text NOT NULL,
            total_minor bigint NOT NULL,
            currency text NOT NULL,
            starts date NOT NULL,
            ends date NOT NULL,
            created_by uuid NOT NULL,
            created_at timestamptz NOT NULL,
            CONSTRAINT pk_plan_versions PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_plan_versions_tenant_id_plan_id_number UNIQUE (tenant_id, plan_id, number),
            CONSTRAINT fk_plan_versions_tenant_id_plan_id FOREIGN KEY (tenant_id, plan_id) REFERENCES
                media_plans (tenant_id, id) DEFERRABLE INITIALLY DEFERRED,
            CONSTRAINT fk_plan_versions_tenant_id_plan_id_parent_number
                FOREIGN KEY (tenant_id, plan_id, parent_number)
                REFERENCES plan_versions (tenant_id, plan_id, number) DEFERRABLE INITIALLY DEFERRED,
            CONSTRAINT ck_plan_versions_kind CHECK (kind IN ('version', 'scenario')),
            CONSTRAINT ck_plan_versions_flighting CHECK (flighting IN ('even', 'front_loaded')),
            CONSTRAINT fk_plan_versions_created_by FOREIGN KEY (created_by) REFERENCES users (id)
        )
        """,
    )
    behind_tenant("plan_versions", "INSERT")


def _plan_lines() -> None:
    run(
        """
        CREATE TABLE plan_lines (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            version_id uuid NOT NULL,
            position integer NOT NULL,
            channel varchar(40) NOT NULL,
            pricing_model varchar(40) NOT NULL,
            budget_minor bigint NOT NULL,
            currency text NOT NULL,
            weeks jsonb NOT NULL,
            impressions bigint NOT NULL,
            clicks bigint NOT NULL,
            conversions_hundredths bigint NOT NULL,
            source text NOT NULL,
            locked boolean NOT NULL,
            CONSTRAINT pk_plan_lines PRIMARY KEY (tenant_id, id),
            CONSTRAINT uq_plan_lines_tenant_id_version_id_channel UNIQUE (tenant_id, version_id, channel),
            CONSTRAINT fk_plan_lines_tenant_id_version_id FOREIGN KEY (tenant_id, version_id) REFERENCES
                plan_versions (tenant_id, id),
            CONSTRAINT ck_plan_lines_budget CHECK (budget_minor >= 0),
            CONSTRAINT ck_plan_lines_channel CHECK (channel IN ('display', 'olv', 'social', 'search',
                'ctv', 'linear_tv', 'radio', 'streaming_audio', 'podcast', 'dooh', 'ooh', 'print',
                'cinema', 'email', 'gaming', 'retail_media', 'influencer', 'affiliate',
                'product_placement', 'sponsored_intelligence')),
            CONSTRAINT ck_plan_lines_pricing_model CHECK (pricing_model IN ('cpm', 'vcpm', 'cpc',
                'cpcv', 'cpv', 'cpa', 'cpp', 'flat_rate', 'time', 'revenue_share'))
        )
        """,
    )
    behind_tenant("plan_lines", "INSERT")
