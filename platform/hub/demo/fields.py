"""Smooth random fields: the one ingredient of anatomy, coil bias, texture and unsteady hands.

A field is white noise on a coarse lattice, carried to the voxels by cubic B-splines. The spline is separable
and has four weights a voxel, so that a field over nine million voxels costs four multiplications an axis, not
a convolution. No BLAS: its sums change with the number of threads, and the demo's hashes with them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
Vector = Sequence[float] | NDArray[np.float64]


def spline_weights(length: int, step: float) -> tuple[NDArray[np.intp], Field]:
    """Return the cubic B-spline weights of each voxel on a lattice.

    Parameters
    ----------
    length : int
        Number of voxels along the axis.
    step : float
        Distance between lattice points, in voxels.

    Returns
    -------
    first : int ndarray, shape (length,)
        The first of the four lattice points that count at each voxel.
    weights : float32 ndarray, shape (length, 4)
        Their weights; each row sums to 1.
    """
    place = np.arange(length, dtype=np.float64) / step
    first = np.floor(place).astype(np.intp)
    u = place - first
    weights = np.stack([(1 - u) ** 3, 3 * u**3 - 6 * u**2 + 4, -3 * u**3 + 3 * u**2 + 3 * u + 1, u**3], axis=1)
    return first, (weights / 6).astype(np.float32)


def smooth_noise(rng: np.random.Generator, shape: Sequence[int], *, spacing: Vector, scale: float | Vector) -> Field:
    """Return a smooth Gaussian field of mean 0 and standard deviation 1.

    Parameters
    ----------
    rng : numpy Generator
    shape : (x, y, z)
    spacing : (dx, dy, dz)
        Voxel size in millimetres.
    scale : float or (sx, sy, sz)
        Distance in millimetres over which the field changes; below one voxel it is white along that axis.

    Returns
    -------
    float32 ndarray of `shape`
        The standard deviation is over realisations, averaged over voxels; one field may deviate.
    """
    steps = np.broadcast_to(np.asarray(scale, dtype=float), (3,)) / np.asarray(spacing, dtype=float)
    splines = [spline_weights(n, s) if s > 1 else None for n, s in zip(shape, steps, strict=True)]
    points = [n if spline is None else int(spline[0][-1]) + 4 for n, spline in zip(shape, splines, strict=True)]
    field = rng.standard_normal(points, dtype=np.float32)
    for axis, spline in enumerate(splines):
        if spline is not None:
            field = _carried(field, axis, *spline)
    return field


def _carried(field: Field, axis: int, first: NDArray[np.intp], weights: Field) -> Field:
    """Carry one axis from lattice points to voxels, keeping the mean variance at 1."""
    weights = weights / np.float32(np.sqrt(np.mean(np.sum(weights**2, axis=1))))
    along = [1, 1, 1]
    along[axis] = len(first)
    carried = np.take(field, first, axis=axis) * weights[:, 0].reshape(along)
    for k in range(1, 4):
        carried += np.take(field, first + k, axis=axis) * weights[:, k].reshape(along)
    return carried
