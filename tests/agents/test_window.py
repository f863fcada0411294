from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from agents.state import WINDOW, bounded
from agents.turn_run import closed


def turn(number: int, answers: int) -> list[AnyMessage]:
    said: list[AnyMessage] = [HumanMessage(f"question {number}", id=f"{number}:0")]
    return said + [AIMessage(f"answer {number}.{n}", id=f"{number}:{n}") for n in range(1, answers + 1)]


def test_the_window_keeps_whole_turns_and_stays_bounded() -> None:
    window: list[AnyMessage] = []
    for number in range(100):
        window = bounded(window, turn(number, answers=6))
        assert len(window) <= WINDOW
        assert isinstance(window[0], HumanMessage)
    assert window[-1].content == "answer 99.6"


def test_a_turn_longer_than_the_window_stays_whole() -> None:
    window = bounded(turn(1, answers=3), turn(2, answers=WINDOW + 5))
    assert [window[0].content, len(window)] == ["question 2", WINDOW + 6]


def test_a_message_that_comes_again_replaces_itself() -> None:
    window = bounded(turn(1, answers=2), turn(1, answers=2))
    assert len(window) == 3


def test_a_call_without_an_answer_is_closed_as_cancelled() -> None:
    asking = AIMessage("", tool_calls=[{"name": "show_plan", "args": {}, "id": "call_1"}])
    messages = closed([HumanMessage("show it"), asking])
    assert [message.type for message in messages] == ["human", "ai", "tool"]
    assert "Cancelled" in str(messages[-1].content)
    assert closed(messages) == messages
