"""Changing a plan by hand: exactly what was asked for, every other line as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from domain.campaigns import Campaign
from domain.channels import Channel
from domain.errors import InvalidInput
from domain.media_plans import Draft, PlanVersion
from domain.money import Money
from domain.plan_drafting import build_lines
from domain.planning.flighting import Flighting


@dataclass(frozen=True, slots=True)
class LineChange:
    channel: Channel
    action: Literal["set", "increase", "decrease", "add", "remove"]
    amount: Money | None = None
    percent: Decimal | None = None


def revised_draft(
    campaign: Campaign,
    version: PlanVersion,
    changes: Sequence[LineChange],
    flighting: Flighting | None,
    first_weekday: int,
) -> Draft:
    """A line changed by hand is no longer kept. Raises InvalidInput for a change without effect, an unknown line, or
    one that would fall below zero.
    """
    if not changes and flighting in (None, version.flighting):
        raise InvalidInput("Nothing would change.", code="nothing_to_change", field="changes")
    amounts = {line.channel: line.budget for line in version.lines}
    for change in changes:
        _apply(change, amounts, campaign.budget.currency)
    by_hand = {change.channel for change in changes}
    locked = [line.channel for line in version.lines if line.locked and line.channel not in by_hand]
    pattern = flighting or version.flighting
    if _is_as_before(version, amounts, pattern, locked) and version.flight == campaign.flight:
        raise InvalidInput("Nothing would change.", code="nothing_to_change", field="changes")
    lines = build_lines(campaign, amounts, pattern, first_weekday, locked)
    return Draft(lines, pattern, _reason(changes, flighting))


def _is_as_before(
    version: PlanVersion, amounts: Mapping[Channel, Money], flighting: Flighting, locked: Sequence[Channel]
) -> bool:
    before = {line.channel: line.budget for line in version.lines}
    kept = [line.channel for line in version.lines if line.locked]
    return (before, version.flighting, kept) == (amounts, flighting, locked)


def _apply(change: LineChange, amounts: dict[Channel, Money], currency: str) -> None:
    channel = change.channel
    if change.action == "add":
        if channel in amounts:
            raise InvalidInput(f"{channel.label} is in the plan already.", code="duplicate_line", field="channel")
        amounts[channel] = _amount(change, None, currency)
        return
    if channel not in amounts:
        raise InvalidInput(f"{channel.label} is not in the plan.", code="channel_not_in_plan", field="channel")
    if change.action == "remove":
        del amounts[channel]
        return
    amounts[channel] = _changed(change, amounts[channel])


def _changed(change: LineChange, current: Money) -> Money:
    step = _amount(change, current, current.currency)
    after = {"set": step, "increase": current + step, "decrease": current - step}[change.action]
    if after.minor < 0:
        raise InvalidInput(
            f"{change.channel.label} has {current}; it can't give {step}.",
            code="line_below_zero",
            field="amount",
        )
    return after


def _amount(change: LineChange, current: Money | None, currency: str) -> Money:
    if change.amount is not None and change.amount.minor < 0:
        raise InvalidInput(
            f"{change.channel.label} can't change by {change.amount}; say by how much, and which way.",
            code="negative_amount",
            field="amount",
        )
    if change.amount is not None and change.percent is None:
        return Money.zero(currency) + change.amount
    if change.percent is not None and change.amount is None and current is not None:
        return current.times(Fraction(change.percent) / 100)
    raise InvalidInput(
        f"Say by how much {change.channel.label} changes: an amount or a percentage.",
        code="amount_required",
        field="amount",
    )


def _reason(changes: Sequence[LineChange], flighting: Flighting | None) -> str:
    parts = [f"{change.channel.label} {_PAST[change.action]}" for change in changes]
    if flighting:
        parts.append(f"flighting {flighting.value.replace('_', ' ')}")
    return ", ".join(parts)


_PAST = {"set": "set", "increase": "raised", "decrease": "lowered", "add": "added", "remove": "removed"}
