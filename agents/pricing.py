"""What a model's answer used up: its tokens as the provider counts them, else as we estimate them, and their price."""

from dataclasses import dataclass

from langchain_core.messages import AIMessage
from langchain_core.messages.utils import count_tokens_approximately

from services.budgets import Purse


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens; zero for a model that costs nothing, or whose price nobody has set."""

    input: float = 0.0
    output: float = 0.0


FREE = Prices()


def counted(purse: Purse, answer: AIMessage, prices: Prices) -> dict[str, int]:
    """Takes it from the purse, and returns what the journal keeps of it: {tokens, cost_micros}."""
    used = answer.usage_metadata
    if used:
        tokens = used["total_tokens"]
        cost = round(used["input_tokens"] * prices.input + used["output_tokens"] * prices.output)
    else:
        tokens = count_tokens_approximately([answer])
        cost = round(tokens * prices.output)
    purse.count_tokens(tokens, cost)
    return {"tokens": tokens, "cost_micros": cost}
