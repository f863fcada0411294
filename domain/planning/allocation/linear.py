"""Linear programmes, solved by HiGHS (Huangfu & Hall, *Parallelizing the dual revised simplex method*, 2018)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

Floats = npt.NDArray[np.float64]
Sparse = sparse.csr_array
# The finest that the solver takes, since a saturated curve's slope is a small part of the steepest one; then its own,
# for programmes whose numbers leave no such room.
TOLERANCES = (1e-10, 1e-7)


@dataclass(frozen=True, slots=True)
class Rows:
    matrix: Sparse
    right: Floats


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best values, and what one more unit on the right side of each equality would gain."""

    values: Floats
    equal_prices: Floats


def maximised(gains: Floats, equal: Rows, upper: Rows, top: Floats) -> Optimum | None:
    """The greatest gains · x with equal.matrix · x = equal.right, upper.matrix · x <= upper.right and 0 <= x <= top.

    None where no x keeps them. The solver's tolerances are absolute: amounts should be near 1.
    """
    gains = np.where(top > 0, gains, 0.0)
    scale = float(np.max(np.abs(gains), initial=0.0)) or 1.0
    programme = {
        "c": -gains / scale,
        "A_eq": equal.matrix if len(equal.right) else None,
        "b_eq": equal.right if len(equal.right) else None,
        "A_ub": upper.matrix if len(upper.right) else None,
        "b_ub": upper.right if len(upper.right) else None,
        "bounds": np.column_stack([np.zeros(len(top)), top]),
    }
    solve: Any = optimize.linprog  # the stubs know no sparse matrices; the function takes them
    for tolerance in TOLERANCES:
        options = {"primal_feasibility_tolerance": tolerance, "dual_feasibility_tolerance": tolerance}
        found = solve(**programme, method="highs", options=options)
        if found.status == 0:
            return Optimum(np.asarray(found.x), -np.asarray(found.eqlin.marginals) * scale)
    return None
