"""What a model is given to read."""

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.messages.tool import invalid_tool_call

from agents.briefing import answered


def test_a_call_that_could_not_be_read_is_answered_for_the_provider() -> None:
    broken = invalid_tool_call(name="draft_plan", args="{", id="call_1", error=None)
    other = {"name": "show_plan", "args": {}, "id": "call_2"}
    asking = AIMessage("", tool_calls=[other], invalid_tool_calls=[broken])
    shown = ToolMessage("The plan.", tool_call_id="call_2")
    whole = answered([HumanMessage("plan"), asking, shown, HumanMessage("well?")])
    assert [message.type for message in whole] == ["human", "ai", "tool", "tool", "human"]
    results = [message for message in whole if isinstance(message, ToolMessage)]
    assert [(result.tool_call_id, result.status) for result in results] == [("call_1", "error"), ("call_2", "success")]
    assert answered(whole) == whole
