"""Anatomical order of voxel axes, and the only way from stored order to RAS and back.

Stored files keep the axis order of the scanner. A browser receives RAS: first axis to the right, second to
the front, third to the head. Only whole axes are swapped and turned, so no voxel is ever interpolated.
"""

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_POSITIVE, _NEGATIVE = "RAS", "LPI"


@dataclass(frozen=True)
class Orientation:
    """How native axes become RAS axes.

    ``axes[i]`` is the native axis that becomes RAS axis ``i``; ``flips[i]`` says that it runs the other way.
    """

    axes: tuple[int, int, int]
    flips: tuple[bool, bool, bool]


def orientation_of(affine: ArrayLike) -> Orientation:
    """Return the orientation whose axes lie closest to those of an affine.

    Parameters
    ----------
    affine : array_like, shape (4, 4)
        Voxel index to RAS+ millimetres; finite and regular.

    Notes
    -----
    All six pairings of voxel and world axes are compared by the sum of absolute direction cosines of the
    nearest rotation (polar decomposition), so shear cannot give one axis twice. Ties go to the first pairing.
    """
    cosines = _nearest_rotation(np.asarray(affine, dtype=np.float64)[:3, :3])
    axes = max(permutations(range(3)), key=lambda p: round(sum(abs(cosines[i, p[i]]) for i in range(3)), 9))
    flips = tuple(bool(cosines[i, axes[i]] < 0) for i in range(3))
    return Orientation((axes[0], axes[1], axes[2]), (flips[0], flips[1], flips[2]))


def axis_codes(affine: ArrayLike) -> str:
    """Return three letters, the direction in which each voxel axis grows, such as ``"LPS"``."""
    found = orientation_of(affine)
    letters = [""] * 3
    for world, native in enumerate(found.axes):
        letters[native] = (_NEGATIVE if found.flips[world] else _POSITIVE)[world]
    return "".join(letters)


def to_ras(array: NDArray[Any], affine: ArrayLike) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return an array in RAS order and the affine that belongs to it.

    Parameters
    ----------
    array : ndarray, shape (x, y, z) or (x, y, z, …)
        Voxels in native order; further axes stay where they are.
    affine : array_like, shape (4, 4)
        Native voxel index to RAS+ millimetres.

    Returns
    -------
    array : ndarray
        A view, no copy: every voxel keeps its place in millimetres.
    affine : ndarray, shape (4, 4)
    """
    matrix = np.asarray(affine, dtype=np.float64)
    found = orientation_of(matrix)
    moved = array.transpose(*found.axes, *range(3, array.ndim))
    turned = np.flip(moved, axis=_flipped(found))
    return turned, matrix @ _ras_to_native(found, moved.shape[:3])


def from_ras(array: NDArray[Any], native_affine: ArrayLike) -> NDArray[Any]:
    """Return an array in RAS order in the order of ``native_affine``: the inverse of :func:`to_ras`."""
    found = orientation_of(native_affine)
    turned = np.flip(array, axis=_flipped(found))
    native = [found.axes.index(axis) for axis in range(3)]
    return turned.transpose(*native, *range(3, array.ndim))


def _flipped(found: Orientation) -> tuple[int, ...]:
    return tuple(i for i in range(3) if found.flips[i])


def _nearest_rotation(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    cosines = linear / np.sqrt((linear**2).sum(axis=0))
    left, _, right = np.linalg.svd(cosines)
    return np.asarray(left @ right, dtype=np.float64)


def _ras_to_native(found: Orientation, ras_shape: tuple[int, ...]) -> NDArray[np.float64]:
    matrix = np.zeros((4, 4))
    matrix[3, 3] = 1
    for ras, native in enumerate(found.axes):
        matrix[native, ras] = -1 if found.flips[ras] else 1
        matrix[native, 3] = ras_shape[ras] - 1 if found.flips[ras] else 0
    return matrix
