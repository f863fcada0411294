"""The workspace agent's tools for advertisers: who campaigns belong to, and on which terms their media is bought."""

from pydantic import Field

from agents.blocks import Table, table
from agents.tools import Call, Effect, Offered, Said, offer
from domain.fees import FeeBasis
from domain.tenants import Permission
from services.advertisers import CreateAdvertiser, UpdateAdvertiser
from services.application import Application
from services.commands import Command
from services.read_models import PageRequest
from services.term_views import AdvertiserView, FeeTermsView

AGENT = "workspace"


class OfAdvertiser(Command):
    client: str = Field(min_length=1, max_length=200, description="Name or id of the advertiser.")


class Amending(OfAdvertiser, UpdateAdvertiser):
    pass


class Listing(Command):
    search: str | None = Field(default=None, max_length=200)
    include_archived: bool = False


class AdvertiserTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def create_advertiser(self, call: Call[CreateAdvertiser]) -> Said:
        """Create an advertiser with its fees, agency discount and naming pattern. A campaign for a new name makes one
        too, on the usual terms.
        """
        view = await self._app.advertisers.create(call.actor, call.arguments)
        return Said(f"Created {advertiser_text(view)}", advertisers_block([view]))

    async def update_advertiser(self, call: Call[Amending]) -> Said:
        """Change an advertiser's name, fees, agency discount, naming pattern or UTM values. New lines take new fees;
        planned ones keep theirs.
        """
        asked = call.arguments
        advertiser = await self._app.queries.advertiser_named(call.actor, asked.client)
        view = await self._app.advertisers.update(call.actor, advertiser.id, UpdateAdvertiser.within(asked))
        kept = " Lines that are planned already keep the fees they have." if asked.fees is not None else ""
        return Said(f"Updated {advertiser_text(view)}{kept}", advertisers_block([view]))

    async def show_advertiser(self, call: Call[OfAdvertiser]) -> Said:
        """Show an advertiser's fees, agency discount, naming pattern and UTM values."""
        view = await self._app.queries.advertiser_named(call.actor, call.arguments.client)
        return Said(advertiser_text(view), advertisers_block([view]))

    async def list_advertisers(self, call: Call[Listing]) -> Said:
        """List the advertisers, by words of their names."""
        asked = call.arguments
        page = await self._app.queries.advertisers(
            call.actor, PageRequest(limit=100), search=asked.search, include_archived=asked.include_archived
        )
        if not page.items:
            return Said("There is no such advertiser." if asked.search else "There is no advertiser yet.")
        names = "; ".join(f"“{one.name}”" for one in page.items)
        count = f"{len(page.items)} advertiser{'' if len(page.items) == 1 else 's'}"
        more = " There are more; narrow the search." if page.next_cursor else ""
        return Said(f"{count}: {names}.{more}", advertisers_block(page.items))


def advertiser_text(view: AdvertiserView) -> str:
    fees = ", ".join(_fee(fee, view.currency) for fee in view.fees) or "no fees"
    parts = [f"“{view.name}”: {fees}, agency discount {view.agency_discount_percent} %."]
    if view.currency:
        parts.append(f"Currency {view.currency}.")
    if view.naming:
        parts.append(f"Lines are named {view.naming}.")
    if said := view.utm.model_dump(exclude_none=True):
        parts.append("Links say " + ", ".join(f"{name}={value}" for name, value in said.items()) + ".")
    if view.archived:
        parts.append("It is archived.")
    return " ".join(parts)


def advertisers_block(views: list[AdvertiserView]) -> Table:
    return table(
        "Advertisers" if len(views) != 1 else views[0].name,
        [
            ("name", "Advertiser", "left"),
            ("fees", "Fees", "left"),
            ("discount", "Agency discount", "right"),
            ("naming", "Names of lines", "left"),
        ],
        [
            {
                "name": view.name,
                "fees": ", ".join(_fee(fee, view.currency) for fee in view.fees) or "none",
                "discount": f"{view.agency_discount_percent} %",
                "naming": view.naming or "",
            }
            for view in views
        ],
    )


def _fee(fee: FeeTermsView, currency: str | None) -> str:
    money = f"{fee.value} {currency}" if currency else f"{fee.value}"
    size = {
        FeeBasis.PERCENT_OF_NET_MEDIA: f"{fee.value} % of net media",
        FeeBasis.PERCENT_OF_GROSS: f"{fee.value} % of gross",
        FeeBasis.CPM: f"{money} per thousand impressions",
        FeeBasis.FLAT: f"{money} once",
    }[fee.basis]
    return f"{fee.name} {size}"


def advertiser_tools(application: Application) -> list[Offered]:
    do = AdvertiserTools(application)
    return [
        offer(AGENT, do.create_advertiser, CreateAdvertiser, Permission.CAMPAIGN_WRITE, Effect.DRAFT),
        offer(AGENT, do.update_advertiser, Amending, Permission.CAMPAIGN_WRITE, Effect.DRAFT),
        offer(AGENT, do.show_advertiser, OfAdvertiser, Permission.CAMPAIGN_READ, Effect.READ),
        offer(AGENT, do.list_advertisers, Listing, Permission.CAMPAIGN_READ, Effect.READ),
    ]
