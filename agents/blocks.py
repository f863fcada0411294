"""Typed blocks: what a client shows beside an answer. They travel as a tool message's artifact, never to the model."""

from collections.abc import Sequence
from typing import Any, Literal

from langchain_core.messages import ToolMessage
from pydantic import BaseModel, ConfigDict

from domain.ids import FileId
from services.access_views import ApprovalView
from services.queries import PlanView


class Block(BaseModel):
    model_config = ConfigDict(frozen=True)


class Column(Block):
    key: str
    label: str
    align: Literal["left", "right"] = "left"


class Table(Block):
    kind: Literal["table"] = "table"
    title: str
    columns: list[Column]
    rows: list[dict[str, str]]


class PlanBlock(Block):
    kind: Literal["plan"] = "plan"
    plan: PlanView


class Chart(Block):
    kind: Literal["chart"] = "chart"
    title: str
    spec: dict[str, Any]  # Vega-Lite


class FileBlock(Block):
    """A file to be fetched. Without a link: the client asks for one when somebody wants the file."""

    kind: Literal["file"] = "file"
    id: FileId
    name: str
    media_type: str
    size: int  # bytes


class ApprovalBlock(Block):
    kind: Literal["approval"] = "approval"
    approval: ApprovalView


AnyBlock = Table | PlanBlock | Chart | FileBlock | ApprovalBlock


def table(
    title: str, columns: Sequence[tuple[str, str, Literal["left", "right"]]], rows: Sequence[dict[str, str]]
) -> Table:
    shown = [Column(key=key, label=label, align=align) for key, label, align in columns]
    return Table(title=title, columns=shown, rows=list(rows))


def bar_chart(title: str, category: str, value: str, rows: Sequence[dict[str, object]]) -> Chart:
    return Chart(
        title=title,
        spec={
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "title": title,
            "data": {"values": list(rows)},
            "mark": "bar",
            "encoding": {
                "y": {"field": category, "type": "nominal", "sort": "-x"},
                "x": {"field": value, "type": "quantitative"},
            },
        },
    )


def block_of(message: ToolMessage) -> dict[str, Any] | None:
    return message.artifact if isinstance(message.artifact, dict) else None


def without_block(message: ToolMessage) -> ToolMessage:
    """For the state and the model: the block is in the journal, a checkpoint needs no copy."""
    return message.model_copy(update={"artifact": None})
