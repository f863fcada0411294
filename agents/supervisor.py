"""The topology: a router, three agents that can hand over to each other, nothing else."""

from collections.abc import Sequence
from typing import Any

from langchain.agents import create_agent
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agents.briefing import Briefing
from agents.context import RunContext
from agents.guard import Guard
from agents.handoff import transfer_to
from agents.insights.tools import insights_tools
from agents.journaling import Journaling, Journals
from agents.models import ChatModels
from agents.planning.tools import planning_tools
from agents.routing import route_by
from agents.state import ConversationState
from agents.tools import Offered
from agents.workspace.tools import workspace_tools
from domain.sessions import AgentName
from services.application import Application

Graph = StateGraph[ConversationState, RunContext, ConversationState, ConversationState]


def build(application: Application, models: ChatModels, journals: Journals) -> Graph:
    tools = {
        AgentName.WORKSPACE: workspace_tools(application),
        AgentName.PLANNING: planning_tools(application),
        AgentName.INSIGHTS: insights_tools(application),
    }
    graph: Graph = StateGraph(ConversationState, context_schema=RunContext)
    graph.add_node(
        "route", route_by(models, journals, application.clock), destinations=tuple(agent.value for agent in AgentName)
    )
    graph.add_edge(START, "route")
    for name, offered in tools.items():
        graph.add_node(name.value, _agent(name, offered, application, models, journals))
        graph.add_edge(name.value, END)
    return graph


def _agent(
    name: AgentName,
    offered: Sequence[Offered],
    application: Application,
    models: ChatModels,
    journals: Journals,
) -> CompiledStateGraph[Any, RunContext, Any, Any]:
    handoffs = [transfer_to(other) for other in AgentName if other is not name]
    return create_agent(
        models.agents,
        [*(entry.tool for entry in offered), *handoffs],
        middleware=[
            Briefing(name, application, offered),
            Journaling(name, journals, application.audit, models.prices),
            Guard(offered),
        ],
        state_schema=ConversationState,
        context_schema=RunContext,
        checkpointer=False,
        name=name.value,
    )
