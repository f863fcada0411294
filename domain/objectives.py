"""What a campaign is for, and the outcome that is counted for it."""

from enum import StrEnum


class Outcome(StrEnum):
    REACH = "reach"
    COMPLETED_VIEWS = "completed_views"
    CLICKS = "clicks"
    CONVERSIONS = "conversions"
    VALUE = "value"


class Objective(StrEnum):
    AWARENESS = "awareness"
    CONSIDERATION = "consideration"
    TRAFFIC = "traffic"
    LEADS = "leads"
    CONVERSIONS = "conversions"
    SALES = "sales"

    @property
    def outcome(self) -> Outcome:
        """What an optimisation for this objective maximises."""
        return _OUTCOMES[self]


_OUTCOMES = {
    Objective.AWARENESS: Outcome.REACH,
    Objective.CONSIDERATION: Outcome.COMPLETED_VIEWS,
    Objective.TRAFFIC: Outcome.CLICKS,
    Objective.LEADS: Outcome.CONVERSIONS,
    Objective.CONVERSIONS: Outcome.CONVERSIONS,
    Objective.SALES: Outcome.VALUE,
}
