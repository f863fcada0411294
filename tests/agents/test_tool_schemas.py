"""What a model may say to a tool: known keys only, and never who it is."""

from typing import Any, cast

import pytest
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, ValidationError

from agents.insights.tools import insights_tools
from agents.planning.tools import planning_tools
from agents.tools import Effect, Offered
from agents.workspace.tools import workspace_tools
from services.application import Application

APP = cast("Application", None)  # a schema has no application behind it
TOOLS = [*workspace_tools(APP), *planning_tools(APP), *insights_tools(APP)]
IDENTITY = {"tenant", "tenant_id", "user", "user_id", "role", "permissions", "session", "session_id", "actor"}


def named(offered: Offered) -> str:
    return offered.tool.name


def schema_of(offered: Offered) -> type[BaseModel]:
    schema = offered.tool.args_schema
    assert isinstance(schema, type)
    assert issubclass(schema, BaseModel)
    return schema


@pytest.mark.parametrize("offered", TOOLS, ids=named)
def test_unknown_keys_are_refused(offered: Offered) -> None:
    with pytest.raises(ValidationError, match="extra"):
        schema_of(offered).model_validate({"surprise": 1})


@pytest.mark.parametrize("offered", TOOLS, ids=named)
def test_no_tool_is_told_who_asks(offered: Offered) -> None:
    assert not IDENTITY & set(schema_of(offered).model_fields)
    parameters = convert_to_openai_tool(offered.tool)["function"]["parameters"]
    assert not IDENTITY & set(parameters.get("properties", {}))
    assert "runtime" not in parameters.get("properties", {})


@pytest.mark.parametrize("offered", TOOLS, ids=named)
def test_every_tool_says_what_it_does(offered: Offered) -> None:
    assert len(offered.tool.description) > 20


def test_tools_have_one_name_each() -> None:
    assert len({named(offered) for offered in TOOLS}) == len(TOOLS)


def test_what_only_reads_needs_a_right_to_read() -> None:
    """Who may only read can't change anything; some lists are for those alone who manage what is in them."""
    rights: dict[str, Any] = {named(offered): (offered.effect, offered.permission) for offered in TOOLS}
    for name, (effect, permission) in rights.items():
        reads = permission.endswith((":read", ":use"))
        assert (effect is Effect.READ) == reads or name in {"rename_session", "list_invitations", "list_grants"}, name
