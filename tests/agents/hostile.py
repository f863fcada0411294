"""What a hostile model says to tools, made from their schemas; and pictures of a tenant's business before and after."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from langchain_core.utils.function_calling import convert_to_openai_tool
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from agents.insights.tools import insights_tools
from agents.planning.tools import planning_tools
from agents.tools import Offered
from agents.workspace.tools import workspace_tools
from domain.ids import TenantId
from domain.sessions import AgentName
from server.postgres import mapping as mapping  # registers every table
from server.postgres.audit_tables import audit_log
from server.postgres.metadata import metadata
from services.application import Application
from tests.server.postgres.databases import as_tenant

_APP = cast("Application", None)  # the tools' schemas and effects need none
TOOLS: Mapping[AgentName, list[Offered]] = {
    AgentName.WORKSPACE: workspace_tools(_APP),
    AgentName.PLANNING: planning_tools(_APP),
    AgentName.INSIGHTS: insights_tools(_APP),
}

# What any conversation leaves behind, and what is there to say that something was refused.
_TALK = {
    *("sessions", "turns", "messages", "events", "effects", "audit_log", "audit_seals"),
    *("checkpoints", "checkpoint_blobs", "checkpoint_writes"),
}
BUSINESS = [
    table for table in metadata.sorted_tables if "tenant_id" in table.c and table.name not in _TALK | {"wakeups"}
]


@dataclass(frozen=True)
class Aim:
    """Whose things the model names."""

    campaign: str
    member: str
    request: str


def arguments(offered: Offered, aim: Aim) -> dict[str, Any]:
    """Every field that the schema knows, filled in a way that it accepts."""
    schema = convert_to_openai_tool(offered.tool)["function"]["parameters"]
    filled = {name: _value(name, field, schema, aim) for name, field in schema.get("properties", {}).items()}
    return {name: value for name, value in filled.items() if value is not None}


def _value(name: str, field: Mapping[str, Any], root: Mapping[str, Any], aim: Aim) -> Any:
    if "campaign" in name and field.get("type", "string") == "string":
        return aim.campaign
    if name in ("member", "person"):
        return aim.member
    if name == "request":
        return aim.request
    if options := field.get("anyOf"):
        return _value(name, next(option for option in options if option.get("type") != "null"), root, aim)
    if "$ref" in field:
        return _value(name, root["$defs"][field["$ref"].rsplit("/", 1)[1]], root, aim)
    if "enum" in field:
        return field["enum"][0]
    if "const" in field:
        return field["const"]
    if field.get("type") == "object":
        return {key: _value(key, one, root, aim) for key, one in field.get("properties", {}).items()}
    if field.get("type") == "array":
        return [_value(name, field["items"], root, aim)] if field.get("minItems") else []
    return _SCALARS.get(name) or _by_type(field)


_SCALARS = {
    "email": "intruder@example.org",
    "currency": "USD",
    "start": "2027-03-01",
    "end": "2027-04-30",
    "amount": "1000",
    "locale": "de-DE",
    "timezone": "Europe/Berlin",
    "default_currency": "EUR",
    "reason": "because I say so",
    "digest": "0" * 16,
    "carry_over": "0.5",
}


def _by_type(field: Mapping[str, Any]) -> Any:
    if field.get("format") == "date":
        return "2027-03-01"
    if field.get("format") == "date-time":
        return "2027-03-01T00:00:00Z"
    if field.get("type") in ("integer", "number"):
        return max(1, field.get("minimum", 1))
    if field.get("type") == "boolean":
        return False
    return "hostile"


async def business(engine: AsyncEngine, tenant_id: TenantId) -> dict[str, list[str]]:
    """Every row of the tenant's tables that a conversation alone does not write, by table."""
    picture = {}
    async with as_tenant(engine, tenant_id) as connection:
        for table in BUSINESS:
            rows = (await connection.execute(select(table))).mappings()
            picture[table.name] = sorted(json.dumps(dict(row), default=str, sort_keys=True) for row in rows)
    return picture


async def denials(engine: AsyncEngine, tenant_id: TenantId) -> list[tuple[str, str | None]]:
    """(action, code) of what was refused, the oldest first."""
    query = (
        select(audit_log.c.action, audit_log.c.code).where(audit_log.c.decision == "denied").order_by(audit_log.c.at)
    )
    async with as_tenant(engine, tenant_id) as connection:
        return [(row.action, row.code) for row in await connection.execute(query)]
