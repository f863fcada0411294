"""Another tenant's things in every argument of every tool: the matrix is made from the schemas of the tools."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from langchain.tools import ToolRuntime
from langchain_core.runnables import RunnableConfig
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine

from agents.context import RunContext
from agents.insights.tools import insights_tools
from agents.planning.tools import planning_tools
from agents.tools import Effect, Offered
from agents.workspace.tools import workspace_tools
from domain.errors import DomainError, InvalidInput, NotFound
from domain.ids import new_id
from server.clock import SystemClock
from services.application import Application, Limits, assemble
from tests.agents.hostile import TOOLS, Aim, arguments
from tests.conftest import NewActor
from tests.drivers import drivers_on
from tests.fakes.feed import InMemoryFeed
from tests.security.figures import Figures
from tests.security.furnished import Furnished, furnished, rows

EVERY = [offered for tools in TOOLS.values() for offered in tools]

# Arguments that name a thing, which may then be another tenant's.
NAMES = {"client", "campaign", "to_campaign", "scenario", "member", "person", "request", "search", "email", "file"}
# Text that names nothing there is.
TEXT = {
    *("name", "title", "reason", "advertiser", "product", "kpi", "markets", "currency", "amount", "percent"),
    *("default_currency", "locale", "timezone", "field", "required", "budget_percent", "audiences", "kpi_target"),
    *("vehicle", "format", "market", "audience", "notes", "rate", "rate_currency", "label", "value", "source"),
    *("time_unit", "agency_discount_percent", "naming"),
    *("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"),
    *("cpm", "cpp", "ctr", "cvr", "viewability", "completion_rate", "frequency_cap"),
    *("sheet", "column", "word", "digest"),  # of a document that is brought in
    *("line", "lines", "keep_lines", "scenarios"),  # codes and names within the one plan
    *("minimum_percent", "maximum_percent", "within_percent", "target_roas", "cheapest_for", "outcome", "duplication"),
    *("index", "carry_over"),
    *("to_line", "weights", "low"),
}
# What does not go together: the first is said here.
EITHER = [
    ("budget", "budget_percent", "within_percent"),
    ("amount", "percent"),
    ("target_cpa", "target_roas", "target_marginal", "cheapest_for"),
]
# Whom one invites is nobody's yet: that somebody has the address elsewhere is not to be known.
INVITES = {("invite_member", "email")}
# Who asks is known before any tool is called, and so is what they may do; no model says it.
IDENTITY = {
    *("tenant", "tenant_id", "workspace", "workspace_id", "organization", "organization_id"),
    *("user", "user_id", "actor", "owner", "requested_by", "on_behalf_of", "as_user", "service_token_id"),
    *("role", "permissions", "scopes", "grants", "session", "session_id", "sign_in_id", "thread_id", "turn_id"),
    *("token", "password", "approval_id", "approved", "effect_key", "delegation", "origin"),
}
# A role that is given to somebody is called `as_role`; whom a tool is about, `member` or `person`.


@dataclass(frozen=True)
class World:
    app: Application
    mine: Furnished
    theirs: Furnished


@pytest.fixture
async def world(engine: AsyncEngine, tenant: NewActor) -> World:
    app = assemble(drivers_on(engine, SystemClock(), InMemoryFeed()), Limits())
    return World(app, *[await furnished(engine, app, await tenant()) for _ in range(2)])


def named(offered: Offered) -> str:
    return offered.tool.name


def schema_of(offered: Offered) -> dict[str, Any]:
    model = offered.tool.args_schema
    assert isinstance(model, type)
    assert issubclass(model, BaseModel)
    return model.model_json_schema()


def fields(
    schema: Mapping[str, Any], root: Mapping[str, Any], name: str = ""
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every field, however deep, with the schema of its values."""
    if ref := schema.get("$ref"):
        yield from fields(root["$defs"][ref.rsplit("/", 1)[1]], root, name)
        return
    if name:
        yield name, schema
    for key, inner in schema.get("properties", {}).items():
        yield from fields(inner, root, key)
    of_list = [schema["items"]] if "items" in schema else []
    for inner in (*schema.get("anyOf", ()), *of_list):
        yield from fields(inner, root, name)


def references(offered: Offered) -> list[str]:
    """The arguments that name a thing. Fails for a text that this test knows nothing of."""
    schema = schema_of(offered)
    texts = {
        name
        for name, one in fields(schema, schema)
        if one.get("type") == "string" and not {"enum", "const"} & one.keys() and one.get("format") != "date"
    }
    unknown = texts - NAMES - TEXT
    assert not unknown, f"{named(offered)}: say in NAMES or in TEXT whether these name a thing: {unknown}"
    return sorted(texts & NAMES)


@pytest.mark.parametrize("offered", EVERY, ids=named)
def test_no_tool_is_told_who_asks_and_none_takes_what_it_does_not_know(offered: Offered) -> None:
    schema = schema_of(offered)
    assert not IDENTITY & {name for name, _ in fields(schema, schema)}
    for one in (schema, *schema.get("$defs", {}).values()):
        if one.get("type") == "object":
            assert one.get("additionalProperties") is False, one


@pytest.mark.parametrize("offered", EVERY, ids=named)
async def test_another_tenants_things_are_none_here(
    world: World, engine: AsyncEngine, figures: Figures, offered: Offered
) -> None:
    tenants = world.mine.owner, world.theirs.owner
    before = [await rows(engine, owner) for owner in tenants]
    cells = [(name, value) for name in references(offered) for value in world.theirs.names[name]]
    tool, leaks = fresh(world.app, offered), []
    for name, value in cells:
        told = await asked(tool, world.mine, {**own(offered, world.mine), name: value})
        if not shut(offered, name, value, told, world.theirs):
            leaks.append((name, value, told))
        if not isinstance(told, str) and value == str(world.theirs.names[name][0]) and name != "email":
            unknown = str(new_id())
            missed = await asked(tool, world.mine, {**own(offered, world.mine), name: unknown})
            assert words(missed, unknown) == words(told, value), "it would tell that there is such a thing"
    after = [await rows(engine, owner) for owner in tenants]
    free = {name for tool_name, name in INVITES if tool_name == named(offered)}
    changed = [table for table in before[1] if before[1][table] != after[1][table]]
    if not free & {name for name, _ in cells}:
        changed += [table for table in before[0] if before[0][table] != after[0][table]]
    figures.add("tools", 1)
    figures.add("matrix_cells", len(cells))
    figures.add("leaks", len(leaks) + len(changed))
    assert (leaks, changed) == ([], [])


@pytest.mark.parametrize("offered", [one for one in EVERY if one.effect is Effect.READ], ids=named)
async def test_what_reads_shows_ones_own_alone(world: World, figures: Figures, offered: Offered) -> None:
    told = await asked(fresh(world.app, offered), world.mine, own(offered, world.mine))
    leaks = [marker for marker in world.theirs.markers if marker in str(told)]
    figures.add("matrix_cells", 1)
    figures.add("leaks", len(leaks))
    assert not leaks
    assert isinstance(told, str), "the control: with one's own names it says something"


def fresh(app: Application, offered: Offered) -> Offered:
    """The same tool on the application of this test."""
    real = [*workspace_tools(app), *planning_tools(app), *insights_tools(app)]
    return next(one for one in real if named(one) == named(offered))


@pytest.mark.parametrize("offered", EVERY, ids=named)
async def test_ones_own_things_are_found(world: World, offered: Offered) -> None:
    """The control: with one's own names nothing is missing, so it was the names that were refused."""
    told = await asked(fresh(world.app, offered), world.mine, own(offered, world.mine))
    assert not isinstance(told, NotFound), told


def own(offered: Offered, mine: Furnished) -> dict[str, Any]:
    """Every argument that the schema knows; those that name a thing name one's own."""
    aim = Aim(mine.names["campaign"][1], mine.names["member"][1], mine.names["request"][0])
    filled = arguments(offered, aim)
    filled |= {name: mine.names[name][0] for name in references(offered)}
    if named(offered) == "withdraw_request":
        filled["request"] = mine.names["request"][-1]
    for one, *others in EITHER:
        if one in filled:
            filled = {name: value for name, value in filled.items() if name not in others}
    if "file" in filled:  # a document as it is, without a mapping that it knows nothing of
        filled = {name: filled[name] for name in ("campaign", "file", "digest") if name in filled}
    return filled


async def asked(offered: Offered, by: Furnished, given: Mapping[str, Any]) -> str | DomainError:
    """Everything that the tool says, for the model and for the client; or its refusal."""
    actor = by.owner
    context = RunContext(
        tenant_id=actor.tenant_id, user_id=actor.user_id, permissions=actor.permissions, session_id=by.session_id
    )
    runtime: ToolRuntime[RunContext, Any] = ToolRuntime(
        state={"messages": []},
        context=context,
        config=RunnableConfig(),
        stream_writer=lambda _: None,
        tool_call_id="call",
        store=None,
    )
    try:
        answer = await offered.tool.ainvoke({**given, "runtime": runtime})
    except DomainError as refusal:
        return refusal
    (message,) = answer.update["messages"]
    return f"{message.content} {message.artifact}"


def shut(offered: Offered, name: str, value: str, told: str | DomainError, theirs: Furnished) -> bool:
    """Refused as not found, or asked back for; or an answer that has nothing of theirs in it."""
    said = (told if isinstance(told, str) else f"{told.message} {told.details}").replace(value, "")
    if any(marker in said for marker in theirs.markers):
        return False
    if isinstance(told, str):
        return offered.effect is Effect.READ or (named(offered), name) in INVITES
    return isinstance(told, NotFound) or (isinstance(told, InvalidInput) and told.code in ("not_sure", "ambiguous"))


def words(told: str | DomainError, value: str) -> object:
    assert isinstance(told, DomainError)
    return type(told), told.code, told.field, told.message.replace(value, "…")
