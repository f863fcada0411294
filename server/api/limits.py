"""How often an address or a person may ask: taken before anything is done. Limits of an account are the services'."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from fastapi import Request
from fastapi.params import Depends as Dependency

from server.api.auth import Acting, Documented, TenantPath, acting, known_bearer, system_of
from services.actor import Actor
from services.gateways import Quota


def per_address(quota: Quota) -> Dependency:
    """For a route's `dependencies`: raises LimitExceeded `rate_limited`."""

    async def take(request: Request) -> None:
        await system_of(request).application.rate_limits.take(quota, address_of(request))

    return Dependency(take)


def per_user(quota: Quota) -> Dependency:
    """As `per_address`, for a route of a tenant; gives the actor. A service token counts as the member whom it acts
    for.
    """

    async def take(request: Request, actor: Acting) -> Actor:
        await system_of(request).application.rate_limits.take(quota, str(actor.user_id))
        return actor

    return Dependency(take)


def per_address_and_user(address: Quota, user: Quota) -> Dependency:
    """Both; gives the actor. An access token says whom it is for, so they are counted at once, before it is looked up
    what this person may do.
    """

    async def take(request: Request, tenant_id: TenantPath, documented: Documented = None) -> Actor:
        limits, of_address = system_of(request).application.rate_limits, (address, address_of(request))
        if bearer := known_bearer(request):
            await limits.take_each(of_address, (user, str(bearer.user_id)))
            return await acting(request, tenant_id)
        await limits.take(*of_address)
        actor = await acting(request, tenant_id)
        await limits.take(user, str(actor.user_id))
        return actor

    return Dependency(take)


def address_of(request: Request) -> str:
    """As uvicorn has it, which believes forwarded addresses of trusted proxies alone (MP_TRUSTED_PROXIES).

    An IPv6 address counts as its /64: a subscriber has every address of one.
    """
    if request.client is None:
        return "unknown"
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return request.client.host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((address.packed, 64), strict=False))
    return str(address)
