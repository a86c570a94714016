"""Intervals of proportions and of their differences, by Wilson's and Newcombe's methods.

Wilson, "Probable inference", JASA 22 (1927); Newcombe, "Interval estimation for the difference between independent
proportions", Statistics in Medicine 17 (1998), method 10.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["difference_interval", "quantile", "wilson"]


def quantile(tries: int = 1) -> float:
    """Return the normal quantile of a two-sided 95 % interval, corrected for so many tries after Bonferroni."""
    return NormalDist().inv_cdf(1 - 0.025 / max(1, tries))


def wilson(successes: ArrayLike, totals: ArrayLike, z: float) -> tuple[Floats, Floats]:
    """Return the lower and upper ends of the intervals of proportions; 0 and 1 where there is nothing to count."""
    k, n = np.asarray(successes, float), np.asarray(totals, float)
    safe = np.maximum(n, 1)
    p = k / safe
    centre = p + z * z / (2 * safe)
    half: Any = z * np.sqrt(p * (1 - p) / safe + z * z / (4 * safe * safe))
    scale = 1 + z * z / safe
    low = np.where(n > 0, (centre - half) / scale, 0.0)
    high = np.where(n > 0, (centre + half) / scale, 1.0)
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def difference_interval(
    first: ArrayLike, first_totals: ArrayLike, second: ArrayLike, second_totals: ArrayLike, z: float
) -> tuple[Floats, Floats]:
    """Return the lower and upper ends of the intervals of the first proportions minus the second ones."""
    one, other = (
        np.asarray(k, float) / np.maximum(np.asarray(n, float), 1)
        for k, n in ((first, first_totals), (second, second_totals))
    )
    low, high = wilson(first, first_totals, z)
    other_low, other_high = wilson(second, second_totals, z)
    lower = one - other - np.sqrt((one - low) ** 2 + (other_high - other) ** 2)
    upper = one - other + np.sqrt((high - one) ** 2 + (other - other_low) ** 2)
    return lower, upper
