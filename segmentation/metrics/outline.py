"""One mask prepared for comparison: cropped to its box, its surfaces found once and kept.

A lesion fills a thousandth of its volume, so everything after the first look happens inside the box of the mask,
with one voxel of background around it: a voxel at the border of the image is then surface like any other.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from segmentation.metrics.surfels import element_areas

Mask = NDArray[np.bool_]
Spacing = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Surface:
    """Points of a surface, as whole steps along the axes of the image.

    Attributes
    ----------
    where : bool ndarray, shape (a, b, c)
        Which points of the box are on the surface.
    origin : int ndarray, shape (3,)
        Index of the first point of the box.
    spacing : tuple of float
        Length of a step along each axis, mm.
    areas : float64 ndarray, shape (n,), or None
        Area of each point's surface element, mm²; None where points count alike.
    """

    where: Mask
    origin: NDArray[np.intp]
    spacing: Spacing
    areas: NDArray[np.float64] | None = None

    @cached_property
    def flat(self) -> NDArray[np.intp]:
        """Places of the points in the raveled box, ascending; shape (n,)."""
        return np.flatnonzero(self.where)

    @cached_property
    def indices(self) -> NDArray[np.intp]:
        """Indices of the points in the image, shape (n, 3)."""
        return np.stack(np.unravel_index(self.flat, self.where.shape), axis=1) + self.origin

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """Places of the points in mm along the axes, shape (n, 3)."""
        return np.asarray(self.indices * np.asarray(self.spacing))

    @cached_property
    def tree(self) -> cKDTree:
        """Search tree over the points."""
        return cKDTree(self.points, leafsize=32, balanced_tree=False, compact_nodes=False)

    def __len__(self) -> int:
        return len(self.flat)


class Outline:
    """A mask in its box, with its size and its two surfaces.

    Parameters
    ----------
    mask : bool ndarray, shape (x, y, z)
    spacing : tuple of float
        Voxel size along each axis, mm; the axes are taken to be orthogonal.
    """

    def __init__(self, mask: Mask, spacing: Spacing) -> None:
        self.spacing = spacing
        self.box = bounding_box(mask)
        inner = mask[self.box]
        self.padded = np.zeros(tuple(n + 2 for n in inner.shape), dtype=np.bool_)
        self.padded[1:-1, 1:-1, 1:-1] = inner
        self.voxels = int(np.count_nonzero(inner))

    @property
    def inner(self) -> Mask:
        """The mask within its box."""
        return self.padded[1:-1, 1:-1, 1:-1]

    @cached_property
    def start(self) -> NDArray[np.intp]:
        """Index of the first voxel of the box."""
        return np.array([axis.start for axis in self.box])

    @cached_property
    def voxel_surface(self) -> Surface:
        """Voxels of the mask with at least one of their six neighbours outside it."""
        p = self.padded
        buried = p[2:, 1:-1, 1:-1] & p[:-2, 1:-1, 1:-1]
        buried &= p[1:-1, 2:, 1:-1]
        buried &= p[1:-1, :-2, 1:-1]
        buried &= p[1:-1, 1:-1, 2:]
        buried &= p[1:-1, 1:-1, :-2]
        return Surface(self.inner & ~buried, self.start, self.spacing)

    @cached_property
    def area_surface(self) -> Surface:
        """Cells of 2×2×2 voxels that are partly in the mask, each with the area of the surface inside."""
        code = self.padded.view(np.uint8)
        for axis in range(3):
            code = _joined(code, axis)
        where = (code != 0) & (code != 255)
        return Surface(where, self.start, self.spacing, element_areas(self.spacing)[code[where]])

    def shared_with(self, other: "Outline") -> int:
        """Return how many voxels lie in both masks."""
        common = [(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(self.box, other.box, strict=True)]
        if any(low >= high for low, high in common):
            return 0
        here, there = (
            outline.inner[tuple(slice(low - s, high - s) for (low, high), s in zip(common, outline.start, strict=True))]
            for outline in (self, other)
        )
        return int(np.count_nonzero(here & there))


def bounding_box(mask: Mask) -> tuple[slice, slice, slice]:
    """Return the smallest box that holds every voxel of a mask; of no extent if there is none.

    Memory is walked along its fastest axis, whichever order the array has.
    """
    if not mask.size:
        return slice(0, 0), slice(0, 0), slice(0, 0)
    turned = mask.T if mask.flags.f_contiguous and not mask.flags.c_contiguous else mask
    first = _extent(turned.reshape(turned.shape[0], -1).any(axis=1))
    plane: Mask = np.asarray(turned[first].any(axis=0))
    second, third = _extent(plane.any(axis=1)), _extent(plane.any(axis=0))
    return (third, second, first) if turned is not mask else (first, second, third)


def _extent(occupied: ArrayLike) -> slice:
    found = np.flatnonzero(occupied)
    return slice(int(found[0]), int(found[-1]) + 1) if len(found) else slice(0, 0)


def _joined(code: NDArray[np.uint8], axis: int) -> NDArray[np.uint8]:
    """Return codes of twice as many corners: each with its next neighbour along an axis."""
    low = [slice(None)] * 3
    high = [slice(None)] * 3
    low[axis], high[axis] = slice(None, -1), slice(1, None)
    return np.asarray(code[tuple(low)] | (code[tuple(high)] << (1 << axis)))
