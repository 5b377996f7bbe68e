"""Linear interpolation of chosen voxels, bit for bit as scipy's `zoom` does it for a whole volume.

scikit-image's `resize` calls `scipy.ndimage.zoom(order=1, mode="nearest", grid_mode=True)`. The coordinates, the
weights and the order of the eight products and sums below are those of its C code, so results agree to the last bit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class AxisWeights:
    """Where the voxels of one fine axis lie on the coarse axis.

    Parameters
    ----------
    below, above : intp ndarray, shape (fine,)
        The two coarse neighbours; the same index at the edges.
    lower, upper : float64 ndarray, shape (fine,)
        Their weights.
    """

    below: Indices
    above: Indices
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def axis_weights(coarse: int, fine: int) -> AxisWeights:
    """Return neighbours and weights for resizing an axis, coarse and fine counted in voxels."""
    place = (np.arange(fine, dtype=np.float64) + 0.5) * (np.float64(coarse) / np.float64(fine)) - 0.5
    floor = np.floor(place)
    lower = 1.0 - (place - floor)
    # Beyond the edge both neighbours are the edge voxel, and scipy still adds its two weighted copies.
    below = np.clip(floor.astype(np.intp), 0, coarse - 1)
    above = np.clip(floor.astype(np.intp) + 1, 0, coarse - 1)
    return AxisWeights(below, above, lower, 1.0 - lower)


def interpolate(
    coarse: NDArray[np.floating], axes: tuple[AxisWeights, AxisWeights, AxisWeights], at: tuple[Indices, ...]
) -> NDArray[np.float64]:
    """Return one channel interpolated at chosen fine voxels.

    Parameters
    ----------
    coarse : ndarray, shape (a, b, c)
    axes : three AxisWeights
    at : three intp ndarrays, shape (n,)
        Indices of the fine voxels along each axis.

    Returns
    -------
    float64 ndarray, shape (n,)
    """
    corners = [
        ((axis.below[index], axis.lower[index]), (axis.above[index], axis.upper[index]))
        for axis, index in zip(axes, at, strict=True)
    ]
    total = np.zeros(len(at[0]), dtype=np.float64)
    for first, weight_a in corners[0]:
        for second, weight_b in corners[1]:
            for third, weight_c in corners[2]:
                term = coarse[first, second, third].astype(np.float64)
                term *= weight_a
                term *= weight_b
                term *= weight_c
                total += term
    return total
