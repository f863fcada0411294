"""Advertisers: who campaigns belong to, and the terms that their plans start from."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from domain.advertisers import Advertiser, AdvertiserTerms
from domain.changes import Change
from domain.errors import Duplicate, InvalidInput, StaleVersion
from domain.ids import AdvertiserId
from domain.naming import LONGEST_PATTERN
from domain.tenants import Permission
from domain.text import clean_line
from domain.tracking import UtmDefaults
from services.actor import Actor, authorize
from services.commands import Command
from services.plan_commands import FeeTerms
from services.ports import Clock
from services.term_views import AdvertiserView
from services.unit_of_work import Begin, UnitOfWork

Text = Annotated[str, Field(max_length=200)]


class UtmTerms(Command):
    utm_source: Text | None = None
    utm_medium: Text | None = None
    utm_campaign: Text | None = None
    utm_content: Text | None = None
    utm_term: Text | None = None

    def defaults(self) -> UtmDefaults:
        return UtmDefaults(**{name.removeprefix("utm_"): value or None for name, value in self.model_dump().items()})


class Terms(Command):
    """What is left out stays as it is."""

    currency: str | None = Field(default=None, max_length=3, description="The advertiser's own; flat fees are in it.")
    fees: list[FeeTerms] | None = Field(
        default=None, max_length=50, description="On top of net media. All of them; replaces those it had."
    )
    agency_discount_percent: Decimal | None = Field(
        default=None, ge=0, lt=100, description="Percent of gross that is not paid. 15 unless it is said."
    )
    naming: str | None = Field(
        default=None,
        max_length=LONGEST_PATTERN,
        description="Names lines, like {advertiser}_{campaign}_{channel}_{start:%Y%m}. An empty one takes it away.",
    )
    utm: UtmTerms | None = Field(default=None, description="What its links always say. Replaces all it had.")

    def terms(self, before: AdvertiserTerms) -> AdvertiserTerms | None:
        """None where nothing is said of them."""
        said = {name for name in Terms.model_fields if getattr(self, name) is not None}
        if not said:
            return None
        wanted = {
            "currency": self.currency.strip().upper() if self.currency else None,
            "fees": tuple(fee.fee() for fee in self.fees or ()),
            "agency_discount": (self.agency_discount_percent or Decimal(0)) / 100,
            "naming": self.naming or None,
            "utm": self.utm.defaults() if self.utm else None,
        }
        names = {name.removesuffix("_percent") for name in said}
        terms = {name: value for name, value in wanted.items() if name in names}
        return replace(before, **terms)  # type: ignore[arg-type]  # each by its own field's name


class CreateAdvertiser(Terms):
    name: Text


class UpdateAdvertiser(Terms):
    name: Text | None = None


class Advertisers:
    """Whoever writes campaigns in the whole tenant looks after its advertisers."""

    def __init__(self, begin: Begin, clock: Clock) -> None:
        self._begin = begin
        self._clock = clock

    async def create(self, actor: Actor, command: CreateAdvertiser) -> AdvertiserView:
        """Raises Duplicate `duplicate_advertiser_name`, and InvalidInput for terms that break a rule."""
        authorize(actor, Permission.CAMPAIGN_WRITE)
        async with self._begin(actor) as work:
            if done := await work.earlier(AdvertiserView):
                return done
            if await work.advertisers.named(clean_line(command.name, field="name")):
                raise Duplicate("There is an advertiser of that name.", code="duplicate_advertiser_name", field="name")
            terms = command.terms(AdvertiserTerms())
            made, change = Advertiser.create(
                actor.tenant_id, command.name, terms, by=actor.user_id, now=self._clock.now()
            )
            work.advertisers.add(made)
            return await work.commit(AdvertiserView.of(made), change)

    async def update(
        self, actor: Actor, advertiser_id: AdvertiserId, command: UpdateAdvertiser, *, expected: int | None = None
    ) -> AdvertiserView:
        """New lines take the new fees; costs worked out from now on take the new discount."""

        def change(advertiser: Advertiser) -> Change:
            terms = command.terms(advertiser.terms)
            if terms is None and command.name is None:
                raise InvalidInput("Nothing would change.", code="nothing_to_change", field="name")
            return advertiser.change(name=command.name, terms=terms)

        return await self._act(actor, advertiser_id, expected, change)

    async def archive(
        self, actor: Actor, advertiser_id: AdvertiserId, *, expected: int | None = None
    ) -> AdvertiserView:
        return await self._act(actor, advertiser_id, expected, Advertiser.archive)

    async def restore(
        self, actor: Actor, advertiser_id: AdvertiserId, *, expected: int | None = None
    ) -> AdvertiserView:
        return await self._act(actor, advertiser_id, expected, Advertiser.restore)

    async def _act(
        self, actor: Actor, advertiser_id: AdvertiserId, expected: int | None, act: Callable[[Advertiser], Change]
    ) -> AdvertiserView:
        authorize(actor, Permission.CAMPAIGN_WRITE)
        async with self._begin(actor) as work:
            if done := await work.earlier(AdvertiserView):
                return done
            advertiser = await work.advertisers.get(advertiser_id)
            if expected is not None and expected != advertiser.version:
                raise StaleVersion(
                    f"{advertiser.name} is at version {advertiser.version} by now, not {expected}.",
                    current=advertiser.version,
                )
            change = act(advertiser)
            return await work.commit(AdvertiserView.of(advertiser), change)


async def belonging(
    work: UnitOfWork, actor: Actor, called: str | None, now: datetime
) -> tuple[AdvertiserId | None, Change | None]:
    """Whom a campaign that is said to be for them belongs to: the one of that name, made if there is none.

    Whoever writes in single campaigns only says a name, and nothing more comes of it. Raises IllegalMove
    `advertiser_archived`.
    """
    if not called or not actor.may(Permission.CAMPAIGN_WRITE):
        return None, None
    found = await work.advertisers.named(clean_line(called, field="advertiser"))
    if found is not None:
        found.must_be_active()
        return found.id, None
    made, change = Advertiser.create(actor.tenant_id, called, by=actor.user_id, now=now)
    work.advertisers.add(made)
    return made.id, change
