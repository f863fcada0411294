"""What a log tells, in the same words for the database's log and for a reader's, so that the two can be compared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from evals.nemesis.history import EventRow, Received


@dataclass(frozen=True, slots=True)
class Fact:
    """`about` is the id of a message, a tool call or a turn."""

    kind: str
    about: str


def told_by_log(events: Iterable[EventRow]) -> list[Fact]:
    """In the order of the log. Who has answered and which attempt it is are not for readers to count."""
    facts = []
    for event in events:
        match event.type:
            case "user_message":
                facts.append(Fact("said", str(event.data["message_id"])))
            case "message" if event.data["text"]:
                facts.append(Fact("text", str(event.data["message_id"])))
            case "tool_call":
                facts.append(Fact("call", str(event.data["id"])))
            case "tool_result":
                facts.append(Fact("result", str(event.data["id"])))
            case "turn_ended":
                facts.append(Fact("end", str(event.turn_id)))
    return facts


@dataclass(slots=True)
class Told:
    """What a reader was told. `texts` are the messages as it put them together."""

    facts: list[Fact] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    running: list[str] = field(default_factory=list)


def told_to(events: Sequence[Received]) -> Told:
    told = Told()
    for event in events:
        _hear(told, event)
    return told


def _hear(told: Told, event: Received) -> None:
    data = event.data
    match event.type:
        case "CUSTOM":
            _hear_custom(told, event)
        case "RUN_STARTED":
            told.running.append(str(data["runId"]))
        case "RUN_FINISHED" | "RUN_ERROR":
            _hear_end(told, event)
        case "TEXT_MESSAGE_CONTENT":
            message_id = str(data["messageId"])
            told.texts[message_id] = told.texts.get(message_id, "") + str(data["delta"])
        case "TEXT_MESSAGE_END":
            told.facts.append(Fact("text", str(data["messageId"])))
        case "TOOL_CALL_START":
            told.facts.append(Fact("call", str(data["toolCallId"])))
        case "TOOL_CALL_RESULT":
            told.facts.append(Fact("result", str(data["toolCallId"])))


def _hear_custom(told: Told, event: Received) -> None:
    name, value = event.data["name"], event.data["value"]
    if name == "user_message":
        told.facts.append(Fact("said", str(value["messageId"])))
    elif name == "text_restarted":
        told.texts[str(value["messageId"])] = ""
    elif name == "gap":  # nothing is trimmed while the nemesis works
        told.facts.append(Fact("gap", str(value["after"])))


def _hear_end(told: Told, event: Received) -> None:
    """An error does not name its run; it ends the one that began last."""
    last = told.running[-1] if told.running else "a run that never began"
    run = str(event.data.get("runId", last))
    if run in told.running:
        told.running.remove(run)
    told.facts.append(Fact("end", run))
