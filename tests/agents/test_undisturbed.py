"""A conversation that goes on where its last turn ran, with nothing in between, is not read again. Anything else is."""

from datetime import UTC, datetime

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.graph import END, START, MessagesState, StateGraph

from agents.turn import thread
from domain.ids import new_id
from domain.sessions import TurnStatus
from server.postgres.checkpoints import CheckpointPool, TenantPostgresSaver
from services.events import EventType, NewEvent
from services.ports import Recorded
from services.turns import Ending, HandedOver, PostTurn
from tests.agents.conftest import Conversation, Talk
from tests.agents.scripted import ScriptedModel


def told(model: ScriptedModel) -> list[str]:
    """What the last model call had before it, without its prompt."""
    return [str(message.text) for message in model.asked[-1][1:]]


async def forget_checkpoints(one: Conversation, pool: CheckpointPool) -> None:
    saver = TenantPostgresSaver(pool)
    with saver.tenant(one.actor.tenant_id):
        await saver.adelete_thread(str(one.session_id))


async def test_it_is_remembered_in_the_process(talk: Talk, pool: CheckpointPool) -> None:
    model = ScriptedModel(steps=[AIMessage("A"), AIMessage("B")])
    one = await talk(model)
    await one.say("first")
    await forget_checkpoints(one, pool)
    await one.say("second")
    assert told(model) == ["first", "A", "second"]


async def test_what_another_process_answered_in_between_is_read(talk: Talk) -> None:
    here, there = ScriptedModel(steps=[AIMessage("A"), AIMessage("C")]), ScriptedModel(steps=[AIMessage("B")])
    one = await talk(here)
    await one.say("first")
    turn = await one.another_process(there).answer(one.actor, one.session_id, PostTurn(message="second"))
    await one.ended(turn.id)
    assert told(there) == ["first", "A", "second"]
    await one.say("third")
    assert told(here) == ["first", "A", "second", "B", "third"]


async def test_what_a_job_said_in_between_is_read(talk: Talk) -> None:
    model = ScriptedModel(steps=[AIMessage("A"), AIMessage("B"), AIMessage("C")])
    one = await talk(model)
    await one.say("first")
    await post(one, "The plan is ready.")
    await one.say("second")
    assert told(model) == ["first", "A", "The plan is ready.", "second"]
    await one.say("third")
    assert told(model) == ["first", "A", "The plan is ready.", "second", "B", "third"]


async def test_what_is_kept_is_what_was_written(talk: Talk, pool: CheckpointPool) -> None:
    async def answer(state: MessagesState) -> MessagesState:
        call = {"name": "look", "args": {"at": "CTV"}, "id": "c"}
        said: list[AnyMessage] = [
            AIMessage("", id="1", tool_calls=[call]),
            ToolMessage("seen", id="2", tool_call_id="c"),
        ]
        return {"messages": [*said, AIMessage("Done.", id="3", response_metadata={"model_name": "m"})]}

    one, saver = await talk(), TenantPostgresSaver(pool)
    built = StateGraph(MessagesState)
    built.add_node("answer", answer)
    built.add_edge(START, "answer")
    built.add_edge("answer", END)
    graph, config = built.compile(checkpointer=saver), thread(one.session_id)
    lease = (await one.app.turns.begin(one.actor, one.session_id, PostTurn(message="x"), owner="me")).lease
    assert lease
    with saver.tenant(one.actor.tenant_id, lease):
        await graph.ainvoke({"messages": [HumanMessage("x", id="0")]}, config, durability="exit")
        await one.app.turns.finish(one.actor, lease, Ending(status=TurnStatus.COMPLETED))
    with saver.tenant(one.actor.tenant_id):
        stored = await saver.aget_tuple(config)
    with saver.tenant(one.actor.tenant_id, lease, undisturbed=True):
        kept = await saver.aget_tuple(config)
        assert kept == stored
        assert kept
        kept.checkpoint["channel_versions"].clear()
        kept.checkpoint["channel_values"].clear()
        assert await saver.aget_tuple(config) == stored
    with saver.tenant(one.actor.tenant_id):
        await saver.aput_writes(kept.config, [("messages", [HumanMessage("y", id="9")])], "task")
    with saver.tenant(one.actor.tenant_id, lease, undisturbed=True):
        with_writes = await saver.aget_tuple(config)
    assert with_writes
    assert len(with_writes.pending_writes or ()) == 1


async def post(one: Conversation, text: str) -> None:
    message = Recorded(
        id=f"job:{new_id()}",
        session_id=one.session_id,
        turn_id=None,
        ordinal=0,
        role="assistant",
        agent=None,
        content={"type": "ai", "data": {"content": text}},
        created_at=datetime.now(UTC),
    )
    said = NewEvent(session_id=one.session_id, type=EventType.MESSAGE, data={"message_id": message.id, "text": text})
    async with one.app.begin(one.actor) as work:
        await work.transcript.record(message, [said])
        await work.commit(HandedOver(session_id=one.session_id))
