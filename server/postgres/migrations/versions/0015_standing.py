"""Who may enter a tenant, asked in one trip."""

from server.postgres.migrations.statements import run

revision = "0015"
down_revision = "0014"

# It names the person and the tenant itself, and row-level security shows what belongs to those, as it does wherever
# they are named. Whoever calls it finds the names as they were.
_STANDING = """
    CREATE FUNCTION standing(of_user uuid, in_tenant uuid)
    RETURNS TABLE (
        tenant_name text, status text, role text, campaign_id uuid, granted text, expires_at timestamptz
    )
    LANGUAGE plpgsql AS $$
    DECLARE
        before_user text := coalesce(current_setting('app.user_id', true), '');
        before_tenant text := coalesce(current_setting('app.tenant_id', true), '');
    BEGIN
        PERFORM set_config('app.user_id', of_user::text, true), set_config('app.tenant_id', in_tenant::text, true);
        RETURN QUERY
            SELECT t.name::text, t.status::text, m.role::text, g.campaign_id, g.role::text, g.expires_at
            FROM memberships m
            JOIN tenants t ON t.id = m.tenant_id
            LEFT JOIN campaign_grants g ON g.tenant_id = m.tenant_id AND g.user_id = m.user_id
            WHERE m.user_id = of_user AND m.tenant_id = in_tenant;
        PERFORM set_config('app.user_id', before_user, true), set_config('app.tenant_id', before_tenant, true);
    END $$
"""


def upgrade() -> None:
    run(_STANDING)


def downgrade() -> None:
    run("DROP FUNCTION standing")
