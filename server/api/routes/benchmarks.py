"""A tenant's own benchmarks: set one by one or in a .csv file, and what lines are planned with."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from domain.channels import Channel
from server.api.auth import Acting, TheApplication
from server.api.routes.parameters import BenchmarkPath, PageWanted
from services.benchmark_commands import ImportBenchmarks, SetBenchmark
from services.read_models import Page
from services.term_views import BenchmarkInUse, BenchmarkView, Imported

router = APIRouter(prefix="/benchmarks", tags=["benchmarks"])

_SET = {
    "price": {
        "summary": "A price in one market; everything else is inherited",
        "value": {"channel": "search", "market": "DE", "currency": "EUR", "cpm": "85.00", "source": "2026 actuals"},
    },
    "whole": {
        "summary": "All figures of a channel that has no default",
        "value": {
            "channel": "radio",
            "currency": "EUR",
            "valid_from": "2027-01-01",
            "cpm": "12.50",
            "ctr": "0.001",
            "cvr": "0.015",
            "viewability": "0.9",
            "completion_rate": "0.85",
            "audience": 400000,
            "frequency_cap": "3",
            "source": "Agency rate card 2027",
        },
    },
}
_IMPORT = {"file": {"value": {"file_id": "0192f5d2-8c1e-7bb1-9a57-3f5f0c1d2e3f"}}}
_CSV: dict[int | str, dict[str, Any]] = {
    200: {"description": "All of them, one a row.", "content": {"text/csv": {"schema": {"type": "string"}}}}
}
Currency = Annotated[str | None, Query(min_length=3, max_length=3, description="Left out: the tenant's own.")]
Market = Annotated[str | None, Query(max_length=80)]


class CsvAnswer(Response):
    media_type = "text/csv"


@router.get("")
async def list_benchmarks(
    actor: Acting,
    application: TheApplication,
    page: PageWanted,
    channel: Channel | None = None,
    currency: Annotated[str | None, Query(max_length=3, description="Left out: all.")] = None,
) -> Page[BenchmarkView]:
    """The tenant's own, those set last first."""
    return await application.queries.benchmarks(actor, page, channel=channel, currency=currency)


@router.put("")
async def set_benchmark(
    actor: Acting, application: TheApplication, command: Annotated[SetBenchmark, Body(openapi_examples=_SET)]
) -> BenchmarkView:
    """Of a channel, a market and a currency. Figures left out stay as they are, or are inherited."""
    return await application.benchmarks.set(actor, command)


@router.get("/in-use")
async def list_benchmarks_in_use(
    actor: Acting,
    application: TheApplication,
    currency: Currency = None,
    market: Market = None,
    day: Annotated[date | None, Query(description="The first of the flight; left out: today.")] = None,
) -> list[BenchmarkInUse]:
    """What a line of each channel is planned with, and whose figures these are."""
    return await application.benchmarks.in_use(actor, currency, market, day)


@router.post("/import")
async def import_benchmarks(
    actor: Acting, application: TheApplication, command: Annotated[ImportBenchmarks, Body(openapi_examples=_IMPORT)]
) -> Imported:
    """All rows of a .csv file, or none: `bad_rows` names every problem with its row. Columns as in the export."""
    return await application.benchmarks.bring(actor, command)


@router.get("/export", response_class=CsvAnswer, responses=_CSV)
async def export_benchmarks(actor: Acting, application: TheApplication) -> CsvAnswer:
    headers = {"Content-Disposition": 'attachment; filename="benchmarks.csv"'}
    return CsvAnswer(await application.benchmarks.export(actor), headers=headers)


@router.delete("/{benchmark_id}", status_code=204)
async def remove_benchmark(actor: Acting, application: TheApplication, benchmark_id: BenchmarkPath) -> None:
    """What it said is inherited again."""
    await application.benchmarks.remove(actor, benchmark_id)
