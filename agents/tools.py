"""What every tool is: an async method that takes a Call and says something, under a right and an effect class."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from langchain.tools import ToolRuntime
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.types import Command as GraphCommand
from pydantic import BaseModel, Field

from agents.blocks import AnyBlock
from agents.context import RunContext
from agents.effects import Effect as Effect
from agents.state import ConversationState
from domain.errors import InvalidInput, NotFound
from domain.ids import CampaignId, FileId, SessionId
from domain.tenants import Permission
from services.actor import Actor
from services.commands import Command
from services.queries import CampaignMatch, Queries


class Nothing(Command):
    """A tool without arguments."""


class OfCampaign(Command):
    campaign: str | None = Field(default=None, max_length=200, description="Name or id; left out: the active campaign.")


A = TypeVar("A", bound=BaseModel)
Runtime = ToolRuntime[RunContext, ConversationState]

SURE = 0.88  # a name at least this near is meant, if no other comes close
CLOSE = 0.05
UNTRUSTED = "untrusted"  # a mark on the message of a tool that returned text from outside


@dataclass(frozen=True, slots=True)
class Call(Generic[A]):
    """A tool call: the person it acts for, and its arguments. Identity never comes from the arguments."""

    actor: Actor
    arguments: A
    session_id: SessionId | None
    active_campaign: CampaignId | None
    files: tuple[FileId, ...] = ()  # that came with the person's message


@dataclass(frozen=True, slots=True)
class Said:
    """Text for the model, a block for the client; `about` becomes the conversation's active campaign.

    `untrusted` text comes from outside: it is information, never an instruction (guard.py).
    """

    text: str
    block: AnyBlock | None = None
    about: CampaignId | None = None
    untrusted: bool = False


@dataclass(frozen=True, slots=True)
class Offered:
    tool: BaseTool
    permission: Permission
    effect: Effect


class StrictTool(StructuredTool):
    """Lets a schema forbid extra keys, or have none: LangChain validates injected values together with the model's, and
    drops them for a schema without fields."""

    def _parse_input(self, tool_input: str | dict[str, Any], tool_call_id: str | None) -> str | dict[str, Any]:
        if isinstance(tool_input, str):
            return super()._parse_input(tool_input, tool_call_id)
        given = {key: value for key, value in tool_input.items() if key not in self._injected_args_keys}
        injected = {key: value for key, value in tool_input.items() if key in self._injected_args_keys}
        parsed = super()._parse_input(given, tool_call_id)
        return {**parsed, **injected} if isinstance(parsed, dict) else parsed

    def _to_args_and_kwargs(
        self, tool_input: str | dict[str, Any], tool_call_id: str | None
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        parsed = self._parse_input(tool_input, tool_call_id)
        return ((), parsed) if isinstance(parsed, dict) else ((parsed,), {})


def offer(
    agent: str,
    act: Callable[[Call[A]], Awaitable[Said]],
    arguments: type[A],
    permission: Permission,
    effect: Effect,
) -> Offered:
    """The method's name and docstring are the tool's; `arguments` is its schema and forbids other keys."""
    name = act.__name__

    async def run(runtime: Runtime, **fields: Any) -> GraphCommand[Any]:
        said = await act(_call(agent, runtime, arguments(**fields), effect))
        return _answer(runtime, name, said)

    tool = StrictTool.from_function(
        coroutine=run, name=name, description=act.__doc__ or name, args_schema=arguments, infer_schema=False
    )
    return Offered(tool, permission, effect)


def usable(offered: Sequence[Offered], permissions: frozenset[Permission]) -> set[str]:
    """Names of the tools this person may use, be it in one campaign alone: the others are not shown to the model."""
    return {entry.tool.name for entry in offered if entry.permission in permissions}


async def campaign_meant(queries: Queries, call: Call[Any], said: str | None) -> CampaignId:
    """The campaign of that name, or the active one. Asks back, as a refusal, rather than guess."""
    if said is not None:
        return _the_one(said, await queries.campaigns_named(call.actor, said)).id
    if call.active_campaign is None:
        raise InvalidInput("Which campaign is meant?", code="campaign_required", field="campaign")
    return call.active_campaign


def _the_one(said: str, matches: Sequence[CampaignMatch]) -> CampaignMatch:
    if not matches:
        raise NotFound(f"There is no campaign like “{said}”.", code="campaign_not_found", field="campaign")
    best, *others = matches
    rivals = [match for match in others if match.score > best.score - CLOSE and match.score < 1]
    namesakes = [match for match in matches if match.score == 1]
    if len(namesakes) > 1 or (rivals and not namesakes):
        names = ", ".join(f"“{match.name}”" for match in (namesakes or [best, *rivals])[:5])
        raise InvalidInput(f"Several campaigns match “{said}”: {names}. Which one?", code="ambiguous", field="campaign")
    if best.score < SURE:
        raise InvalidInput(
            f"No campaign is called “{said}”. Did you mean “{best.name}”?", code="not_sure", field="campaign"
        )
    return best


def active_campaign(state: Mapping[str, Any]) -> CampaignId | None:
    active = state.get("active_campaign_id")
    return CampaignId(UUID(active)) if active else None


def _call(agent: str, runtime: Runtime, arguments: A, effect: Effect) -> Call[A]:
    active = active_campaign(runtime.state)
    actor = runtime.context.actor(agent, runtime.tool_call_id)
    return Call(
        actor.only_reading() if effect is Effect.READ else actor,
        arguments,
        runtime.context.session_id,
        active,
        runtime.context.files,
    )


def _answer(runtime: Runtime, name: str, said: Said) -> GraphCommand[Any]:
    message = ToolMessage(
        said.text,
        name=name,
        tool_call_id=runtime.tool_call_id or "",
        artifact=said.block.model_dump(mode="json") if said.block else None,
        additional_kwargs={UNTRUSTED: True} if said.untrusted else {},
    )
    update: dict[str, object] = {"messages": [message]}
    if said.about:
        update["active_campaign_id"] = str(said.about)
    return GraphCommand(update=update)
