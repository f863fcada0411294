"""Who answers: by the words where they are clear, else whoever is talking, else a model is asked.

And, since every turn begins here, what of the conversation they are to have before them.
"""

from typing import Protocol
from zoneinfo import ZoneInfo

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, message_to_dict
from langgraph.runtime import Runtime
from langgraph.types import Command

from agents.context import RunContext
from agents.journaling import Journals, restored
from agents.language.context import Context
from agents.language.intents import owner_of
from agents.models import ChatModels
from agents.pricing import counted
from agents.remembering import Remembering
from agents.state import ConversationState
from domain.sessions import AgentName
from services.journal import ROUTER
from services.ports import Clock

_QUESTION = (
    "Which agent should answer the message? workspace: campaigns, members, invitations, approvals, what was changed, "
    "conversations, settings. planning: draft, change, optimise, compare, submit plans. insights: summaries, "
    "forecasts, overviews. Answer with that one word."
)


class Route(Protocol):
    async def __call__(self, state: ConversationState, *, runtime: Runtime[RunContext]) -> Command[str]: ...


def route_by(models: ChatModels, journals: Journals, clock: Clock) -> Route:
    remembered = Remembering(models, journals)

    async def route(state: ConversationState, runtime: Runtime[RunContext]) -> Command[str]:
        said = next((str(m.text) for m in reversed(state["messages"]) if isinstance(m, HumanMessage)), "")
        agent: str | None = owner_of(said, _reading(runtime.context, clock)) or state.get("active_agent")
        if agent is None and models.router is not None:
            agent = await _asked(models, journals, runtime.context, said)
        chosen = AgentName(agent or AgentName.WORKSPACE).value
        return Command(goto=chosen, update={**await remembered(state, runtime.context), "active_agent": chosen})

    return route


def _reading(context: RunContext, clock: Clock) -> Context:
    today = clock.now().astimezone(ZoneInfo(context.timezone)).date()
    return Context(today=today, locale=context.locale, timezone=context.timezone)


async def _asked(models: ChatModels, journals: Journals, context: RunContext, said: str) -> str | None:
    """The router's answer goes through the journal like any model call; an unusable one decides nothing."""
    assert models.router, "asked only where there is one"
    journal = journals.of(context)
    call = journal.next_call(ROUTER) if journal else 0
    if journal and (recorded := journal.answer(ROUTER, call)):
        return _agent_in(str(restored(recorded).text))
    if journal:
        journal.purse.pay_model_call()
    answer = await models.router.ainvoke([SystemMessage(_QUESTION), HumanMessage(said[:4000])], {"tags": ["nostream"]})
    if journal and isinstance(answer, AIMessage):
        content = {**message_to_dict(answer), "usage": counted(journal.purse, answer, models.prices)}
        await journal.record_route(call, content, _agent_in(str(answer.text)))
    return _agent_in(str(answer.text))


def _agent_in(text: str) -> str | None:
    return next((agent.value for agent in AgentName if agent.value in text.lower()), None)
