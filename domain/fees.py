"""Fees and the steps of a media cost: gross − agency discount = net media; net media + fees = client cost.

Every step adds up to the minor unit: a client cost is divided by largest remainder, on net media each fee is rounded.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from domain.errors import InvalidInput
from domain.money import Money, split_minor
from domain.rates import checked_rate
from domain.text import clean_line

AGENCY_DISCOUNT = Decimal("0.15")
MOST_FEES = 50


class BudgetBasis(StrEnum):
    """Which step of the cost an amount names."""

    CLIENT_COST = "client_cost"  # net media and fees, without tax
    NET_MEDIA = "net_media"
    GROSS = "gross"


class FeeKind(StrEnum):
    AD_SERVING = "ad_serving"
    DSP = "dsp"
    DATA = "data"
    VERIFICATION = "verification"
    PRODUCTION = "production"
    COMMISSION = "commission"
    OTHER = "other"


class FeeBasis(StrEnum):
    PERCENT_OF_NET_MEDIA = "percent_of_net_media"
    PERCENT_OF_GROSS = "percent_of_gross"  # for commissions alone, as agencies state theirs
    CPM = "cpm"  # major units for a thousand impressions
    FLAT = "flat"  # major units, once


_PERCENT = frozenset({FeeBasis.PERCENT_OF_NET_MEDIA, FeeBasis.PERCENT_OF_GROSS})


@dataclass(frozen=True, slots=True)
class Fee:
    """`value` is percent or major units of the plan's currency, as the basis says."""

    kind: FeeKind
    basis: FeeBasis
    value: Decimal
    label: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", checked_rate(self.value, field="value"))
        if self.basis in _PERCENT and self.value > 100:
            raise InvalidInput(f"A fee of {self.value} % is more than the media.", code="bad_rate", field="value")
        if self.basis is FeeBasis.PERCENT_OF_GROSS and self.kind is not FeeKind.COMMISSION:
            raise InvalidInput(
                "Only a commission is a percentage of gross; other fees are one of net media.",
                code="bad_fee_basis",
                field="basis",
            )
        if self.label is not None:
            object.__setattr__(self, "label", clean_line(self.label, field="label", longest=120))

    @property
    def is_money(self) -> bool:
        """Its value is an amount of some currency, not a percentage."""
        return self.basis not in _PERCENT

    @property
    def name(self) -> str:
        """The name a planner reads: "Ad serving", "DSP", or the label."""
        return self.label or _NAMES.get(self.kind, self.kind.value.replace("_", " ").capitalize())


_NAMES: Mapping[FeeKind, str] = {FeeKind.DSP: "DSP", FeeKind.OTHER: "Other fee"}

FeeSchedule: TypeAlias = tuple[Fee, ...]


@dataclass(frozen=True, slots=True)
class FeeAmount:
    fee: Fee
    amount: Money


@dataclass(frozen=True, slots=True)
class CostBreakdown:
    """The steps of one cost. Refuses (`costs_do_not_add_up`) steps that don't lead to each other."""

    gross: Money
    agency_discount: Money
    net_media: Money
    fees: tuple[FeeAmount, ...]
    client_cost: Money

    def __post_init__(self) -> None:
        if self.gross - self.agency_discount != self.net_media or self.net_media + self.fee_total != self.client_cost:
            raise InvalidInput(
                "Gross less discount must be net media, and net media with the fees the client cost.",
                code="costs_do_not_add_up",
                field="costs",
            )

    @property
    def fee_total(self) -> Money:
        return Money.sum((fee.amount for fee in self.fees), self.net_media.currency)

    def on(self, basis: BudgetBasis) -> Money:
        return {
            BudgetBasis.CLIENT_COST: self.client_cost,
            BudgetBasis.NET_MEDIA: self.net_media,
            BudgetBasis.GROSS: self.gross,
        }[basis]


def checked_discount(discount: Decimal) -> Decimal:
    """The share itself. Raises InvalidInput `bad_discount`, `too_precise`."""
    if not discount.is_finite() or not 0 <= discount < 1:
        raise InvalidInput(
            f"An agency discount is a share from 0 to below 1, not {discount}.", code="bad_discount", field="discount"
        )
    return checked_rate(discount, field="discount")


def checked_schedule(fees: Sequence[Fee]) -> FeeSchedule:
    """Raises InvalidInput `too_many_fees`."""
    if len(fees) > MOST_FEES:
        raise InvalidInput(f"There may be {MOST_FEES} fees at most.", code="too_many_fees", field="fees")
    return tuple(fees)


def total_costs(parts: Iterable[CostBreakdown], currency: str) -> CostBreakdown:
    """Step by step; amounts of the same fee come together, in the order in which they first appear."""
    each = list(parts)
    fees: dict[Fee, Money] = {}
    for charged in (fee for part in each for fee in part.fees):
        fees[charged.fee] = fees.get(charged.fee, Money.zero(currency)) + charged.amount
    return CostBreakdown(
        Money.sum((part.gross for part in each), currency),
        Money.sum((part.agency_discount for part in each), currency),
        Money.sum((part.net_media for part in each), currency),
        tuple(FeeAmount(fee, amount) for fee, amount in fees.items()),
        Money.sum((part.client_cost for part in each), currency),
    )


def break_down(
    amount: Money,
    basis: BudgetBasis,
    fees: Sequence[Fee] = (),
    discount: Decimal = AGENCY_DISCOUNT,
    cpm: Fraction | int | None = None,
) -> CostBreakdown:
    """The steps of an amount that names one of them.

    discount  share of gross that agencies don't pay: net media = gross × (1 − discount)
    cpm       minor units of net media for a thousand impressions, as `Pricing.cpm` and `Benchmark.cpm`; a fee per
              thousand impressions needs it

    The step that the amount names comes out as given. An amount of 0 buys nothing and owes no fee, a flat one neither.
    Raises InvalidInput `negative_amount`, `fees_exceed_budget`, `bad_discount`, `cpm_required`, `too_precise` (a flat
    fee finer than the currency), `too_many_fees`.
    """
    if amount.minor < 0:
        raise InvalidInput(f"A cost can't be {amount}.", code="negative_amount", field="amount")
    kept = _kept(discount)
    shares = _shares(fees, kept, cpm, amount.currency)
    flats = _flats(fees, amount.currency)
    if not amount.minor:
        flats = [0] * len(flats)
    if basis is BudgetBasis.CLIENT_COST:
        net, charged = _out_of(amount, shares, flats)
    else:
        net = amount.minor if basis is BudgetBasis.NET_MEDIA else round(amount.minor * kept)
        charged = [round(net * share) + flat for share, flat in zip(shares, flats, strict=True)]
    gross = amount.minor if basis is BudgetBasis.GROSS else round(net / kept)
    currency = amount.currency
    return CostBreakdown(
        Money(gross, currency),
        Money(gross - net, currency),
        Money(net, currency),
        tuple(FeeAmount(fee, Money(minor, currency)) for fee, minor in zip(fees, charged, strict=True)),
        Money(net + sum(charged), currency),
    )


def media_share(
    fees: Sequence[Fee],
    currency: str,
    cpm: Fraction | int | None = None,
    *,
    basis: BudgetBasis = BudgetBasis.CLIENT_COST,
    discount: Decimal = AGENCY_DISCOUNT,
) -> Fraction:
    """Net media in one unit of an amount on the basis; of a client cost, once `flat_total` is taken off it."""
    kept = _kept(discount)
    if basis is BudgetBasis.CLIENT_COST:
        return 1 / sum(_shares(fees, kept, cpm, currency), start=Fraction(1))
    return kept if basis is BudgetBasis.GROSS else Fraction(1)


def flat_total(fees: Sequence[Fee], currency: str) -> Money:
    return Money(sum(_flats(fees, currency)), currency)


def _out_of(amount: Money, shares: Sequence[Fraction], flats: Sequence[int]) -> tuple[int, list[int]]:
    """Net media and each fee: the flat ones first, the rest in proportion."""
    left = amount.minor - sum(flats)
    if left < 0:
        raise InvalidInput(
            f"The flat fees of {Money(sum(flats), amount.currency)} are more than the {amount} there are.",
            code="fees_exceed_budget",
            field="fees",
        )
    net, *proportional = split_minor(left, [Fraction(1), *shares])
    return net, [flat + part for flat, part in zip(flats, proportional, strict=True)]


def _kept(discount: Decimal) -> Fraction:
    """Net media in one unit of gross."""
    return 1 - Fraction(checked_discount(discount))


def _shares(fees: Sequence[Fee], kept: Fraction, cpm: Fraction | int | None, currency: str) -> list[Fraction]:
    """Each fee as a share of net media; 0 for a flat one."""
    return [_share(fee, kept, cpm, currency) for fee in checked_schedule(fees)]


def _share(fee: Fee, kept: Fraction, cpm: Fraction | int | None, currency: str) -> Fraction:
    value = Fraction(fee.value)
    match fee.basis:
        case FeeBasis.PERCENT_OF_NET_MEDIA:
            return value / 100
        case FeeBasis.PERCENT_OF_GROSS:
            return value / 100 / kept
        case FeeBasis.CPM:
            return value * Money.of(1, currency).minor / _media_cpm(fee, cpm)
        case FeeBasis.FLAT:
            return Fraction(0)


def _media_cpm(fee: Fee, cpm: Fraction | int | None) -> Fraction:
    if cpm is None or cpm <= 0:
        raise InvalidInput(
            f"{fee.name} is charged per thousand impressions, so the CPM of the media is needed.",
            code="cpm_required",
            field="cpm",
        )
    return Fraction(cpm)


def _flats(fees: Sequence[Fee], currency: str) -> list[int]:
    """Minor units of each fee; 0 for one that isn't flat."""
    return [_flat_minor(fee, currency) if fee.basis is FeeBasis.FLAT else 0 for fee in fees]


def _flat_minor(fee: Fee, currency: str) -> int:
    try:
        return Money.of(fee.value, currency).minor
    except InvalidInput as refusal:
        raise InvalidInput(f"{fee.name}: {refusal.message}", code=refusal.code, field="fees") from None
