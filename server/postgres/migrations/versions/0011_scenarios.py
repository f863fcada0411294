"""Scenarios under names, and which version of a plan was approved."""

from server.postgres.migrations.statements import in_every_tenant, run

revision = "0011"
down_revision = "0009"

_SCENARIOS = """
    UPDATE media_plans plan SET scenarios = coalesce((
        SELECT jsonb_agg(jsonb_build_object('number', number, 'name', 'Scenario ' || number) ORDER BY number)
        FROM plan_versions version WHERE version.tenant_id = plan.tenant_id AND version.plan_id = plan.id
            AND version.kind = 'scenario'), '[]')
"""
# The version is in the request where there was one; who could approve it at once left none.
_APPROVED = """
    UPDATE media_plans plan SET approved_number = coalesce((
        SELECT max((versions ->> 'plan')::int) FROM approvals WHERE approvals.tenant_id = plan.tenant_id
            AND action = 'plan.approve' AND approvals.status = 'executed'
            AND arguments ->> 'campaign_id' = plan.campaign_id::text
    ), (
        SELECT version.number FROM campaigns, plan_versions version WHERE campaigns.tenant_id = plan.tenant_id
            AND campaigns.id = plan.campaign_id AND campaigns.status = 'approved'
            AND version.tenant_id = plan.tenant_id AND version.id = plan.current_version_id))
"""


def upgrade() -> None:
    run(
        "ALTER TABLE media_plans ADD COLUMN scenarios jsonb NOT NULL DEFAULT '[]', ADD COLUMN approved_number integer",
        "ALTER TABLE media_plans ALTER COLUMN scenarios DROP DEFAULT",
        "CREATE INDEX ix_approvals_of_plans ON approvals (tenant_id, (arguments ->> 'campaign_id')) "
        "WHERE action = 'plan.approve'",
    )
    in_every_tenant(_SCENARIOS, _APPROVED)


def downgrade() -> None:
    run(
        "DROP INDEX ix_approvals_of_plans",
        "ALTER TABLE media_plans DROP COLUMN scenarios, DROP COLUMN approved_number",
    )
