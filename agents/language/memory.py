"""What was said and done before, as plain data: the conversation's window without any framework's messages."""

import re
from dataclasses import dataclass, field
from typing import Any

_NUMBERED = re.compile(r"(?:^|[\s;(])\d{1,3}[.)]\s+“(?P<name>[^”\n]{1,200})”", re.MULTILINE)
_QUOTED = re.compile(r"“(?P<name>[^”\n]{1,200})”")
_OFFERED = re.compile(r"(?:\bmatch “[^”\n]{1,200}”:|\bDid you mean\b)(?P<names>.{1,1500})", re.DOTALL)
_MEMBERS = re.compile(r"(?:: |, |“)([^“”(),:]{1,200}?)”? \(([^()\s]{1,64}@[^()\s]{1,254})\)")
_CODES = re.compile(r"\bR-[0-9A-F]{6}\b")
JOB_RESULT = "job_result"
"""Not a tool: what a background job posted, which may have saved a new plan version."""

_SHOWS_ONE = frozenset({"create_campaign", "open_campaign", "show_campaign", "update_campaign"})


@dataclass(frozen=True, slots=True)
class Step:
    """One tool call and its result; `refused` when the tool said no."""

    tool: str
    args: dict[str, Any]
    result: str = ""
    refused: bool = False
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """`posted` are the results of background jobs that arrived after the reply."""

    said: str
    steps: tuple[Step, ...] = ()
    replied: str = ""
    posted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Memory:
    """The turns before the message that is being understood, oldest first."""

    turns: tuple[Turn, ...] = field(default=())

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for turn in self.turns for step in (*turn.steps, *map(_posted, turn.posted)))

    @property
    def last_step(self) -> Step | None:
        return self.steps[-1] if self.steps else None

    def listed_campaigns(self) -> tuple[str, ...]:
        """Names in the last list the person saw: of campaigns, or of those a refusal offered."""
        for step in reversed(self.steps):
            if step.tool == "list_campaigns" and not step.refused:
                return tuple(found["name"] for found in _NUMBERED.finditer(step.result))
            if step.refused and (offered := _OFFERED.search(step.result)):
                return tuple(found["name"] for found in _QUOTED.finditer(offered["names"]))
        return ()

    def listed_requests(self) -> tuple[str, ...]:
        """Codes of the approvals in the last list the person saw, or of those a refusal offered."""
        for step in reversed(self.steps):
            if (step.tool == "list_approvals" or step.refused) and (codes := _CODES.findall(step.result)):
                return tuple(dict.fromkeys(codes))
        return ()

    def offered_members(self) -> tuple[tuple[str, str], ...]:
        """Name and address of those that the last refusal asked to choose from."""
        last = self.last_step
        return tuple(_MEMBERS.findall(last.result)) if last and last.refused else ()

    def named_campaigns(self) -> tuple[str, ...]:
        """Campaigns this conversation created, opened or saw listed, in the order of mention, each once."""
        shown = [_QUOTED.search(step.result) for step in self.steps if step.tool in _SHOWS_ONE and not step.refused]
        names = [found["name"] for found in shown if found]
        return tuple(dict.fromkeys([*names, *self.listed_campaigns()]))


def _posted(text: str) -> Step:
    return Step(JOB_RESULT, {}, text)
