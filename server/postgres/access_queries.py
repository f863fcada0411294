"""Who was invited, what is granted, which tokens there are: as read models. Nothing here opens anything."""

from sqlalchemy import select

from domain.ids import UserId
from domain.tenants import Permission
from server.postgres.access_tables import campaign_grants, invitations, service_tokens
from server.postgres.paging import Order
from server.postgres.tables import campaigns, users
from server.postgres.tenant_reader import TenantReader, same_tenant
from services.access_views import GrantView, InvitationView, ServiceTokenView
from services.actor import Actor, authorize
from services.read_models import Page, PageRequest

_i, _g, _t = invitations.c, campaign_grants.c, service_tokens.c
_LATEST_INVITATIONS = Order("invitations", (_i.created_at, _i.id), descending=True)
_LATEST_GRANTS = Order("grants", (_g.created_at, _g.id), descending=True)
_LATEST_TOKENS = Order("service-tokens", (_t.created_at, _t.id), descending=True)


class AccessQueries(TenantReader):
    async def invitations(self, actor: Actor, page: PageRequest) -> Page[InvitationView]:
        authorize(actor, Permission.MEMBER_MANAGE)
        shown = [_i[name] for name in InvitationView.model_fields]
        statement = select(*shown).where(_i.tenant_id == actor.tenant_id)
        rows = await self._rows(actor.tenant_id, _LATEST_INVITATIONS.window(statement, page))
        return _LATEST_INVITATIONS.page(rows, page, InvitationView.model_validate)

    async def grants(self, actor: Actor, page: PageRequest, user_id: UserId | None = None) -> Page[GrantView]:
        """Those that are over too, until they are withdrawn."""
        authorize(actor, Permission.GRANT_MANAGE)
        statement = (
            select(
                _g.id,
                _g.user_id,
                users.c.name.label("user_name"),
                _g.campaign_id,
                campaigns.c.name.label("campaign_name"),
                _g.role,
                _g.granted_by,
                _g.created_at,
                _g.expires_at,
            )
            .join(users, users.c.id == _g.user_id)
            .join(campaigns, same_tenant(campaigns, campaign_grants, campaigns.c.id == _g.campaign_id))
            .where(_g.tenant_id == actor.tenant_id)
        )
        if user_id is not None:
            statement = statement.where(_g.user_id == user_id)
        rows = await self._rows(actor.tenant_id, _LATEST_GRANTS.window(statement, page))
        return _LATEST_GRANTS.page(rows, page, GrantView.model_validate)

    async def service_tokens(self, actor: Actor, page: PageRequest) -> Page[ServiceTokenView]:
        authorize(actor, Permission.TOKEN_MANAGE)
        shown = [_t[name] for name in ServiceTokenView.model_fields]
        statement = select(*shown).where(_t.tenant_id == actor.tenant_id)
        rows = await self._rows(actor.tenant_id, _LATEST_TOKENS.window(statement, page))
        return _LATEST_TOKENS.page(rows, page, ServiceTokenView.model_validate)
