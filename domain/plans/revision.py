"""Changing a plan by hand: exactly what was asked for, every other line as it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from domain.channels import Channel
from domain.errors import InvalidInput
from domain.money import Money
from domain.plans.brief import PlanningBrief
from domain.plans.drafting import build_lines
from domain.plans.flighting import FlightWish, Reflighting, Wanted
from domain.plans.line_terms import LineTerms
from domain.plans.lines import LineSpec, code_for
from domain.plans.media_plans import Draft, PlanVersion

Action = Literal["set", "increase", "decrease", "add", "remove", "amend", "move"]


@dataclass(frozen=True, slots=True)
class LineChange:
    """One change of one line, which is named by its code or, where it is the only one there, by its channel.

    `terms` change along with the amount; "amend" changes them alone. "add" needs a channel. "move" takes the amount, or
    the percentage of what the line has, to the line of `to_channel` or `to_code`.
    """

    channel: Channel | None
    action: Action
    amount: Money | None = None
    percent: Decimal | None = None
    code: str | None = None
    terms: LineTerms | None = None
    to_channel: Channel | None = None
    to_code: str | None = None


def revised_draft(
    brief: PlanningBrief, version: PlanVersion, changes: Sequence[LineChange], flights: Sequence[FlightWish] = ()
) -> Draft:
    """A line whose amount is changed by hand is no longer kept. Raises InvalidInput for a change without effect, an
    unknown line, or one that would fall below zero.
    """
    if not (changes or flights):
        raise _nothing()
    weeks = Reflighting.of(brief, version)
    wanted, said = weeks.lines, weeks.said
    said += [_apply(change, brief, version, wanted) for change in changes]
    for wish in flights:
        weeks.apply(wish)
    before = {line.code: (line.spec, line.budget) for line in version.lines}
    if (before, version.flighting) == (wanted, weeks.pattern) and version.flight == brief.campaign.flight:
        raise _nothing()
    return Draft(build_lines(brief, wanted.values(), weeks.pattern), weeks.pattern, ", ".join(said))


def _apply(change: LineChange, brief: PlanningBrief, version: PlanVersion, wanted: Wanted) -> str:
    """Changes `wanted`, and says what it did."""
    if change.action == "add":
        return _add(change, brief, wanted)
    code = _code_meant(change, version, wanted)
    if change.action == "move":
        return _move(change, code, version, wanted)
    spec, amount = wanted[code]
    if change.action == "remove":
        del wanted[code]
        return f"{spec.label} removed"
    if change.action != "amend":
        amount = _changed(change, spec, amount)
        spec = spec.kept(False)
    wanted[code] = _on_its_terms(spec, change, brief), amount
    return f"{spec.label} {_PAST[change.action]}"


def _move(change: LineChange, source: str, version: PlanVersion, wanted: Wanted) -> str:
    target = _code_meant(LineChange(change.to_channel, "increase", code=change.to_code), version, wanted)
    if target == source:
        raise InvalidInput("Money can't move from a line to itself.", code="nothing_to_change", field="to_channel")
    spec, amount = wanted[source]
    step = _amount(change, spec, amount, amount.currency)
    if step > amount:
        raise InvalidInput(f"{spec.label} has {amount}; it can't give {step}.", code="line_below_zero", field="amount")
    other, has = wanted[target]
    wanted[source] = spec.kept(False), amount - step
    wanted[target] = other.kept(False), has + step
    return f"{step} moved from {spec.label} to {other.label}"


def _add(change: LineChange, brief: PlanningBrief, wanted: Wanted) -> str:
    channel = change.channel
    if channel is None:
        raise InvalidInput("A new line needs a channel.", code="channel_required", field="channel")
    alone = not (change.terms or change.code)
    if alone and any(spec.channel is channel for spec, _ in wanted.values()):
        raise InvalidInput(
            f"{channel.label} is in the plan already; a second line needs a vehicle, market or audience of its own.",
            code="duplicate_line",
            field="channel",
        )
    code = change.code or code_for(channel, wanted)
    if code in wanted:
        raise InvalidInput(f"The plan has a line {code} already.", code="duplicate_line", field="line")
    spec = _on_its_terms(LineSpec(code, channel, fees=brief.fees), change, brief)
    wanted[code] = spec, _amount(change, spec, None, brief.currency)
    return f"{spec.label} added"


def _code_meant(change: LineChange, version: PlanVersion, wanted: Wanted) -> str:
    if change.code is not None:
        if change.code not in wanted:
            version.line(change.code)
            raise InvalidInput(f"{change.code} was removed before.", code="line_not_in_plan", field="line")
        return change.code
    if change.channel is None:
        raise InvalidInput("Which line is meant?", code="line_required", field="line")
    of_channel = [code for code, (spec, _) in wanted.items() if spec.channel is change.channel]
    return of_channel[0] if len(of_channel) == 1 else version.line_of(change.channel).code


def _on_its_terms(spec: LineSpec, change: LineChange, brief: PlanningBrief) -> LineSpec:
    return change.terms.applied_to(spec, brief) if change.terms else spec


def _changed(change: LineChange, spec: LineSpec, current: Money) -> Money:
    step = _amount(change, spec, current, current.currency)
    after = {"set": step, "increase": current + step, "decrease": current - step}[change.action]
    if after.minor < 0:
        raise InvalidInput(f"{spec.label} has {current}; it can't give {step}.", code="line_below_zero", field="amount")
    return after


def _amount(change: LineChange, spec: LineSpec, current: Money | None, currency: str) -> Money:
    if change.amount is not None and change.amount.minor < 0:
        raise InvalidInput(
            f"{spec.label} can't change by {change.amount}; say by how much, and which way.",
            code="negative_amount",
            field="amount",
        )
    if change.amount is not None and change.percent is None:
        return Money.zero(currency) + change.amount
    if change.percent is not None and change.amount is None and current is not None:
        return current.times(Fraction(change.percent) / 100)
    raise InvalidInput(
        f"Say by how much {spec.label} changes: an amount or a percentage.", code="amount_required", field="amount"
    )


def _nothing() -> InvalidInput:
    return InvalidInput("Nothing would change.", code="nothing_to_change", field="changes")


_PAST = {"set": "set", "increase": "raised", "decrease": "lowered", "amend": "changed"}
