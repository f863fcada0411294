"""Response curves that a tenant keeps: fitted or imported, of a channel, and what they say of a line of a plan."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Self

from domain.campaigns import Campaign
from domain.changes import Change
from domain.channels import Channel
from domain.errors import IllegalMove, InvalidInput
from domain.ids import AdvertiserId, CampaignId, CurveId, TenantId, UserId, new_id
from domain.objectives import Outcome
from domain.planning.curves.benchmarks import market_key
from domain.planning.curves.rescaling import rescaled
from domain.planning.curves.response_curves import CurveOrigin, ResponseCurve
from domain.text import clean_line

LARGEST_CURVE_DAYS = 3660


@dataclass(eq=False)
class StoredCurve:
    """`curve` is the outcome of net media over `curve.days`, of the whole channel in the market (None: in all of
    them). It speaks for every campaign of the tenant, of one advertiser, or for one campaign.
    """

    tenant_id: TenantId
    id: CurveId
    channel: Channel
    curve: ResponseCurve
    created_by: UserId
    created_at: datetime
    market: str | None = None
    advertiser_id: AdvertiserId | None = None
    campaign_id: CampaignId | None = None
    retired: bool = False
    version: int = field(default_factory=lambda: 1)

    @classmethod
    def add(
        cls,
        tenant_id: TenantId,
        channel: Channel,
        curve: ResponseCurve,
        *,
        by: UserId,
        now: datetime,
        market: str | None = None,
        advertiser_id: AdvertiserId | None = None,
        campaign_id: CampaignId | None = None,
    ) -> tuple[Self, Change]:
        if curve.origin is CurveOrigin.BENCHMARK:
            raise InvalidInput("A curve that is kept was fitted or imported.", code="bad_curve", field="origin")
        if not 1 <= curve.days <= LARGEST_CURVE_DAYS:
            raise InvalidInput(f"A curve holds for 1 to {LARGEST_CURVE_DAYS} days.", code="bad_days", field="days")
        place = clean_line(market, field="market", longest=80) if market else None
        kept = replace(curve, source=clean_line(curve.source, field="source", longest=2000))
        added = cls(tenant_id, CurveId(new_id()), channel, kept, by, now, place, advertiser_id, campaign_id)
        return added, Change("curve.added", added.id, added.version, after=added.facts())

    def retire(self) -> Change:
        """New plans no longer use it; those that did still name it. Raises IllegalMove `curve_retired`."""
        if self.retired:
            raise IllegalMove("The curve is retired already.", code="curve_retired")
        self.retired = True
        self.version += 1
        return Change("curve.retired", self.id, self.version, {"retired": False}, {"retired": True})

    def speaks_for(self, campaign: Campaign) -> bool:
        return (
            not self.retired
            and self.curve.currency == campaign.budget.currency
            and self.advertiser_id in (None, campaign.advertiser_id)
            and self.campaign_id in (None, campaign.id)
        )

    def facts(self) -> dict[str, object]:
        curve = self.curve
        return {
            "channel": self.channel,
            "market": self.market,
            "counts": curve.counts,
            "family": curve.shape.family,
            "currency": curve.currency,
            "days": curve.days,
            "origin": curve.origin,
            "source": curve.source,
        }

    def of_line(
        self, days: int, share: Fraction, lines: int, counts: Outcome, value_per_conversion: int | None
    ) -> ResponseCurve:
        """What it says of one line that runs for `days`.

        share   net media in one unit of the line's money, once flat fees are off it
        lines   that it speaks for: each has an equal part, so that as many times the spend brings as many times it
        counts  the outcome that is wanted; conversions are worth `value_per_conversion` minor units each

        A flight of another length spends and brings as much per day. Reach is people, who don't become more with
        time: its curve is the same for every flight.
        """
        curve = self.curve
        periods = 1.0 if curve.counts is Outcome.REACH else days / curve.days
        worth = 1.0
        if counts is Outcome.VALUE and curve.counts is Outcome.CONVERSIONS and value_per_conversion:
            worth = float(value_per_conversion)
        fitted = rescaled(curve, spend=periods / lines / float(share), outcome=periods / lines * worth)
        return replace(fitted, counts=counts, days=days, source=self.cited(days), key=str(self.channel))

    def cited(self, days: int) -> str:
        """“MMM 2026 (fitted curve, from 84 days to 61)”."""
        scaled = days != self.curve.days and self.curve.counts is not Outcome.REACH
        period = f", from {self.curve.days} days to {days}" if scaled else ""
        return f"{self.curve.source} ({self.curve.origin} curve{period})"


def curve_speaking(
    curves: Iterable[StoredCurve], campaign: Campaign, channel: Channel, market: str | None, counts: Outcome
) -> StoredCurve | None:
    """The most specific one: of the campaign, of its advertiser, of the market, and of these the latest."""
    enough = {counts, Outcome.CONVERSIONS} if counts is Outcome.VALUE else {counts}
    found = [
        one
        for one in curves
        if one.speaks_for(campaign)
        and one.channel is channel
        and one.curve.counts in enough
        and (one.market is None or market_key(one.market) == market_key(market))
    ]
    return max(found, key=lambda one: _rank(one, counts), default=None)


def _rank(one: StoredCurve, counts: Outcome) -> tuple[object, ...]:
    return (
        one.campaign_id is not None,
        one.advertiser_id is not None,
        one.market is not None,
        one.curve.counts is counts,
        one.created_at,
        one.id,
    )
