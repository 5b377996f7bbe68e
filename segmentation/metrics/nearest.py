"""Distance from each point of one surface to the nearest point of another, in mm.

Most points of two drawings of one lesion lie within a few voxels of each other, and there looking around on the grid is
fastest. For the rest there is a search tree, or, where they are many for the room they lie in, a distance transform of
that room. All three are exact, and their values agree to rounding.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from segmentation.metrics.outline import Spacing, Surface

Distances = NDArray[np.float64]
Places = NDArray[np.intp]
_LOOKED_AT = 130  # neighbours within reach: beyond this, the tree is faster for what is left
_AT_ONCE = 8
_WORTH_LOOKING = 400
# Measured costs: a voxel of the transform against a far point's search in the tree.
_TRANSFORM_PER_VOXEL, _TREE_PER_POINT = 50e-9, 1e-6


def nearest_distances(origin: Surface, target: Surface) -> Distances:
    """Return the distance of every point of ``origin`` to the nearest of ``target``.

    Parameters
    ----------
    origin, target : Surface
        Of one grid, both with at least one point.

    Returns
    -------
    float64 ndarray, shape (n,)
        mm, in the order of ``origin``'s points.
    """
    if len(origin) < _WORTH_LOOKING:
        return by_tree(origin, target)
    found = by_looking_around(origin, target)
    far = np.flatnonzero(np.isnan(found))
    if len(far):
        search = by_transform if transform_is_faster(origin, target, len(far)) else by_tree
        found[far] = search(origin, target, far)
    return found


def by_tree(origin: Surface, target: Surface, which: Places | slice = slice(None)) -> Distances:
    """Return the nearest distances of some points by a search tree over the target."""
    return np.asarray(target.tree.query(origin.points[which])[0])


def by_transform(origin: Surface, target: Surface, which: Places | slice = slice(None)) -> Distances:
    """Return the nearest distances of some points by the Euclidean distance transform of the joint box."""
    start, stop = _joint_box(origin, target)
    free = np.ones(tuple(stop - start), dtype=np.bool_)
    free[tuple((target.indices - start).T)] = False
    distances = distance_transform_edt(free, sampling=target.spacing)
    return np.asarray(distances[tuple((origin.indices[which] - start).T)])


def transform_is_faster(origin: Surface, target: Surface, points: int) -> bool:
    """Return whether the distance transform is expected to take less time for some points than the tree."""
    start, stop = _joint_box(origin, target)
    return float(np.prod(stop - start)) * _TRANSFORM_PER_VOXEL < points * _TREE_PER_POINT


def by_looking_around(origin: Surface, target: Surface) -> Distances:
    """Return the nearest distances within a few voxels, found nearest first; nan for points farther away."""
    around = _neighbourhood(target.spacing)
    room = np.pad(target.where, [(2 * reach, 2 * reach) for reach in around.reach])
    places = origin.indices - target.origin + 2 * np.array(around.reach)
    inside = np.ones(len(places), dtype=np.bool_)
    for axis, reach in enumerate(around.reach):
        along = places[:, axis]
        inside &= (along >= reach) & (along < room.shape[axis] - reach)
    strides = np.array([room.shape[1] * room.shape[2], room.shape[2], 1])
    found = np.full(len(places), np.nan)
    open_points = np.flatnonzero(inside)
    at, steps, flat_room = places[open_points] @ strides, around.steps @ strides, room.reshape(-1)
    for first in range(0, len(steps), _AT_ONCE):
        hits = flat_room.take(at[:, None] + steps[first : first + _AT_ONCE])
        nearest = hits.argmax(axis=1)
        hit = hits[np.arange(len(hits)), nearest]
        found[open_points[hit]] = around.distances[first + nearest[hit]]
        open_points, at = open_points[~hit], at[~hit]
    return found


@dataclass(frozen=True)
class _Neighbourhood:
    """All steps on a grid up to some length in mm, shortest first, and how far they reach along each axis."""

    reach: tuple[int, ...]
    steps: Places
    distances: Distances


@lru_cache(maxsize=64)
def _neighbourhood(spacing: Spacing) -> _Neighbourhood:
    size = np.array(spacing)
    longest = (_LOOKED_AT * size.prod() * 3 / (4 * np.pi)) ** (1 / 3)
    reach = np.floor(longest / size).astype(np.intp)
    axes = [np.arange(-n, n + 1) for n in reach]
    steps = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    distances = np.sqrt(((steps * size) ** 2).sum(axis=1))
    order = np.argsort(distances, kind="stable")
    order = order[distances[order] <= longest]
    return _Neighbourhood(tuple(int(n) for n in reach), steps[order], distances[order])


def _joint_box(a: Surface, b: Surface) -> tuple[Places, Places]:
    start = np.minimum(a.origin, b.origin)
    stop = np.maximum(a.origin + a.where.shape, b.origin + b.where.shape)
    return start, stop
