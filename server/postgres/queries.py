"""Every question the product answers from Postgres (services/queries.py says what they mean)."""

from server.postgres.access_queries import AccessQueries
from server.postgres.approval_queries import ApprovalQueries
from server.postgres.audit_queries import AuditQueries
from server.postgres.budget_queries import BudgetQueries
from server.postgres.campaign_queries import CampaignQueries
from server.postgres.file_queries import FileQueries
from server.postgres.job_queries import JobQueries
from server.postgres.plan_queries import PlanQueries
from server.postgres.session_queries import SessionQueries
from server.postgres.tenant_queries import TenantQueries
from server.postgres.term_queries import TermQueries


class PostgresQueries(
    AccessQueries,
    ApprovalQueries,
    AuditQueries,
    CampaignQueries,
    PlanQueries,
    BudgetQueries,
    SessionQueries,
    JobQueries,
    FileQueries,
    TenantQueries,
    TermQueries,
):
    """Made with the engine. Each answer comes from one read-only transaction of the actor's tenant."""
