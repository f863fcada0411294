"""The topology: a router, three agents that can hand over to each other, the tools of each, nothing else."""

from collections.abc import Sequence

from langgraph.graph import END, START, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.prebuilt.tool_node import ToolCallRequest

from agents.answering import Answering, tools_of
from agents.briefing import Briefing
from agents.context import RunContext
from agents.guard import Guard
from agents.handoff import transfer_to
from agents.insights.tools import insights_tools
from agents.journaling import Handler, Journaling, Journals, ToolOutcome
from agents.models import ChatModels
from agents.planning.tools import planning_tools
from agents.routing import route_by
from agents.state import ConversationState
from agents.tools import Offered
from agents.workspace.tools import workspace_tools
from domain.sessions import AgentName
from services.application import Application

Graph = StateGraph[ConversationState, RunContext, ConversationState, ConversationState]

_AGENTS = tuple(agent.value for agent in AgentName)


def build(application: Application, models: ChatModels, journals: Journals) -> Graph:
    tools = {
        AgentName.WORKSPACE: workspace_tools(application),
        AgentName.PLANNING: planning_tools(application),
        AgentName.INSIGHTS: insights_tools(application),
    }
    graph: Graph = StateGraph(ConversationState, context_schema=RunContext)
    graph.add_node("route", route_by(models, journals, application.clock), destinations=_AGENTS)
    graph.add_edge(START, "route")
    for name, offered in tools.items():
        _add_agent(graph, name, offered, application, models, journals)
    return graph


def _add_agent(
    graph: Graph,
    name: AgentName,
    offered: Sequence[Offered],
    application: Application,
    models: ChatModels,
    journals: Journals,
) -> None:
    handoffs = [transfer_to(other) for other in AgentName if other is not name]
    briefing = Briefing(name, application, models.agents, offered, handoffs, journals)
    journaling = Journaling(name, journals, application.audit, models.prices)
    guard = Guard(offered)

    async def through_both(request: ToolCallRequest, execute: Handler) -> ToolOutcome:
        async def guarded(request: ToolCallRequest) -> ToolOutcome:
            return await guard.awrap_tool_call(request, execute)

        return await journaling.awrap_tool_call(request, guarded)

    graph.add_node(name.value, Answering(name, briefing, journaling, journals), destinations=(tools_of(name), END))
    graph.add_node(
        tools_of(name),
        ToolNode([*(entry.tool for entry in offered), *handoffs], awrap_tool_call=through_both),
    )
    graph.add_conditional_edges(tools_of(name), _active, list(_AGENTS))


def _active(state: ConversationState) -> str:
    """After its tools an agent goes on, or the one that it has handed over to."""
    return state["active_agent"] or AgentName.WORKSPACE
