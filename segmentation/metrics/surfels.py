"""Area of the surface between eight voxel centres, for each of the 256 ways in which they can be in or out.

The surface inside a cell of 2×2×2 voxel centres is that of marching cubes with vertices halfway along the edges.
The smaller side of the cell (inside or outside) is split into corners joined along edges, and each group is cut off
by itself; a group has one of six forms. This gives the areas of DeepMind's surface-distance.

References
----------
Lorensen WE, Cline HE. Computer Graphics 1987;21:163–169.
Nikolov S, et al. arXiv:1809.04430 (surface distances weighted by element area).
"""

from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Corner = tuple[int, int, int]
Normal = tuple[int, int, int]  # a triangle or flat polygon: its area projected along each axis, in eighths of a face
# Corner (x, y, z) of a cell is bit x + 2y + 4z of the cell's code.
_CORNERS: tuple[Corner, ...] = tuple((bit & 1, bit >> 1 & 1, bit >> 2) for bit in range(8))


@lru_cache(maxsize=32)
def element_areas(spacing: tuple[float, float, float]) -> NDArray[np.float64]:
    """Return the surface area in a cell for each code of its corners, mm².

    Parameters
    ----------
    spacing : tuple of float
        Distance of voxel centres along each axis, mm.

    Returns
    -------
    float64 ndarray, shape (256,)
        Entry ``code`` has bit ``x + 2y + 4z`` set where corner (x, y, z) is inside; 0 and 255 have no surface.
    """
    x, y, z = spacing
    faces = np.array([y * z, x * z, x * y]) / 8
    areas = np.array([sum(np.linalg.norm(np.array(n) * faces) for n in _normals(code)) for code in range(256)])
    areas.flags.writeable = False
    return areas


def _normals(code: int) -> list[Normal]:
    inside = [corner for bit, corner in enumerate(_CORNERS) if code >> bit & 1]
    smaller = inside if len(inside) <= 4 else [corner for corner in _CORNERS if corner not in inside]
    return [normal for group in _groups(smaller) for normal in _cut(group)]


def _groups(corners: list[Corner]) -> list[list[Corner]]:
    """Split corners into groups joined along the edges of the cell."""
    groups: list[list[Corner]] = []
    for corner in corners:
        touching = [group for group in groups if any(_adjacent(corner, other) for other in group)]
        groups = [group for group in groups if group not in touching]
        groups.append([corner, *(other for group in touching for other in group)])
    return groups


def _cut(group: list[Corner]) -> list[Normal]:
    """Return the flat pieces that cut a group of joined corners off the cell."""
    degrees = sorted(sum(_adjacent(corner, other) for other in group) for corner in group)
    match len(group), degrees[-1]:
        case 1, _:
            return [(1, 1, 1)]
        case 2, _:
            return [_normal(4, 4, along=_edge_axis(group), at_axis=0)]
        case 3, _:
            return [_normal(0, 0, along=_flat_axis(group), at_axis=4), (3, 3, 3)]
        case 4, 3:
            return [(6, 6, 6)]
        case 4, _ if degrees[0] == 2:
            return [_normal(0, 0, along=_flat_axis(group), at_axis=8)]
        case _:
            return _cut_chain(group)


def _cut_chain(group: list[Corner]) -> list[Normal]:
    """Return the pieces for four corners in a chain that turns out of the plane; they are not in one plane."""
    middle = [corner for corner in group if sum(_adjacent(corner, other) for other in group) == 2]
    axis = _edge_axis(middle)
    return [_normal(2, 0, along=axis, at_axis=2), _normal(0, 2, along=axis, at_axis=2), (4, 4, 4)]


def _normal(first: int, second: int, *, along: int, at_axis: int) -> Normal:
    parts = [first, second]
    parts.insert(along, at_axis)
    return parts[0], parts[1], parts[2]


def _adjacent(a: Corner, b: Corner) -> bool:
    return sum(abs(i - j) for i, j in zip(a, b, strict=True)) == 1


def _edge_axis(pair: list[Corner]) -> int:
    return next(axis for axis in range(3) if pair[0][axis] != pair[1][axis])


def _flat_axis(group: list[Corner]) -> int:
    return next(axis for axis in range(3) if all(a[axis] == b[axis] for a, b in combinations(group, 2)))
