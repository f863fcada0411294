"""A flight's curve, seen from the spend of one period."""

from dataclasses import dataclass

from domain.planning.curves.shapes import Numbers, Shape


@dataclass(frozen=True, slots=True)
class PeriodShape:
    """worth · f(rate · x): `rate` turns a period's spend into a flight's, `worth` its outcome into the period's."""

    flight: Shape
    rate: float
    worth: float

    @property
    def family(self) -> str:
        return self.flight.family

    @property
    def concave(self) -> bool:
        return self.flight.concave

    def outcome(self, spend: float) -> float:
        return self.worth * self.flight.outcome(self.rate * spend)

    def marginal(self, spend: float) -> float:
        return self.worth * self.rate * self.flight.marginal(self.rate * spend)

    def spend_at_marginal(self, marginal: float) -> float:
        return self.flight.spend_at_marginal(marginal / (self.worth * self.rate)) / self.rate

    def gain(self, spend: float, more: float) -> float:
        return self.worth * self.flight.gain(self.rate * spend, self.rate * more)

    def gains(self, spend: float, steps: Numbers) -> Numbers:
        return self.worth * self.flight.gains(self.rate * spend, self.rate * steps)
