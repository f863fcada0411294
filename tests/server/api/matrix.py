"""Every route and every place in it where an id can stand, made from the routes and their schemas.

What a route needs beyond that is written down here: a body that would be accepted from one's own. `{campaign_id}` in it
stands for the id of one's own campaign. A route or an id that is not known here fails the tests that use this.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from domain.ids import new_id
from tests.server.api.conftest import CAMPAIGN

PREFIX = "/api/v1/tenants/{tenant_id}"

Json = dict[str, Any]

_GRANT = {"user_id": "{user_id}", "campaign_id": "{campaign_id}", "role": "analyst"}
_DELEGATION = {"kind": "propose_only"}
_INVITATION = {"email": f"{new_id()}@example.com", "role": "viewer"}
_RUN = {"assistant_id": "media_planner", "input": {"messages": "hello"}}
BODIES: dict[str, list[Json]] = {
    "create_advertiser": [{"name": f"Northwind {new_id()}"}],
    "update_advertiser": [{"fees": []}],
    "set_benchmark": [{"channel": "search", "currency": "EUR", "cpm": "85", "source": "2026 actuals"}],
    "import_benchmarks": [{"file_id": "{file_id}"}],
    "add_response_curve": [
        {
            "channel": "search",
            "counts": "conversions",
            "currency": "USD",
            "days": 28,
            "source": "A model",
            "file_id": "{file_id}",
            "campaign_id": "{campaign_id}",
            "advertiser_id": "{advertiser_id}",
        }
    ],
    "create_campaign": [CAMPAIGN],
    "update_campaign": [{"name": "Taken over"}],
    "move_campaign": [{"move": "cancel", "reason": "mine now"}],
    "draft_plan": [{"channels": ["search"]}],
    "revise_plan": [{"flighting": "front_loaded"}],
    "optimize_plan": [{}],
    "try_what_if": [{"budget_percent": "-10"}],
    "save_scenario": [{"name": "A"}],
    "undo_plan": [{}],
    "resync_plan": [{"how": "optimize"}],
    "copy_plan": [{"scale": True}],
    "copy_campaign": [{"start": "2028-03-01"}],
    "export_plan": [{"format": "mediaplan_json"}],
    "what_would_more_buy": [{"percent": "10"}],
    "find_cheapest_budget": [{"outcome": "100"}],
    "preview_plan_import": [{"file_id": "{file_id}"}],
    "import_plan": [{"file_id": "{file_id}", "digest": "0" * 16}],
    "preview_campaign_import": [{"file_id": "{file_id}"}],
    "import_campaign": [{"file_id": "{file_id}", "digest": "0" * 16}],
    "open_session": [{"title": "Mine"}],
    "rename_session": [{"title": "Mine"}],
    "post_turn": [{"message": "Show me everything", "files": ["{file_id}"]}],
    "run_agent": [
        {
            "threadId": f"{new_id()}",
            "runId": f"{new_id()}",
            "messages": [{"id": "1", "role": "user", "content": "Show me everything"}],
            "forwardedProps": {"files": ["{file_id}"]},
        }
    ],
    "start_budget_sweep": [{"lowest": CAMPAIGN["budget"], "highest": {"amount": "300000.00", "currency": "USD"}}],
    "start_year_plan": [{}],
    "start_export": [{}],
    "start_planning_job": [{"channels": ["search"]}],
    "change_settings": [{"locale": "de-DE"}],
    "change_role": [{"role": "analyst"}],
    "invite": [_INVITATION],
    "give_grant": [_GRANT],
    "give_delegation": [_DELEGATION],
    "create_service_token": [
        {
            "name": "Nightly report",
            "scopes": ["campaign:read"],
            "expires_at": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
        }
    ],
    "ask_for_approval": [
        {"action": "campaign.move", "campaign_id": "{campaign_id}", "move": "launch"},
        {"action": "campaign.update", "campaign_id": "{campaign_id}", "budget": CAMPAIGN["budget"]},
        {"action": "plan.approve", "campaign_id": "{campaign_id}"},
        {"action": "member.invite", **_INVITATION},
        {"action": "member.remove", "user_id": "{user_id}"},
        {"action": "member.change_role", "user_id": "{user_id}", "role": "viewer"},
        {"action": "grant.give", **_GRANT},
        {"action": "delegation.give", "user_id": "{user_id}", **_DELEGATION},
    ],
    "decide_approval": [{"verdict": "denied", "reason": "Not this quarter."}],
    "erase_tenant": [{"name": "Acme"}],
    "get_thread_state_of": [{"checkpoint": {}}],
    "create_run": [_RUN],
    "stream_run": [_RUN],
    "wait_run": [_RUN],
}
FORMS = {"upload_file": {"file": ("lines.csv", b"channel,budget\n", "text/csv")}}
CALLED = {"files": "file_id"}  # where a field has another name than the id in it
# What stock clients could ask for and nobody gets, whoever asks.
REFUSED = {
    *("refuse_stateless_run", "refuse_stateless_stream", "refuse_stateless_wait", "refuse_run_batch"),
    *("refuse_thread_copy", "refuse_thread_update", "refuse_state_update", "refuse_state_patch"),
}
WITHOUT_BODY = {
    *("archive_advertiser", "restore_advertiser", "remove_benchmark", "retire_response_curve"),
    *(
        "promote_scenario",
        "delete_scenario",
        "archive_campaign",
        "restore_campaign",
        "approve_plan",
        "cancel_turn",
        "cancel_job",
        "delete_session",
    ),
    *("remove_member", "withdraw_grant", "withdraw_delegation", "revoke_service_token", "revoke_invitation"),
    *(
        "approve_plan",
        "link_file",
        "delete_file",
        "withdraw_approval",
        "suspend_tenant",
        "resume_tenant",
        "export_tenant",
    ),
    *("search_assistants", "create_thread", "search_threads", "get_thread_history", "delete_thread", "cancel_run"),
    *REFUSED,
}
# What stands in a path without being an id.
WORDS = {"kind": "budget", "number": "1"}
# Of no tenant: for whoever has signed in, and for everybody.
ACCOUNT = {"me", "list_sign_ins", "end_sign_in", "change_password", "join_tenant", "found_tenant"}
PUBLIC = {
    *("sign_in", "sign_in_methods", "refresh", "sign_out", "ask_password_reset", "reset_password"),
    *("sign_in_with_google", "come_back_from_google", "look_at_invitation", "accept_invitation", "follow_link"),
    *("published_keys", "livez", "readyz", "_page"),
}
# What a question is narrowed down to, and which of one's own ids that may be.
QUERIES = {
    "user_id": "user_id",
    "object_id": "campaign_id",
    "campaign_id": "campaign_id",
    "session_id": "session_id",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    name: str
    method: str
    path: str
    query_ids: tuple[str, ...] = ()

    @property
    def path_ids(self) -> list[str]:
        return [name for name in re.findall(r"{(\w+)}", self.path) if name != "tenant_id" and name not in WORDS]

    @property
    def bodies(self) -> list[Json | None]:
        return [*BODIES.get(self.name, [None])]


@dataclass(frozen=True, slots=True)
class Cell:
    """One request with one foreign id in it, everything else one's own."""

    endpoint: Endpoint
    foreign: str  # which id of the other tenant
    body: Json | None = None
    in_query: str | None = None
    in_body: bool = False

    async def tried(
        self, client: httpx.AsyncClient, token: str | None, own: Mapping[str, str], theirs: Mapping[str, str]
    ) -> httpx.Response:
        path_ids = {**own, **({} if self.in_query or self.in_body else {self.foreign: theirs[self.foreign]})}
        body_ids = {**own, **({self.foreign: theirs[self.foreign]} if self.in_body else {})}
        query = {self.in_query: theirs[self.foreign]} if self.in_query else {}
        return await asked(client, token, self.endpoint, path_ids, filled(self.body, body_ids), query)


def cells(endpoints: list[Endpoint]) -> list[Cell]:
    """Everything that can be tried from inside one's own tenant, or of one's own account. Questions come first: what
    is refused later is in one's own audit, with the id that was asked for.
    """
    found = list[Cell]()
    for one in endpoints:
        first = Cell(one, "", one.bodies[0])
        found += [replace(first, foreign=name) for name in one.path_ids]
        found += [replace(first, foreign=QUERIES[name], in_query=name) for name in one.query_ids]
        for body in one.bodies:
            found += [replace(first, foreign=name, body=body, in_body=True) for name in sorted(placeholders(body))]
    return sorted(found, key=lambda cell: cell.endpoint.method != "GET")


async def asked(
    client: httpx.AsyncClient,
    token: str | None,
    one: Endpoint,
    ids: Mapping[str, str],
    body: Json | None = None,
    query: Mapping[str, str] | None = None,
) -> httpx.Response:
    headers = {"Idempotency-Key": str(new_id())} | ({"Authorization": f"Bearer {token}"} if token else {})
    sent = {"files": FORMS[one.name]} if one.name in FORMS else {"json": body}
    return await client.request(one.method, one.path.format(**{**WORDS, **ids}), headers=headers, params=query, **sent)


def endpoints_of(app: FastAPI) -> list[Endpoint]:
    contexts = [one for one in iter_route_contexts(app.routes) if isinstance(one.original_route, APIRoute)]
    described = app.openapi()["paths"]
    return [
        Endpoint(str(one.name), method, str(one.path), _query_ids(described.get(one.path, {}).get(method.lower(), {})))
        for one in contexts
        for method in one.methods or ()
    ]


def _query_ids(operation: Mapping[str, Any]) -> tuple[str, ...]:
    queries = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
    return tuple(one["name"] for one in queries if _is_id(one["schema"]))


def body_ids(app: FastAPI, one: Endpoint) -> list[set[str]]:
    """The names of the ids in each form that the route's body may have."""
    described = app.openapi()
    body = described["paths"][one.path][one.method.lower()].get("requestBody", {})
    schema = body.get("content", {}).get("application/json", {}).get("schema", {})
    models = described["components"]["schemas"]
    return [set(_named_ids(form, models)) for form in schema.get("oneOf", [schema])]


def _named_ids(
    schema: Mapping[str, Any], models: Mapping[str, Any], name: str = "", met: frozenset[str] = frozenset()
) -> Iterator[str]:
    if schema.get("format") == "uuid":
        yield CALLED.get(name, name)
    if (ref := schema.get("$ref")) and ref not in met:
        yield from _named_ids(models[ref.rsplit("/", 1)[1]], models, name, met | {ref})
    for key, inner in schema.get("properties", {}).items():
        yield from _named_ids(inner, models, key, met)
    of_list = [schema["items"]] if "items" in schema else []
    for inner in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *of_list):
        yield from _named_ids(inner, models, name, met)


def _is_id(schema: Mapping[str, Any]) -> bool:
    return any(one.get("format") == "uuid" for one in (schema, *schema.get("anyOf", ())))


def placeholders(body: Json | None) -> set[str]:
    return set(re.findall(r"{(\w+)}", " ".join(_texts(body))))


def filled(body: Json | None, ids: Mapping[str, str]) -> Json | None:
    return None if body is None else {key: _filled(value, ids) for key, value in body.items()}


def _filled(value: Any, ids: Mapping[str, str]) -> Any:
    match value:
        case str():
            return value.format(**ids)
        case list():
            return [_filled(one, ids) for one in value]
        case dict():
            return filled(value, ids)
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)
