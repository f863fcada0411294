"""What an allocation has to respect, in a person's words, and how it becomes the domain's limits on lines."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from domain.channels import Channel, ChannelFamily
from domain.errors import InvalidInput
from domain.plans.bounds import Limits, LineBounds, LineGroup, Room, bounds_of
from domain.plans.goals import Goal, GoalKind
from domain.plans.lines import LineSpec, PlanLine
from domain.plans.media_plans import PlanVersion
from services.amounts import Amount
from services.commands import Command

Code = Annotated[str, Field(max_length=60, description="A line's code, where its channel has several lines.")]
Text = Annotated[str, Field(max_length=200)]
Percent = Annotated[Decimal, Field(ge=0, description="Of the budget that is given out, 0 to 100.")]
MOST_LIMITS = 500


class OfLine(Command):
    """A line of the plan: by its channel where that has one line, else by its code."""

    channel: Channel | None = None
    line: Code | None = None

    def line_in(self, version: PlanVersion) -> PlanLine:
        if self.line is not None:
            return version.line(self.line)
        if self.channel is None:
            raise InvalidInput("Which line is meant?", code="line_required", field="line")
        return version.line_of(self.channel)

    def among(self, specs: Sequence[LineSpec]) -> list[LineSpec]:
        """The line with the code, or all of the channel's: they share the limit."""
        if self.line is None and self.channel is None:
            raise InvalidInput("Which line is meant?", code="line_required", field="line")
        found = [
            spec for spec in specs if spec.code == self.line or (self.line is None and spec.channel is self.channel)
        ]
        if not found:
            label = self.line or (self.channel.label if self.channel else "")
            known = ", ".join(spec.code for spec in specs)
            code, field = ("line_not_in_plan", "line") if self.line else ("channel_not_in_plan", "channel")
            raise InvalidInput(f"{label} has a limit but is not in the plan; it has {known}.", code=code, field=field)
        return found


class LineLimit(OfLine):
    """An amount, or a share of the budget in percent. A channel with several lines has it for all of them together."""

    amount: Amount | None = None
    percent: Percent | None = None


class MinimumBuy(OfLine):
    amount: Amount = Field(description="The line has nothing, or at least this.")


class GroupLimit(Command):
    """A limit that lines share: those of the codes, channels and family, as far as they are in market and vehicle."""

    name: Text | None = None
    family: ChannelFamily | None = None
    channels: list[Channel] = Field(default_factory=list, max_length=21)
    lines: list[Code] = Field(default_factory=list, max_length=MOST_LIMITS)
    market: Text | None = None
    vehicle: Text | None = Field(default=None, description="Vehicle or vendor: YouTube, Meta.")
    minimum: Amount | None = None
    maximum: Amount | None = None
    minimum_percent: Percent | None = None
    maximum_percent: Percent | None = None

    def group(self, specs: Sequence[LineSpec]) -> LineGroup:
        codes = frozenset(spec.code for spec in specs if self._has(spec))
        if not codes:
            raise InvalidInput(
                f"No line of the plan belongs to {self.label}.", code="empty_group", field="groups", group=self.label
            )
        least, most = (amount.money() if amount else None for amount in (self.minimum, self.maximum))
        room = Room(least, most, self.minimum_percent, self.maximum_percent)
        if room.empty:
            raise InvalidInput(
                f"{self.label} needs a minimum or a maximum.", code="limit_required", field="groups", group=self.label
            )
        return LineGroup(self.label, codes, room)

    @property
    def label(self) -> str:
        families = [self.family.label] if self.family else []
        parts = [*families, *(channel.label for channel in self.channels), *self.lines]
        place = " in ".join(part for part in (self.vehicle, self.market) if part)
        return self.name or " and ".join(part for part in (", ".join(parts), place) if part) or "the whole plan"

    def _has(self, spec: LineSpec) -> bool:
        wanted = set(self.channels) | (self.family.channels if self.family else frozenset())
        named = spec.code in self.lines or spec.channel in wanted or not (wanted or self.lines)
        return named and _same(self.market, spec.placement.market) and _same(self.vehicle, spec.placement.vehicle)


class LineLimits(Command):
    minimums: list[LineLimit] = Field(default_factory=list, max_length=MOST_LIMITS)
    maximums: list[LineLimit] = Field(default_factory=list, max_length=MOST_LIMITS)
    minimum_buys: list[MinimumBuy] = Field(default_factory=list, max_length=MOST_LIMITS)
    groups: list[GroupLimit] = Field(default_factory=list, max_length=100, description="Limits that lines share.")

    def named(self, specs: Sequence[LineSpec]) -> tuple[list[LineBounds], tuple[LineGroup, ...]]:
        """Bounds of the lines that are named, one per line, and limits that several share."""
        rooms, shared = self._rooms(specs), [limit.group(specs) for limit in self.groups]
        buys = {spec.code: buy.amount.money() for buy in self.minimum_buys for spec in buy.among(specs)}
        by_code = {spec.code: spec for spec in specs}
        bounds = {
            code: LineBounds(by_code[code], room.least, room.most, None, buys.get(code), *_percents(room))
            for (code, *others), room in rooms.items()
            if not others
        }
        for code, buy in buys.items():
            bounds.setdefault(code, LineBounds(by_code[code], minimum_buy=buy))
        several = [
            LineGroup(by_code[codes[0]].channel.label, frozenset(codes), room)
            for codes, room in rooms.items()
            if len(codes) > 1
        ]
        return list(bounds.values()), (*several, *shared)

    def limits(self, specs: Sequence[LineSpec]) -> Limits:
        """Of lines that are to be, all of them free."""
        named, groups = self.named(specs)
        bounds = {one.spec.code: one for one in named}
        return Limits(tuple(bounds.get(spec.code, LineBounds(spec)) for spec in specs), groups)

    def _rooms(self, specs: Sequence[LineSpec]) -> dict[tuple[str, ...], Room]:
        """By the codes that share it. What is said last of a line counts."""
        rooms: dict[tuple[str, ...], Room] = {}
        for field, limits in (("minimum", self.minimums), ("maximum", self.maximums)):
            for limit in limits:
                codes = tuple(spec.code for spec in limit.among(specs))
                rooms[codes] = _said(rooms.get(codes, Room()), limit, field)
        return rooms


class Constraints(LineLimits):
    """What an allocation has to respect."""

    keep: list[Channel] = Field(default_factory=list, max_length=20, description="Channels that must not move.")
    keep_lines: list[Code] = Field(default_factory=list, max_length=500, description="Lines that must not move.")
    within_percent: Decimal | None = Field(
        default=None, ge=0, le=1000, description="No line moves by more than this, in percent of what it has now."
    )

    def kept_in(self, version: PlanVersion) -> list[str]:
        """Codes. A channel that is kept keeps all its lines."""
        named = [version.line(code).code for code in self.keep_lines]
        for channel in self.keep:
            named += [line.code for line in version.lines if line.channel is channel] or [version.line_of(channel).code]
        return list(dict.fromkeys(named))

    def limits_in(self, version: PlanVersion) -> Limits:
        named, groups = self.named([line.spec for line in version.lines])
        return Limits(tuple(bounds_of(version, named, self.kept_in(version), self.within_percent)), groups)


class Goals(Constraints):
    """One goal at most; the budget is then what it may cost at the most."""

    target_cpa: Amount | None = Field(default=None, description="The most that a conversion may cost on average.")
    target_roas: Decimal | None = Field(
        default=None, gt=0, description="The least value per unit of spend: 4 is 400 %."
    )
    target_marginal: Amount | None = Field(
        default=None, description="The most that the next conversion (click, view, person reached) may cost."
    )
    cheapest_for: Decimal | None = Field(
        default=None,
        gt=0,
        description="The cheapest budget that brings this outcome, in the unit the objective counts.",
    )

    def goal(self, currency: str) -> Goal | None:
        said = {kind: getattr(self, kind.value) for kind in GoalKind if getattr(self, kind.value) is not None}
        if len(said) > 1:
            named = ", ".join(kind.value for kind in said)
            raise InvalidInput(f"One goal at a time, not {named}.", code="two_goals", field=named.split(", ")[1])
        for kind, target in said.items():
            return Goal(kind, _number(target, currency))
        return None


def _number(target: Amount | Decimal, currency: str) -> Decimal:
    if isinstance(target, Decimal):
        return target
    if target.money().currency != currency:
        raise InvalidInput(
            f"The campaign is in {currency}; {target} needs a rate.", code="currency_mismatch", field="currency"
        )
    return target.amount


def _said(room: Room, limit: LineLimit, field: str) -> Room:
    if (limit.amount is None) == (limit.percent is None):
        raise InvalidInput("A limit is an amount, or a percentage.", code="amount_required", field=f"{field}s")
    money = limit.amount.money() if limit.amount else None
    if field == "minimum":
        return Room(money or room.least, room.most, limit.percent or room.least_percent, room.most_percent)
    percent = limit.percent if limit.percent is not None else room.most_percent
    return Room(room.least, money if money is not None else room.most, room.least_percent, percent)


def _percents(room: Room) -> tuple[Decimal | None, Decimal | None]:
    return room.least_percent, room.most_percent


def _same(asked: str | None, has: str | None) -> bool:
    return asked is None or (has is not None and asked.strip().casefold() == has.casefold())
