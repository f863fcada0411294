"""Files: what is known of each beside its bytes."""

from server.postgres.migrations.statements import behind_tenant, drop, erasable, run

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run(
        """
        CREATE TABLE files (
            tenant_id uuid NOT NULL,
            id uuid NOT NULL,
            name text NOT NULL,
            media_type text NOT NULL,
            size bigint NOT NULL,
            sha256 text NOT NULL,
            purpose varchar(40) NOT NULL,
            campaign_id uuid,
            created_by uuid NOT NULL,
            created_at timestamptz NOT NULL,
            expires_at timestamptz,
            CONSTRAINT pk_files PRIMARY KEY (tenant_id, id),
            CONSTRAINT fk_files_tenant_id FOREIGN KEY (tenant_id) REFERENCES tenants (id),
            CONSTRAINT fk_files_tenant_id_campaign_id FOREIGN KEY (tenant_id, campaign_id)
                REFERENCES campaigns (tenant_id, id),
            CONSTRAINT fk_files_created_by FOREIGN KEY (created_by) REFERENCES users (id),
            CONSTRAINT ck_files_purpose CHECK (purpose IN ('upload', 'export')),
            CONSTRAINT ck_files_size CHECK (size > 0)
        )
        """,
        "CREATE INDEX ix_files_tenant_id_created_at_id ON files (tenant_id, created_at, id)",
        "CREATE INDEX ix_files_tenant_id_campaign_id ON files (tenant_id, campaign_id)",
        "CREATE INDEX ix_files_tenant_id_expires_at ON files (tenant_id, expires_at)",
    )
    behind_tenant("files", "INSERT", "DELETE")
    erasable("files")


def downgrade() -> None:
    """The bytes stay where they are; the older release knows nothing of them."""
    drop("files")
