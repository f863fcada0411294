"""The agents' prompts, and which text of them was in force when something was done."""

import hashlib
from functools import cache
from importlib.resources import files

from domain.sessions import AgentName


@cache
def prompt_of(agent: AgentName) -> str:
    return (files(f"agents.{agent}") / "prompt.md").read_text("utf-8")


@cache
def prompt_digest(agent: str) -> str | None:
    """The first twelve hexadecimal digits of SHA-256: a version that needs no numbering. None for who has no prompt."""
    if agent not in set(AgentName):
        return None
    return hashlib.sha256(prompt_of(AgentName(agent)).encode()).hexdigest()[:12]
