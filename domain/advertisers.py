"""Advertisers: who the media is bought for, and on which terms."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Self

from domain.changes import Change
from domain.errors import IllegalMove, InvalidInput
from domain.fees import AGENCY_DISCOUNT, FeeSchedule, checked_discount, checked_schedule, flat_total
from domain.ids import AdvertiserId, TenantId, UserId, new_id
from domain.money import exponent
from domain.naming import NamingPattern
from domain.text import clean_line
from domain.tracking import UtmDefaults


@dataclass(frozen=True, slots=True)
class AdvertiserTerms:
    """What every line of the advertiser's plans starts with.

    fees              charged on top of net media
    agency_discount   share of gross that is not paid: net media = gross × (1 − discount)
    naming            the pattern that names its lines (domain/naming.py); None: lines go by their label
    currency          the advertiser's own, which fees of money are in; None: they are in any plan's
    utm               what its links always say

    Raises InvalidInput of `naming`, `discount`, `fees` (`too_many_fees`, `too_precise`) and `currency`.
    """

    fees: FeeSchedule = ()
    agency_discount: Decimal = AGENCY_DISCOUNT
    naming: str | None = None
    currency: str | None = None
    utm: UtmDefaults = field(default_factory=UtmDefaults)

    def __post_init__(self) -> None:
        checked_discount(self.agency_discount)
        checked_schedule(self.fees)
        if self.currency is not None:
            exponent(self.currency)
            flat_total(self.fees, self.currency)
        if self.naming is not None:
            NamingPattern(self.naming)

    @property
    def pattern(self) -> NamingPattern | None:
        return None if self.naming is None else NamingPattern(self.naming)

    def fees_in(self, currency: str) -> FeeSchedule:
        """Of a new line in a plan of that currency. Raises InvalidInput `currency_mismatch` for fees of other money."""
        other = [fee.name for fee in self.fees if fee.is_money]
        if other and self.currency not in (None, currency):
            raise InvalidInput(
                f"The advertiser's fees are in {self.currency} ({', '.join(other)}), the plan is in {currency}.",
                code="currency_mismatch",
                field="fees",
            )
        return self.fees


@dataclass(eq=False)
class Advertiser:
    """Its campaigns belong to it. New lines of their plans take its terms; what is planned already keeps its fees."""

    tenant_id: TenantId
    id: AdvertiserId
    name: str
    created_by: UserId
    created_at: datetime
    terms: AdvertiserTerms = field(default_factory=AdvertiserTerms)
    archived: bool = False
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def create(
        cls, tenant_id: TenantId, name: str, terms: AdvertiserTerms | None = None, *, by: UserId, now: datetime
    ) -> tuple[Self, Change]:
        called = clean_line(name, field="advertiser")
        made = cls(tenant_id, AdvertiserId(new_id()), called, by, now, terms or AdvertiserTerms())
        return made, Change("advertiser.created", made.id, made.version, after=made.facts())

    def change(self, *, name: str | None = None, terms: AdvertiserTerms | None = None) -> Change:
        """None leaves it as it is. Raises IllegalMove `advertiser_archived`."""
        self.must_be_active()
        before = self.facts()
        if name is not None:
            self.name = clean_line(name, field="name")
        if terms is not None:
            self.terms = terms
        self.version += 1
        return self._changed("advertiser.updated", before)

    def archive(self) -> Change:
        """Its campaigns keep its terms; new ones are not made for it."""
        return self._set_archived(True)

    def restore(self) -> Change:
        return self._set_archived(False)

    def must_be_active(self) -> None:
        if self.archived:
            raise IllegalMove(
                f"{self.name} is archived; restore it first.", code="advertiser_archived", field="advertiser"
            )

    def facts(self) -> dict[str, object]:
        terms = self.terms
        return {
            "name": self.name,
            "currency": terms.currency,
            "fees": [f"{fee.name}: {fee.value} {fee.basis.value.replace('_', ' ')}" for fee in terms.fees],
            "agency_discount": str(terms.agency_discount),
            "naming": terms.naming,
            "utm": terms.utm.said,
            "archived": self.archived,
        }

    def _set_archived(self, archived: bool) -> Change:
        if self.archived is archived:
            state = "archived already" if archived else "not archived"
            raise IllegalMove(f"{self.name} is {state}.", field="advertiser")
        before = self.facts()
        self.archived = archived
        self.version += 1
        return self._changed("advertiser.archived" if archived else "advertiser.restored", before)

    def _changed(self, action: str, before: dict[str, object]) -> Change:
        after = self.facts()
        names = [name for name in after if after[name] != before[name]]
        return Change(action, self.id, self.version, {n: before[n] for n in names}, {n: after[n] for n in names})
