"""The HTTP API: routes under /api/v1, two probes, and a small page to talk on."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

from server.api import health
from server.api.health import PartsStatus, Readiness
from server.api.langgraph.router import router as langgraph
from server.api.middleware import BodyLimit, RequestEnvelope
from server.api.problems import MEDIA_TYPE, Problem, add_problem_handlers
from server.api.routes import (
    accounts,
    advertisers,
    agui,
    approvals,
    audit,
    benchmarks,
    campaigns,
    delegations,
    exports,
    files,
    google,
    grants,
    invitations,
    jobs,
    keys,
    members,
    passwords,
    plan_history,
    plan_imports,
    plan_questions,
    plans,
    response_curves,
    scenarios,
    service_tokens,
    sessions,
    tenant,
    tenants,
    turns,
)
from server.api.stalled import StalledDatabase
from server.api.table import Table, spread
from server.bootstrap import System
from server.postgres.pulse import Pulse
from server.settings import Settings

STATIC = Path(__file__).parent / "static"

_EXPOSED = [
    *("Content-Location", "ETag", "Location", "Last-Event-ID", "Retry-After", "WWW-Authenticate", "X-Request-ID"),
]
_ACCEPTED = ["Accept", "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Last-Event-ID", "X-Request-ID"]


def create_app(system: System, parts_status: PartsStatus = tuple) -> FastAPI:
    """`parts_status` says how the embedded parts and the worker are, for the readiness probe."""
    app = _Api(
        title="media-planner",
        version="0.1.0",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
        middleware=_middleware(system.settings),
        generate_unique_id_function=_operation_id,
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.state.system = system
    app.state.readiness = Readiness(system, parts_status)
    add_problem_handlers(app)
    for router in (_api(), health.router, keys.router):
        spread(app, router)
    app.add_api_route("/", _page, include_in_schema=False)
    app.routes.insert(0, Table(app))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


class _Api(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """The framework would describe every refusal a second time, as plain JSON."""
        described = super().openapi()
        for path in described["paths"].values():
            for operation in path.values():
                for answer in operation["responses"].values():
                    if MEDIA_TYPE in answer.get("content", ()):
                        answer["content"].pop("application/json", None)
        return described


def _api() -> APIRouter:
    of_tenant = APIRouter(prefix="/tenants/{tenant_id}")
    for noun in (
        campaigns,
        advertisers,
        benchmarks,
        response_curves,
        plan_questions,
        plans,
        exports,
        plan_history,
        plan_imports,
        scenarios,
        sessions,
        turns,
        agui,
        jobs,
        tenant,
        members,
        grants,
        service_tokens,
        approvals,
        delegations,
        files,
        audit,
    ):
        of_tenant.include_router(noun.router, responses=_problems(401, 403, 404, 409, 412))
    of_tenant.include_router(langgraph, responses=_problems(401, 403, 404, 409))
    for both in (invitations, tenants):
        of_tenant.include_router(both.of_tenant, responses=_problems(401, 403, 404, 409, 412))
    api = APIRouter(prefix="/api/v1", responses=_problems(400, 413, 422, 429, 503))
    for of_account in (accounts, passwords, google, invitations, tenants):
        api.include_router(of_account.router, responses=_problems(401))
    api.include_router(files.linked, responses=_problems(403, 404))
    api.include_router(of_tenant)
    return api


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"model": Problem, "content": content} for status in statuses}


def _middleware(settings: Settings) -> Sequence[Middleware]:
    """The outermost first."""
    return [
        Middleware(RequestEnvelope),
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=_ACCEPTED,
            expose_headers=_EXPOSED,
            max_age=600,
        ),
        Middleware(StalledDatabase, beats=Pulse(settings.database_url or "").beats),
        Middleware(BodyLimit, limit=settings.body_limit_bytes, of_file=settings.file_limit_bytes),
    ]


def _operation_id(route: APIRoute) -> str:
    return route.name


async def _page() -> FileResponse:
    return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})
