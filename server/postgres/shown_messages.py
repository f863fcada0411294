"""What a reader of a conversation sees of its recorded messages.

A record's content is a chat message as `message_to_dict` of langchain-core dumps it, `{"type": …, "data": {"content":
str | list of blocks, …}}`, and may have a `block`: the typed block (table, plan, chart) a tool made for the client.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, func, or_
from sqlalchemy.dialects.postgresql import JSONPATH

_WORDS = '$.data.content[*] ? (@.type() == "string" && @ != "" || @.type == "text" && @.text != "")'


def is_shown(role: ColumnElement[str], content: ColumnElement[Any]) -> ColumnElement[bool]:
    """What a person said, what was answered in words, and every block. Not the bare calls and their results."""
    has_words = func.jsonb_path_exists(content, cast(_WORDS, JSONPATH))
    has_block = func.jsonb_typeof(content["block"]) == "object"
    return or_(role == "user", and_(role == "assistant", has_words), has_block)


def words_of(role: str, content: Mapping[str, Any]) -> str:
    """The message's text. A tool's is written for the model, so a reader gets none of it."""
    return "" if role == "tool" else said_in(content)


def said_in(content: Mapping[str, Any]) -> str:
    said = content.get("data", {}).get("content", "")
    return said if isinstance(said, str) else "".join(_text(block) for block in said)


def all_words(content: ColumnElement[Any]) -> ColumnElement[str]:
    """`said_in`, for a condition."""
    said = content["data"]["content"]
    texts = func.jsonb_path_query_array(said, cast("$[*].text", JSONPATH))
    return case((func.jsonb_typeof(said) == "string", said.astext), else_=cast(texts, Text))


def blocks_of(content: Mapping[str, Any]) -> list[dict[str, object]]:
    block = content.get("block")
    return [block] if block else []


def _text(block: str | Mapping[str, Any]) -> str:
    if isinstance(block, str):
        return block
    return str(block.get("text", "")) if block.get("type") == "text" else ""
