"""Reach across vehicles: who is met by more than one of them.

Sainsbury's formula takes the vehicles as independent: R = 1 − Π(1 − rᵢ). A duplication factor d scales the overlap that
independence gives, Σrᵢ − R; for two vehicles the people met by both are d·r₁·r₂ (Goodhardt & Ehrenberg, *Duplication of
viewing between and within channels*, Journal of Marketing Research 6, 1969). d = 1 is independence, above 1 there is
more overlap than chance gives, at 0 none. Whatever d says, reach stays between the largest vehicle's and the smaller
of the sum and the universe.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from domain.errors import InvalidInput
from domain.planning.reach.distribution import FrequencyDistribution, refuse_share

Cells = npt.NDArray[np.float64]


def net_reach(reaches: Sequence[float], duplication: float = 1.0) -> float:
    """The share of the universe that at least one vehicle reaches; `reaches` are shares of the same universe."""
    _refuse_duplication(duplication)
    if not reaches:
        raise InvalidInput("There is no vehicle to add up.", code="no_vehicles", field="vehicles")
    shares = [refuse_share(reach, "reach") for reach in reaches]
    gross = math.fsum(shares)
    by_chance = -math.expm1(math.fsum(math.log1p(-share) if share < 1 else -math.inf for share in shares))
    net = gross - duplication * (gross - by_chance)
    return max(max(shares), min(net, 1.0, gross))


def combined(vehicles: Sequence[FrequencyDistribution], duplication: float = 1.0) -> FrequencyDistribution:
    """The frequency distribution across vehicles of one universe.

    Under independence it is the convolution of the vehicles' own distributions, exact up to the highest frequency that
    all of them list. Another duplication mixes in an arrangement of the same vehicles with as much overlap as possible
    (or as little), in the proportion that gives `net_reach`. Each vehicle keeps its distribution, so the
    impressions add up. Refuses `no_vehicles`, `bad_duplication` and `universe_mismatch`.
    """
    net = net_reach([vehicle.reach_share for vehicle in vehicles], duplication)
    universe = _one_universe(vehicles)
    highest = min(vehicle.highest for vehicle in vehicles)
    listed = [_cells(vehicle, highest) for vehicle in vehicles]
    cells = listed[0]
    for other in listed[1:]:
        cells = _convolved(cells, other)
    by_chance = math.fsum(cells[1:])
    if duplication != 1 and len(vehicles) > 1:
        extreme = _arranged(listed, apart=duplication < 1)
        away = math.fsum(extreme[1:]) - by_chance
        weight = min(max((net - by_chance) / away, 0.0), 1.0) if away else 0.0
        cells = (1 - weight) * cells + weight * extreme
    impressions = math.fsum(vehicle.impressions for vehicle in vehicles)
    return FrequencyDistribution(universe, impressions, tuple(cells[:-1].tolist()), float(cells[-1]))


def _cells(vehicle: FrequencyDistribution, highest: int) -> Cells:
    """Shares met 0 … highest times, and in the last cell those met more often."""
    return np.array([*vehicle.exactly[: highest + 1], vehicle.at_least[highest + 1]])


def _convolved(first: Cells, second: Cells) -> Cells:
    """Of two independent vehicles. Sums of products alone, so the small tail keeps its digits."""
    exactly = np.convolve(first[:-1], second[:-1])[: len(first) - 1]
    at_least = np.cumsum(second[::-1])[::-1]  # position n: met n or more times
    beyond = first[-1] + first[:-1] @ at_least[:0:-1]
    return np.append(exactly, beyond)


def _arranged(listed: Sequence[Cells], *, apart: bool) -> Cells:
    """The people on a circle of length 1, each vehicle's on an arc from its heaviest to its lightest.

    All arcs start at one place and overlap as far as they can; `apart`, each starts where the last one ended.
    """
    arcs = [np.cumsum(cells[:0:-1]) for cells in listed]  # ends of: beyond, highest, … 1
    starts = np.zeros(len(arcs))
    if apart:
        starts[1:] = np.cumsum([arc[-1] for arc in arcs])[:-1]
    edges = np.concatenate(
        [[0.0, 1.0], *[(start + np.append(0, arc)) % 1 for start, arc in zip(starts, arcs, strict=True)]]
    )
    edges.sort()
    middles, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    times = np.zeros(len(middles), dtype=np.int64)
    most = len(listed[0]) - 1
    for start, arc in zip(starts, arcs, strict=True):
        times += most - np.searchsorted(arc, (middles - start) % 1, side="right")
    return np.asarray(np.bincount(np.minimum(times, most), weights=widths, minlength=most + 1), dtype=np.float64)


def _one_universe(vehicles: Sequence[FrequencyDistribution]) -> float:
    universes = sorted({vehicle.universe for vehicle in vehicles})
    if len(universes) > 1:
        raise InvalidInput(
            f"Vehicles of different universes ({universes[0]:,.0f} and {universes[-1]:,.0f} people) can't be combined.",
            code="universe_mismatch",
            field="universe",
        )
    return universes[0]


def _refuse_duplication(duplication: float) -> None:
    if not 0 <= duplication < math.inf:
        raise InvalidInput(
            f"A duplication factor is a number of 0 or more, 1 for chance, not {duplication}.",
            code="bad_duplication",
            field="duplication",
        )
