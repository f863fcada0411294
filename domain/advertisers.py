"""Who the media is bought for, and on which terms."""

from dataclasses import dataclass
from decimal import Decimal

from domain.fees import AGENCY_DISCOUNT, FeeSchedule


@dataclass(frozen=True, slots=True)
class AdvertiserTerms:
    """What every line of the advertiser's plans starts with.

    fees              charged on top of net media
    agency_discount   share of gross that is not paid: net media = gross × (1 − discount)
    naming            the pattern that names its lines (domain/naming.py); None: lines go by their label
    """

    fees: FeeSchedule = ()
    agency_discount: Decimal = AGENCY_DISCOUNT
    naming: str | None = None
