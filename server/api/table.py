"""All routes in one table, found by what their path is about.

Of routers within routers the framework asks every route, with every request, and once more for each level.
"""

from collections import defaultdict
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

_SAID = (
    *("methods", "name", "status_code", "response_class", "response_model", "dependencies"),
    *("response_model_include", "response_model_exclude", "response_model_by_alias", "response_model_exclude_unset"),
    *("response_model_exclude_defaults", "response_model_exclude_none", "max_body_size"),
    *("include_in_schema", "tags", "summary", "description", "response_description", "responses", "deprecated"),
    *("operation_id", "openapi_extra"),
)


def spread(app: FastAPI, router: APIRouter) -> None:
    """The router's routes, and those of all the routers in it, as the application's own."""
    around = APIRouter()
    around.include_router(router)
    for route in iter_route_contexts(around.routes):
        assert route.path is not None, "routers hold nothing else"
        assert route.endpoint is not None, "routers hold nothing else"
        app.add_api_route(route.path, route.endpoint, **{name: getattr(route, name) for name in _SAID})


class Table(BaseRoute):
    """To stand before the routes that it is made of. A request that is meant for none of them is left to the others."""

    def __init__(self, app: FastAPI) -> None:
        self._routes: defaultdict[object, list[APIRoute]] = defaultdict(list)
        for route in app.routes:
            if isinstance(route, APIRoute):
                self._routes[_about(route.path)].append(route)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http":
            for route in self._routes.get(_about(scope["path"]), ()):
                match, found = route.matches(scope)
                if match is Match.FULL:
                    return match, found
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["route"].handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)


def _about(path: str) -> tuple[int, str]:
    """How long it is, and its first word behind the version, or behind the tenant: routes that differ in one of them
    never match the same path, since no parameter holds a slash or stands there.
    """
    words = path.split("/")
    place = 5 if len(words) > 5 and words[3] == "tenants" else 3
    return len(words), words[place] if len(words) > place else ""
