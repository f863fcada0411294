"""The planning agent's tools for benchmarks: the workspace's own figures, and what lines are planned with."""

from collections.abc import Sequence
from decimal import Decimal

from pydantic import Field

from agents.blocks import Table, table
from agents.tools import Call, Effect, Offered, Said, offer
from domain.channels import Channel
from domain.tenants import Permission
from services.application import Application
from services.benchmark_commands import BenchmarkPlace, SetBenchmark
from services.commands import Command
from services.read_models import PageRequest
from services.term_views import BenchmarkInUse, BenchmarkView

AGENT = "planning"
_SHOWN = 100
_SHARES = (
    ("ctr", "CTR"),
    ("cvr", "conversion rate"),
    ("viewability", "viewability"),
    ("completion_rate", "completion rate"),
)


class InUse(Command):
    channel: Channel | None = None
    market: str | None = Field(default=None, max_length=80)
    currency: str | None = Field(default=None, max_length=3, description="Left out: the workspace's own.")


class BenchmarkTools:
    def __init__(self, application: Application) -> None:
        self._app = application

    async def set_benchmark(self, call: Call[SetBenchmark]) -> Said:
        """Set the workspace's own figures of a channel (CPM, CTR …) in a market and currency, with their source.

        What is not said stays inherited. Plans use them from the next version on; what is planned stays as it is.
        """
        view = await self._app.benchmarks.set(call.actor, call.arguments)
        return Said(f"Set: {own_text(view)}. The rest is inherited.", own_block([view]))

    async def list_benchmarks(self, call: Call[InUse]) -> Said:
        """The benchmarks that lines are planned with, and whose figures they are: the workspace's own, or defaults."""
        asked = call.arguments
        own = await self._app.queries.benchmarks(call.actor, PageRequest(limit=_SHOWN), channel=asked.channel)
        found = await self._app.benchmarks.in_use(call.actor, asked.currency, asked.market)
        in_use = [one for one in found if asked.channel in (None, one.channel)]
        mine = "; ".join(own_text(one) for one in own.items) or "none"
        where = f" in {asked.market}" if asked.market else ""
        text = "; ".join(in_use_text(one) for one in in_use) or "none"
        return Said(f"Own figures: {mine}. In use{where}: {text}.", in_use_block(in_use))

    async def remove_benchmark(self, call: Call[BenchmarkPlace]) -> Said:
        """Remove the workspace's own figures of a channel in a market and currency: they are inherited again."""
        view = await self._app.benchmarks.remove_at(call.actor, call.arguments)
        return Said(f"Removed: {own_text(view)}. These figures are inherited again.")


def own_text(view: BenchmarkView) -> str:
    """“Search in DE: CPM 85 EUR (2026 actuals)”."""
    prices = [(name.upper(), getattr(view, name)) for name in ("cpm", "cpp")]
    figures = [f"{label} {price} {view.currency}" for label, price in prices if price is not None]
    figures += [f"{label} {_percent(share)}" for name, label in _SHARES if (share := getattr(view, name)) is not None]
    if view.audience is not None:
        figures.append(f"audience {view.audience:,}")
    if view.frequency_cap is not None:
        figures.append(f"frequency cap {view.frequency_cap} a week")
    if view.pricing_model is not None:
        figures.append(f"bought by {view.pricing_model}")
    others = "".join(f"; {name.replace('_', ' ')}: {source}" for name, source in view.other_sources.items())
    start = f" from {view.valid_from}" if view.valid_from else ""
    place = f"{view.channel.label} in {view.market}" if view.market else f"{view.channel.label} in every market"
    return f"{place} ({view.currency}){start}: {', '.join(figures)}, source {view.source}{others}"


def in_use_text(one: BenchmarkInUse) -> str:
    return f"{one.label} CPM {one.cpm} {one.currency}, CTR {_percent(one.ctr)} ({one.source})"


def own_block(views: Sequence[BenchmarkView]) -> Table:
    return table(
        "Own benchmarks",
        [("figures", "Figures", "left")],
        [{"figures": own_text(view)} for view in views],
    )


def in_use_block(each: Sequence[BenchmarkInUse]) -> Table:
    return table(
        "Benchmarks in use",
        [
            ("channel", "Channel", "left"),
            ("cpm", "CPM", "right"),
            ("ctr", "CTR", "right"),
            ("cvr", "Conversion rate", "right"),
            ("viewability", "Viewability", "right"),
            ("audience", "Audience", "right"),
            ("cap", "Frequency cap a week", "right"),
            ("source", "Source", "left"),
        ],
        [
            {
                "channel": one.label,
                "cpm": f"{one.cpm:,} {one.currency}",
                "ctr": _percent(one.ctr),
                "cvr": _percent(one.cvr),
                "viewability": _percent(one.viewability),
                "audience": f"{one.audience:,}",
                "cap": str(one.frequency_cap),
                "source": one.source,
            }
            for one in each
        ],
    )


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


def benchmark_tools(application: Application) -> list[Offered]:
    do = BenchmarkTools(application)
    return [
        offer(AGENT, do.set_benchmark, SetBenchmark, Permission.PLAN_WRITE, Effect.DRAFT),
        offer(AGENT, do.list_benchmarks, InUse, Permission.PLAN_READ, Effect.READ),
        offer(AGENT, do.remove_benchmark, BenchmarkPlace, Permission.PLAN_WRITE, Effect.DRAFT),
    ]
