"""Short ways to say what a test needs: a context, an amount, a memory of turns."""

from datetime import date
from typing import Any

from agents.language.context import ActiveCampaign, Context
from agents.language.memory import Memory, Step, Turn

TODAY = date(2026, 11, 23)  # a Monday
NEW = Context(today=TODAY)
ACTIVE = Context(today=TODAY, active_campaign=ActiveCampaign("c1", "Northwind Spring Campaign", "USD"))


def usd(amount: str) -> dict[str, str]:
    return money(amount, "USD")


def money(amount: str, currency: str) -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def limit(channel: str, amount: str) -> dict[str, Any]:
    return {"channel": channel, "amount": usd(amount)}


def change(channel: str, action: str, amount: str | None = None, percent: str | None = None) -> dict[str, Any]:
    size: dict[str, Any] = {"amount": usd(amount)} if amount else {"percent": percent} if percent else {}
    return {"channel": channel, "action": action, **size}


def after(*turns: Turn) -> Memory:
    return Memory(turns)


def did(tool: str, result: str = "Done.", *, refused: bool = False, **args: Any) -> Turn:
    """A turn that made one call."""
    return Turn("…", (Step(tool, args, result, refused=refused),), result)


def asked(said: str, question: str = "What is it?") -> Turn:
    """A turn that ended in a question."""
    return Turn(said, (), question)
