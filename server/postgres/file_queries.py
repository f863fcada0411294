"""Files as read models. A file that has ended, or that somebody may not read, looks like none."""

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from domain.ids import CampaignId, FileId
from domain.tenants import Permission
from server.postgres.file_tables import files
from server.postgres.paging import Order
from server.postgres.tenant_reader import TenantReader
from services.actor import Actor
from services.file_views import FileView, no_file
from services.read_models import Page, PageRequest

_LATEST_FIRST = Order("files", (files.c.created_at, files.c.id), descending=True)


class FileQueries(TenantReader):
    async def files(self, actor: Actor, campaign_id: CampaignId | None, page: PageRequest) -> Page[FileView]:
        statement = select(files).where(_readable(actor))
        if campaign_id is not None:
            statement = statement.where(files.c.campaign_id == campaign_id)
        rows = await self._rows(actor.tenant_id, _LATEST_FIRST.window(statement, page))
        return _LATEST_FIRST.page(rows, page, FileView.model_validate)

    async def file(self, actor: Actor, file_id: FileId) -> FileView:
        statement = select(files).where(_readable(actor), files.c.id == file_id)
        return FileView.model_validate(await self._row(actor.tenant_id, statement, no_file()))


def _readable(actor: Actor) -> ColumnElement[bool]:
    """services.file_views.may_read, in SQL."""
    lasting = or_(files.c.expires_at.is_(None), files.c.expires_at > func.now())
    return and_(files.c.tenant_id == actor.tenant_id, lasting, _near(actor))


def _near(actor: Actor) -> ColumnElement[bool]:
    if Permission.TENANT_MANAGE in actor.permissions:
        return true()
    granted = [campaign for campaign, rights in actor.grants.items() if Permission.PLAN_READ in rights]
    if Permission.PLAN_READ not in actor.permissions:
        return files.c.campaign_id.in_(granted)
    return or_(files.c.campaign_id.is_not(None), files.c.created_by == actor.user_id)
