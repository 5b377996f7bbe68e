"""The grid of a volume: its shape, its affine in millimetres, and whether two grids are the same."""

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from segmentation.geometry.orientation import axis_codes

TOLERANCE_MM = 1e-3
_CLEARLY_THICKER = 1.01  # header rounding makes isotropic voxels differ by parts per million


@dataclass(frozen=True, eq=False)
class Grid:
    """Shape and position of a volume.

    Parameters
    ----------
    shape : tuple of int
        Voxels along the three native axes.
    affine : array_like, shape (4, 4)
        Voxel index to RAS+ world millimetres; kept as a read-only float64 array.
    oriented : bool
        False when the file named no orientation, so that left and right are unknown.
    """

    shape: tuple[int, int, int]
    affine: NDArray[np.float64]
    oriented: bool = True

    def __post_init__(self) -> None:
        affine = np.array(self.affine, dtype=np.float64)
        if affine.shape != (4, 4) or len(self.shape) != 3:
            raise ValueError(f"a grid has 3 axes and a 4×4 affine, not {self.shape} and {affine.shape}")
        affine.flags.writeable = False
        object.__setattr__(self, "affine", affine)
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Grid) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[tuple[int, int, int], tuple[float, ...], bool]:
        return self.shape, tuple(self.affine.ravel().tolist()), self.oriented

    @cached_property
    def spacing(self) -> tuple[float, float, float]:
        """Distance of voxel centres along each native axis, mm."""
        lengths = np.sqrt((self.affine[:3, :3] ** 2).sum(axis=0))
        return float(lengths[0]), float(lengths[1]), float(lengths[2])

    @cached_property
    def voxel_ml(self) -> float:
        """Volume of one voxel, mL, from the determinant, so that shear is counted."""
        return float(abs(np.linalg.det(self.affine[:3, :3]))) / 1000

    @cached_property
    def axis_codes(self) -> str:
        """Direction in which each native axis grows, such as ``"LPS"``."""
        return axis_codes(self.affine)

    @cached_property
    def acquisition_axis(self) -> int:
        """Native axis across the slices: the one clearly thicker than both others, else the third."""
        order = np.argsort(self.spacing, kind="stable")
        thickest, next_thickest = int(order[2]), int(order[1])
        clear = self.spacing[thickest] > _CLEARLY_THICKER * self.spacing[next_thickest]
        return thickest if clear else 2


@dataclass(frozen=True)
class GridDifference:
    """What separates two grids.

    ``affine_mm`` is the largest difference between entries of the affines and decides; ``corner_mm`` is the
    largest distance between corresponding corner voxels. Both are infinite when the shapes differ.
    """

    same: bool
    affine_mm: float
    corner_mm: float
    sentence: str


def same_grid(a: Grid, b: Grid, tolerance_mm: float = TOLERANCE_MM) -> GridDifference:
    """Return whether two grids are the same within a tolerance, and a sentence on how they differ.

    Parameters
    ----------
    a, b : Grid
    tolerance_mm : float
        Largest accepted difference of any entry of the affine.

    Returns
    -------
    GridDifference
        Its sentence is empty when the grids are identical.
    """
    if a.shape != b.shape:
        return GridDifference(False, float("inf"), float("inf"), _shape_sentence(a, b))
    affine_mm = float(np.abs(a.affine - b.affine).max())
    corner_mm = _corner_distance(a, b)
    same = bool(affine_mm <= tolerance_mm)
    return GridDifference(same, affine_mm, corner_mm, _affine_sentence(a, b, affine_mm, corner_mm))


def _shape_sentence(a: Grid, b: Grid) -> str:
    sentence = f"the shapes differ: {shape_text(a.shape)} and {shape_text(b.shape)}"
    if sorted(a.shape) == sorted(b.shape):
        sentence += "; the same numbers in another order, so the axes may have been transposed"
    return sentence


def _affine_sentence(a: Grid, b: Grid, affine_mm: float, corner_mm: float) -> str:
    if affine_mm == 0:
        return ""
    if a.axis_codes != b.axis_codes:
        return f"the axes run {a.axis_codes} and {b.axis_codes}"
    if not np.allclose(a.spacing, b.spacing, rtol=0, atol=TOLERANCE_MM):
        return f"the voxel sizes differ: {spacing_text(a.spacing)} and {spacing_text(b.spacing)} mm"
    return f"the affines differ by {affine_mm:.3g} mm, the corner voxels by {corner_mm:.3g} mm"


def _corner_distance(a: Grid, b: Grid) -> float:
    ends = [(0, n - 1) for n in a.shape]
    corners = np.array([(*corner, 1) for corner in product(*ends)], dtype=np.float64)
    apart = corners @ (a.affine - b.affine).T
    return float(np.sqrt((apart**2).sum(axis=1)).max())


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape as a person writes it: ``240×240×155``."""
    return "×".join(str(n) for n in shape)


def spacing_text(spacing: tuple[float, ...]) -> str:
    """Return voxel sizes as a person writes them: ``0.5×0.5×7.5``."""
    return "×".join(f"{s:.6g}" for s in spacing)
