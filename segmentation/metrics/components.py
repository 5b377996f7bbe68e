"""Parts of a mask that hang together by faces, edges or corners, found on runs of voxels.

A lesion has a few thousand runs where its box has a million voxels, so runs are joined, not voxels; which runs touch is
found by two sorted searches per neighbouring row.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
Box = tuple[slice, slice, slice]


@dataclass(frozen=True, eq=False)
class Components:
    """Parts of a mask.

    Attributes
    ----------
    labels : int32 ndarray, shape (x, y, z)
        1 to ``count`` in the parts, 0 outside.
    boxes : tuple of three slices for each part
        The box of part ``i`` is ``boxes[i - 1]``.
    """

    labels: NDArray[np.int32]
    boxes: tuple[Box, ...]

    @property
    def count(self) -> int:
        """How many parts there are."""
        return len(self.boxes)


def components(mask: Mask) -> Components:
    """Return the 26-connected parts of a mask.

    Parameters
    ----------
    mask : bool ndarray, shape (x, y, z), C order
        Without a voxel on its border, so that runs end with their row.
    """
    inside = np.flatnonzero(mask)
    labels = np.zeros(mask.shape, dtype=np.int32)
    if not len(inside):
        return Components(labels, ())
    breaks = np.flatnonzero(np.diff(inside) > 1)
    starts, ends = inside[np.r_[0, breaks + 1]], inside[np.r_[breaks, len(inside) - 1]]
    count, part = connected_components(_touching(starts, ends, mask.shape), directed=False)
    labels.reshape(-1)[inside] = np.repeat(part + 1, ends - starts + 1)
    return Components(labels, _boxes(starts, ends, part, int(count), mask.shape))


def _touching(starts: Places, ends: Places, shape: tuple[int, ...]) -> coo_array:
    """Return which runs touch, as the sparse matrix of a graph; each pair once."""
    row, slab = shape[2], shape[1] * shape[2]
    found = [_overlaps(starts, ends, step) for step in (row, slab - row, slab, slab + row)]
    first, second = (np.concatenate(side) for side in zip(*found, strict=True))
    return coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(len(starts), len(starts)))


def _overlaps(starts: Places, ends: Places, step: int) -> tuple[Places, Places]:
    """Return pairs of runs of which the second lies a step further and within a voxel of the first."""
    low = np.searchsorted(ends, starts + step - 1)
    high = np.searchsorted(starts, ends + step + 1, side="right")
    lengths = np.maximum(high - low, 0)
    first = np.repeat(np.arange(len(starts)), lengths)
    within = np.arange(len(first)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return first, low[first] + within


def _boxes(
    starts: Places, ends: Places, part: NDArray[np.int32], count: int, shape: tuple[int, ...]
) -> tuple[Box, ...]:
    low, high = np.full((3, count), np.iinfo(np.intp).max), np.zeros((3, count), dtype=np.intp)
    for axis, (first, last) in enumerate(
        zip(np.unravel_index(starts, shape), np.unravel_index(ends, shape), strict=True)
    ):
        np.minimum.at(low[axis], part, first)
        np.maximum.at(high[axis], part, last + 1)
    sides = [[slice(int(a), int(b)) for a, b in zip(*axis, strict=True)] for axis in zip(low, high, strict=True)]
    return tuple(zip(*sides, strict=True))
