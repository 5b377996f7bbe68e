"""Smooth random fields: the one ingredient of anatomy, coil bias, texture and unsteady hands.

A field is white noise on a coarse lattice, carried to the voxels by cubic B-splines. The spline is
separable, so that a field over nine million voxels costs three small matrix products instead of a
convolution.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]


def spline_basis(length: int, step: float) -> Field:
    """Return cubic B-spline weights of each voxel on a lattice.

    Parameters
    ----------
    length : int
        Number of voxels along the axis.
    step : float
        Distance between lattice points, in voxels.

    Returns
    -------
    float32 ndarray, shape (length, points)
        Each row sums to 1.
    """
    place = np.arange(length, dtype=np.float64) / step
    first = np.floor(place).astype(int)
    u = place - first
    weights = np.stack([(1 - u) ** 3, 3 * u**3 - 6 * u**2 + 4, -3 * u**3 + 3 * u**2 + 3 * u + 1, u**3], 1) / 6
    basis = np.zeros((length, first[-1] + 4))
    for k in range(4):
        basis[np.arange(length), first + k] = weights[:, k]
    return basis.astype(np.float32)


def smooth_noise(
    rng: np.random.Generator,
    shape: Sequence[int],
    *,
    spacing: Sequence[float] | NDArray[np.float64],
    scale: float | Sequence[float] | NDArray[np.float64],
) -> Field:
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
    scales = np.broadcast_to(np.asarray(scale, dtype=float), (3,))
    bases = [spline_basis(n, max(s / d, 1.0)) if s > d else np.eye(n, dtype=np.float32)
             for n, s, d in zip(shape, scales, spacing, strict=True)]  # fmt: skip
    field = rng.standard_normal([b.shape[1] for b in bases], dtype=np.float32)
    for basis in bases:
        field = np.tensordot(field, basis, axes=(0, 1))
    spread = np.prod([np.mean(np.sum(b**2, axis=1)) for b in bases])
    return np.ascontiguousarray(field / np.float32(np.sqrt(spread)))
