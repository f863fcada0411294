"""How far a turn has come: which instructions are done, refused, left out, and which comes next."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.language.intent import Intent
from agents.language.memory import Step
from agents.language.requests.table import READS

_OF_NO_CAMPAIGN = frozenset(
    {
        "list_campaigns", "list_members", "list_sessions", "rename_session", "show_settings", "change_settings",
        "budget_overview", "create_campaign", "show_changes", "invite_member", "list_invitations", "revoke_invitation",
        "change_member_role", "remove_member", "set_delegation", "withdraw_delegation", "list_delegations",
        "who_can_approve", "list_approvals", "approve_request", "deny_request", "set_conditions", "withdraw_request",
        "list_grants",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` pairs each instruction that was tried with its step, refused or not; `skipped` needed a refused one."""

    done: tuple[tuple[Intent, Step], ...]
    skipped: tuple[Intent, ...]
    next: Intent | None


def progress(intents: Sequence[Intent], steps: Sequence[Step]) -> Progress:
    """Steps are matched to the instructions in order; what depends on a refused one is left out."""
    done: list[tuple[Intent, Step]] = []
    skipped: list[Intent] = []
    waiting = list(steps)
    for intent in intents:
        if any(step.refused and _depends(intent, earlier) for earlier, step in done):
            skipped.append(intent)
        elif waiting:
            done.append((intent, waiting.pop(0)))
        else:
            return Progress(tuple(done), tuple(skipped), intent)
    return Progress(tuple(done), tuple(skipped), None)


def _depends(intent: Intent, refused: Intent) -> bool:
    """After a change of a campaign or its plan was refused, what comes later and is about the same campaign."""
    if refused.tool in READS or intent.tool in _OF_NO_CAMPAIGN:
        return False
    if refused.tool in {"create_campaign", "open_campaign"}:
        return "campaign" not in intent.args or intent.args["campaign"] == refused.args.get("campaign")
    if refused.tool in _OF_NO_CAMPAIGN:
        return False
    return intent.args.get("campaign") == refused.args.get("campaign")
