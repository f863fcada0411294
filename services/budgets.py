"""What a turn, a session and a tenant's day may use up; and the purse that a turn pays from."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import BudgetSpent


@dataclass(frozen=True, slots=True)
class Usage:
    """`cost_micros` are millionths of a US dollar, as models are priced."""

    model_calls: int = 0
    tool_calls: int = 0
    tokens: int = 0
    cost_micros: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.model_calls + other.model_calls,
            self.tool_calls + other.tool_calls,
            self.tokens + other.tokens,
            self.cost_micros + other.cost_micros,
        )


NOTHING = Usage()


@dataclass(frozen=True, slots=True)
class Budgets:
    turn: Usage = Usage(model_calls=25, tool_calls=50, tokens=400_000, cost_micros=5_000_000)
    session: Usage = Usage(model_calls=10_000, tool_calls=20_000, tokens=40_000_000, cost_micros=200_000_000)
    tenant_day: Usage = Usage(model_calls=100_000, tool_calls=200_000, tokens=200_000_000, cost_micros=1_000_000_000)
    identical_calls: int = 5  # of a tool with the same arguments in one turn: more is a loop


USUAL = Budgets()

_WHOSE = {"turn": "This turn", "session": "This conversation", "tenant_day": "Your workspace today"}
_SAID = {
    "model_calls": "model calls",
    "tool_calls": "tool calls",
    "tokens": "tokens",
    "cost_micros": "money for models",
}


class Purse:
    """`session` and `tenant_day` are what was used up there before this turn."""

    def __init__(self, budgets: Budgets, session: Usage = NOTHING, tenant_day: Usage = NOTHING) -> None:
        self._budgets = budgets
        self._before = (("turn", "", NOTHING), ("session", "session_", session), ("tenant_day", "day_", tenant_day))
        self._asked: Counter[str] = Counter()
        self.used = NOTHING

    def pay_model_call(self) -> None:
        """Raises BudgetSpent `model_calls_spent` or, for the session and the day, `session_…`, `day_…`.

        Tokens and money are known afterwards; the call after the one that overdrew them is refused.
        """
        self._pay(Usage(model_calls=1))

    def pay_tool_call(self) -> None:
        self._pay(Usage(tool_calls=1))

    def count_tokens(self, tokens: int, cost_micros: int) -> None:
        self.used += Usage(tokens=tokens, cost_micros=cost_micros)

    def restore(self, used: Usage) -> None:
        """What an earlier attempt of the same turn used up is used up."""
        self.used += used

    def refuse_loops(self, tool: str, arguments: Mapping[str, object]) -> None:
        """Raises BudgetSpent `identical_calls_spent`. Counts calls answered from the journal too."""
        call = f"{tool} {json.dumps(arguments, sort_keys=True, default=str)}"
        self._asked[call] += 1
        if self._asked[call] > self._budgets.identical_calls:
            raise BudgetSpent(
                f"The agent asked for {tool} with the same arguments {self._asked[call]} times.",
                code="identical_calls_spent",
                tool=tool,
            )

    def _pay(self, more: Usage) -> None:
        for scope, prefix, before in self._before:
            allowed, total = getattr(self._budgets, scope), before + self.used + more
            for name, said in _SAID.items():
                if getattr(total, name) > getattr(allowed, name):
                    raise BudgetSpent(f"{_WHOSE[scope]} used up its {said}.", code=f"{prefix}{name}_spent")
        self.used += more
