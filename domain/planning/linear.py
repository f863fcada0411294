"""Linear programmes, solved by HiGHS (Huangfu & Hall, *Parallelizing the dual revised simplex method*, 2018)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

Floats = npt.NDArray[np.float64]
Sparse = sparse.csr_array


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

    None where no x keeps them. The solver's tolerances are absolute, about 1e-7: amounts should be near 1.
    """
    scale = float(np.max(np.abs(gains), initial=0.0)) or 1.0
    bounded = len(upper.right) > 0
    # The stubs know no sparse matrices; the function takes them.
    solve: Any = optimize.linprog
    found = solve(
        -gains / scale,
        A_ub=upper.matrix if bounded else None,
        b_ub=upper.right if bounded else None,
        A_eq=equal.matrix if len(equal.right) else None,
        b_eq=equal.right if len(equal.right) else None,
        bounds=np.column_stack([np.zeros(len(top)), top]),
        method="highs",
    )
    if found.status != 0:
        return None
    return Optimum(np.asarray(found.x), -np.asarray(found.eqlin.marginals) * scale)
