"""Price and seasonality by period, as multiples of the level the curves speak of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.errors import InvalidInput

SMALLEST_INDEX, LARGEST_INDEX = 0.01, 100.0


@dataclass(frozen=True, slots=True)
class Indices:
    """One index per period.

    price        1.2 = media is 20 % dearer: the same money buys 1/1.2 of it
    seasonality  1.3 = the same media at work brings 30 % more

    Refuses `bad_index` (outside 0.01 to 100) and `indices_mismatch` (unequal length).
    """

    price: tuple[float, ...]
    seasonality: tuple[float, ...]

    def __post_init__(self) -> None:
        for field, indices in (("price", self.price), ("seasonality", self.seasonality)):
            for index in indices:
                if not SMALLEST_INDEX <= index <= LARGEST_INDEX:
                    raise InvalidInput(
                        f"A {field} index lies between {SMALLEST_INDEX:g} and {LARGEST_INDEX:g}, not at {index}.",
                        code="bad_index",
                        field=field,
                    )
        if len(self.price) != len(self.seasonality):
            raise InvalidInput(
                f"There are {len(self.price)} price indices and {len(self.seasonality)} for the season.",
                code="indices_mismatch",
                field="seasonality",
            )

    @classmethod
    def level(cls, periods: int) -> "Indices":
        """Every period as the curves have it."""
        return cls((1.0,) * periods, (1.0,) * periods)

    @classmethod
    def of(
        cls, periods: int, *, price: Mapping[int, float] | None = None, seasonality: Mapping[int, float] | None = None
    ) -> "Indices":
        """From the periods that differ, by position from 0. Refuses `unknown_period` beside the above."""
        return cls(
            _filled(periods, price or {}, "price"),
            _filled(periods, seasonality or {}, "seasonality"),
        )

    @property
    def periods(self) -> int:
        return len(self.price)

    def bought(self, spend: Sequence[float]) -> tuple[float, ...]:
        """The spend per period at the level price: what it buys."""
        return tuple(amount / price for amount, price in zip(spend, self.price, strict=True))


def _filled(periods: int, given: Mapping[int, float], field: str) -> tuple[float, ...]:
    unknown = sorted(set(given) - set(range(periods)))
    if unknown:
        raise InvalidInput(
            f"There is no period {unknown[0]} of {periods} for a {field} index.", code="unknown_period", field=field
        )
    return tuple(given.get(period, 1.0) for period in range(periods))
