"""One instruction of a message, with its slots: what the intents read their arguments from."""

import re
from dataclasses import dataclass, replace
from typing import Any, Final

from agents.language import ranges
from agents.language.context import Context
from agents.language.memory import Memory
from agents.language.money import as_json
from agents.language.names import LONGEST_NAME
from agents.language.utterance import Amount, Name, Percent, Period, Utterance, Version, placeholder
from domain.channels import Channel

ASK: Final = object()
"""Stands for an argument that is needed and was not said."""

Args = dict[str, Any]

A, C, P, PCT, VERSION = (placeholder(kind) for kind in (Amount, Channel, Period, Percent, Version))
CHANNELS = rf"{C}(?:\s*(?:,\s*and|,|and|&|\+|plus|/|or)\s*(?:the\s+|on\s+)?{C})*"


@dataclass(frozen=True, slots=True)
class Clause:
    """`text` runs from the words that show the intent to the next intent, slots as placeholders.

    `before` are the clauses of the same message that come first: what they create is there when this one runs.
    """

    text: str
    utterance: Utterance
    context: Context
    memory: Memory
    before: tuple[tuple[str, Args], ...] = ()

    @property
    def said(self) -> str:
        return self.utterance.reveal(self.text)

    @property
    def channels(self) -> list[Channel]:
        return list(dict.fromkeys(self.utterance.values(self.text, Channel)))

    @property
    def amounts(self) -> list[Amount]:
        return self.utterance.values(self.text, Amount)

    @property
    def percents(self) -> list[Percent]:
        return self.utterance.values(self.text, Percent)

    @property
    def versions(self) -> list[int]:
        return [version.number for version in self.utterance.values(self.text, Version)]

    @property
    def names(self) -> list[str]:
        """In the order they were said, those that are too long for a name last."""
        said = [name.text for name in self.utterance.values(self.text, Name)]
        return sorted(said, key=lambda name: len(name) > LONGEST_NAME)

    @property
    def flight(self) -> Period:
        return ranges.flight(self.utterance.values(self.text, Period))

    def has(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, self.text, re.I)

    def money(self, char: str | Amount) -> dict[str, str]:
        """The tool's form of an amount; without a currency it is meant in the one of the campaign spoken about."""
        amount = self.utterance.value(char, Amount) if isinstance(char, str) else char
        return as_json(amount, self.currency)

    @property
    def currency(self) -> str:
        created = [
            args["budget"]["currency"] for tool, args in self.before if tool == "create_campaign" and _budgeted(args)
        ]
        return created[-1] if created else self.context.currency

    def without_names(self) -> "Clause":
        """Where what stands in quotes names something else than a campaign."""
        return replace(self, text=re.sub(placeholder(Name), " ", self.text))

    def channels_in(self, fragment: str) -> list[Channel]:
        return list(dict.fromkeys(self.utterance.values(fragment, Channel)))


def _budgeted(args: Args) -> bool:
    return isinstance(args.get("budget"), dict)
