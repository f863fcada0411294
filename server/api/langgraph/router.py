"""The LangGraph API's subset, as the stock SDKs find it under one address of a tenant."""

from fastapi import APIRouter

from server.api.langgraph import routes_about, routes_refused, routes_runs, routes_threads

router = APIRouter(prefix="/langgraph")

for part in (routes_about, routes_threads, routes_runs, routes_refused):
    router.include_router(part.router)
