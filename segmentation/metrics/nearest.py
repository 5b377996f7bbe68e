"""Distance from each point of one surface to the nearest point of another, in mm.

A search tree is fastest where the surfaces are small for the room they span; where they fill it, or are very large,
a distance transform of the room is. Both are exact, and their values agree to rounding.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from segmentation.metrics.outline import Surface

Distances = NDArray[np.float64]


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
    if transform_is_faster(origin, target):
        return by_transform(origin, target)
    return by_tree(origin, target)


def by_tree(origin: Surface, target: Surface) -> Distances:
    """Return the nearest distances by a search tree over the target."""
    return np.asarray(target.tree.query(origin.points)[0])


def by_transform(origin: Surface, target: Surface) -> Distances:
    """Return the nearest distances by the Euclidean distance transform of the joint box."""
    start = np.minimum(origin.origin, target.origin)
    stop = np.maximum(*(surface.origin + surface.where.shape for surface in (origin, target)))
    free = np.ones(tuple(stop - start), dtype=np.bool_)
    free[tuple((target.indices - start).T)] = False
    distances = distance_transform_edt(free, sampling=target.spacing)
    return np.asarray(distances[tuple((origin.indices - start).T)])


def transform_is_faster(origin: Surface, target: Surface) -> bool:
    """Return whether the distance transform is expected to take less time than the tree (measured costs)."""
    start = np.minimum(origin.origin, target.origin)
    stop = np.maximum(*(surface.origin + surface.where.shape for surface in (origin, target)))
    return float(np.prod(stop - start)) * 50e-9 < len(origin) * 600e-9
