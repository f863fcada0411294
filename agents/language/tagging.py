"""From a message to an utterance with all its slots, in the order that keeps one from eating another."""

import re
from functools import lru_cache, partial

from agents.language import channels, money, names, ranges
from agents.language.context import Context
from agents.language.numbers import decimal, in_words
from agents.language.spelling import clean, corrected
from agents.language.utterance import Address, Amount, Percent, Utterance, Version
from domain.channels import Channel

_PERCENT = re.compile(
    (
        r"(?<![\w.,])(?:(?P<number>\d{1,6}(?:[.,]\d{1,4})?)\s*|(?P<words>[a-z]{3,9}(?:[ -][a-z]{3,9})?)\s+)(?:%"
        r"|(?:percent|per cent|pct)\b)"
    ),
    re.I,
)
_VERSION = re.compile(
    r"\b(?:(?:plan\s+)?v(?:ersion)?s?\.?\s?#?(?P<number>\d{1,4})|version\s+(?P<word>one|two|three|four|five|six)"
    r"|(?:the\s+)?(?P<nth>first|original|second|third|fourth|fifth|1st|2nd|3rd|4th)\s+(?:plan\s+)?(?:version|draft))\b",
    re.I,
)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}(?![\w-])", re.I)
_ORDINALS = {
    "first": 1, "original": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
}  # fmt: skip


@lru_cache(maxsize=256)
def tagged(text: str, context: Context) -> Utterance:
    """Names first (their words mean nothing else), dates before money (a day is no amount), channels last."""
    utterance = names.masked(Utterance(clean(text), {}))
    utterance = utterance.tagged(Address, _ADDRESS, lambda match: Address(match[0].lower()))
    utterance = Utterance(corrected(utterance.text), utterance.tags)
    utterance = utterance.tagged(Percent, _PERCENT, partial(_percent, context))
    utterance = utterance.tagged(Version, _VERSION, _version)
    utterance = utterance.tagged(Amount, money.IN_WORDS, lambda match: money.amount_in_words(match, context))
    utterance = ranges.tagged(utterance, context)
    utterance = utterance.tagged(Amount, money.PATTERN, lambda match: money.amount(match, context))
    return utterance.tagged(Channel, channels.PATTERN, channels.channel)


def _percent(context: Context, match: re.Match[str]) -> Percent | None:
    if match["number"]:
        return Percent(decimal(match["number"], context.locale))
    value = (
        in_words(match["words"])
        if re.fullmatch(r"(?:[a-z]+(?:ty|teen)|ten|five|one|two|three|six|eight)(?:[ -]\w+)?", match["words"])
        else None
    )
    return Percent(value) if value else None


def _version(match: re.Match[str]) -> Version:
    return Version(int(match["number"]) if match["number"] else _ORDINALS[(match["word"] or match["nth"]).lower()])
