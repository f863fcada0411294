"""A DomainError as a tool's answer: the model reads why, and can tell the person or try otherwise."""

from collections.abc import Mapping
from typing import Any

from langchain_core.messages import ToolMessage

from domain.errors import DomainError


def refusal(error: DomainError, tool_call: Mapping[str, Any]) -> ToolMessage:
    about = f", {error.field}" if error.field else ""
    return ToolMessage(
        f"Refused ({error.code}{about}): {error.message}",
        name=tool_call["name"],
        tool_call_id=tool_call["id"],
        status="error",
    )
