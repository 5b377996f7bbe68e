"""Every source against every other on one case: the inter-source matrix behind the heat map.

Each mask is prepared once and each pair of surfaces is searched once, though both directions are measured.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from segmentation.geometry.grid import Grid
from segmentation.metrics.definitions import DEFAULT_METRICS
from segmentation.metrics.engine import PairMeasures, check_grid, checked_request, pair_measures, scale_of
from segmentation.metrics.outline import Outline
from segmentation.metrics.overlap import Mask, check_pair
from segmentation.metrics.pair import OutlinePair

Pairs = dict[tuple[str, str], PairMeasures]


def pairwise(
    masks: Mapping[str, Mask],
    grid: Grid,
    *,
    metrics: Iterable[str] = DEFAULT_METRICS,
    tolerance_mm: float = 1.0,
) -> Pairs:
    """Return the measures of every ordered pair of sources.

    Parameters
    ----------
    masks : mapping of str to bool ndarray, shape (x, y, z)
        One mask per source, all on ``grid``.
    grid, metrics, tolerance_mm
        As for :func:`segmentation.metrics.measure_pair`.

    Returns
    -------
    dict
        ``(prediction, reference)`` to measures, for all pairs of different sources.

    Raises
    ------
    GridMismatch, TypeError, ValueError
        As for :func:`segmentation.metrics.measure_pair`.
    """
    wanted = checked_request(metrics, tolerance_mm)
    for mask in masks.values():
        check_pair(mask, mask)
        check_grid(mask.shape, grid)
    outlines = {source: Outline(mask, grid.spacing) for source, mask in masks.items()}
    found: Pairs = {}
    for a, b in combinations(masks, 2):
        pair = OutlinePair(outlines[a], outlines[b], *scale_of(grid))
        found[a, b] = pair_measures(pair, wanted, tolerance_mm)
        found[b, a] = pair_measures(pair.swapped(), wanted, tolerance_mm)
    return found


def matrix(pairs: Pairs, sources: Sequence[str], metric: str) -> NDArray[np.float64]:
    """Return one measure as a matrix, predictions in rows and references in columns; nan on the diagonal."""
    values = np.full((len(sources), len(sources)), np.nan)
    for i, prediction in enumerate(sources):
        for j, reference in enumerate(sources):
            if i != j:
                values[i, j] = pairs[prediction, reference][metric].value
    return values
