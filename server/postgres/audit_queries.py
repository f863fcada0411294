"""The audit as a read model."""

from sqlalchemy import ColumnElement, or_, select

from domain.tenants import Permission
from server.postgres.audit_tables import audit_log, audit_seals
from server.postgres.paging import Order
from server.postgres.tables import users
from server.postgres.tenant_reader import TenantReader, same_tenant
from services.access_views import AuditFilter, AuditSort, AuditView
from services.actor import Actor, authorize
from services.read_models import Page, PageRequest

_KEYS = (audit_log.c.at, audit_log.c.id)
_ORDERS = {
    AuditSort.NEWEST: Order("audit -at", _KEYS, descending=True),
    AuditSort.OLDEST: Order("audit at", _KEYS),
}


class AuditQueries(TenantReader):
    async def audit(self, actor: Actor, wanted: AuditFilter, page: PageRequest) -> Page[AuditView]:
        authorize(actor, Permission.AUDIT_READ)
        sealed = same_tenant(audit_seals, audit_log, audit_seals.c.audit_id == audit_log.c.id)
        statement = (
            select(audit_log, users.c.name.label("user_name"), audit_seals.c.seq)
            .outerjoin(users, users.c.id == audit_log.c.user_id)
            .outerjoin(audit_seals, sealed)
            .where(audit_log.c.tenant_id == actor.tenant_id, *_wanted(wanted))
        )
        order = _ORDERS[wanted.sort]
        rows = await self._rows(actor.tenant_id, order.window(statement, page))
        return order.page(rows, page, AuditView.model_validate)


def _wanted(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    a = audit_log.c
    conditions: list[ColumnElement[bool]] = []
    if wanted.since:
        conditions.append(a.at >= wanted.since)
    if wanted.until:
        conditions.append(a.at < wanted.until)
    if wanted.user_id:
        conditions.append(a.user_id == wanted.user_id)
    if wanted.object_id:
        conditions.append(a.object_id == wanted.object_id)
    if wanted.action:
        kind = f"{wanted.action}."
        conditions.append(or_(a.action == wanted.action, a.action.startswith(kind, autoescape=True)))
    if wanted.decision:
        conditions.append(a.decision == wanted.decision)
    return conditions
