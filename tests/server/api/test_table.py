"""The table of routes finds what a walk through all of them finds."""

import re
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Match

from domain.ids import new_id

_PARAMETER = re.compile(r"\{\w+\}")


def walked(app: FastAPI, method: str, path: str) -> tuple[Match, APIRoute | None]:
    scope = {"type": "http", "method": method, "path": path}
    for route in app.routes[1:]:
        match, found = route.matches(dict(scope))
        if match is Match.FULL:
            return match, found.get("route")
    return Match.NONE, None


def every(app: FastAPI) -> Iterator[tuple[str, str]]:
    for route in app.routes[1:]:
        if isinstance(route, APIRoute):
            path = _PARAMETER.sub(lambda _: str(new_id()), route.path)
            yield from ((method, path) for method in route.methods or ())


def test_every_route_is_found_at_once(app: FastAPI) -> None:
    asked = list(every(app))
    assert len(asked) > 100
    for method, path in asked:
        match, found = app.routes[0].matches({"type": "http", "method": method, "path": path})
        assert (match, found["route"]) == walked(app, method, path)


def test_what_is_no_route_is_left_to_the_others(app: FastAPI) -> None:
    nowhere = ["", "/", "/api", "/api/v1/tenants", "/api/v1/tenants//sessions/", "/static/page.css", "/livez/"]
    for path in nowhere:
        match, _ = app.routes[0].matches({"type": "http", "method": "PURGE", "path": path})
        assert match is Match.NONE
