"""How each demo case was scanned: grid, orientation, slice thickness, skull or brain only, noise."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
HEAD_CENTRE = np.array([0.0, -18.0, 5.0])  # mm, middle of the brain in template space
DIRECTIONS = {"R": (0, 1), "L": (0, -1), "A": (1, 1), "P": (1, -1), "S": (2, 1), "I": (2, -1)}


@dataclass(frozen=True)
class Acquisition:
    """One way to scan: the voxel grid in its native order and what the scanner adds."""

    name: str
    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]  # mm
    codes: str  # anatomical direction of increasing index of each axis, e.g. LPS
    tilt: tuple[float, float, float] = (0.0, 0.0, 0.0)  # degrees about x, y, z
    stripped: bool = False  # brain extracted before it was shared
    noise: float = 0.02  # standard deviation, relative to the signal of fluid

    @property
    def slice_axis(self) -> int:
        """The voxel axis of the slices: the thickest, else the superior-inferior one."""
        if max(self.spacing) > 1.5 * min(self.spacing):
            return int(np.argmax(self.spacing))
        return next(i for i, code in enumerate(self.codes) if code in "SI")

    @property
    def affine(self) -> Matrix:
        """The voxel-to-world matrix (RAS+ millimetres), the grid's middle on the head's middle."""
        axes = np.zeros((3, 3))
        for column, code in enumerate(self.codes):
            row, sign = DIRECTIONS[code]
            axes[row, column] = sign
        matrix = np.eye(4)
        matrix[:3, :3] = rotation(self.tilt) @ axes * np.array(self.spacing)
        matrix[:3, 3] = HEAD_CENTRE - matrix[:3, :3] @ ((np.array(self.shape) - 1) / 2)
        return matrix

    def resized(self, shape: tuple[int, int, int]) -> "Acquisition":
        """Return the same field of view on another grid; `shape` is right-left, front-back, foot-head."""
        order = [DIRECTIONS[code][0] for code in self.codes]
        native = tuple(shape[i] for i in order)
        spacing = tuple(d * n / m for d, n, m in zip(self.spacing, self.shape, native, strict=True))
        return replace(self, shape=native, spacing=spacing)  # type: ignore[arg-type]


def rotation(degrees: Sequence[float] | Matrix) -> Matrix:
    """Return the rotation about x, then y, then z, in degrees."""
    matrix = np.eye(3)
    for axis, angle in enumerate(np.radians(degrees)):
        turn = np.eye(3)
        i, j = [(1, 2), (2, 0), (0, 1)][axis]
        turn[[i, j, i, j], [i, j, j, i]] = np.cos(angle), np.cos(angle), -np.sin(angle), np.sin(angle)
        matrix = turn @ matrix
    return matrix


def _isotropic(codes: str, tilt: tuple[float, float, float] = (0.0, 0.0, 0.0), noise: float = 0.02) -> Acquisition:
    name = "isotropic-oblique" if any(tilt) else "isotropic"
    return Acquisition(name, (240, 240, 155), (1.0, 1.0, 1.0), codes, tilt, stripped=True, noise=noise)


def _axial(codes: str, tilt: tuple[float, float, float], noise: float) -> Acquisition:
    return Acquisition("axial-thick", (320, 320, 28), (0.75, 0.75, 5.0), codes, tilt, noise=noise)


ACQUISITIONS = (
    _isotropic("LPS"),
    _axial("LPS", (9.0, 0.0, 0.0), 0.022),
    _isotropic("RAS"),
    _isotropic("LPS", noise=0.03),
    _isotropic("LAS"),
    Acquisition("sagittal-thick", (320, 320, 30), (0.75, 0.75, 5.0), "PIL", noise=0.025),
    _isotropic("LPS"),
    _isotropic("RAS", (14.0, -6.0, 4.0)),
    _axial("LPS", (0.0, 0.0, 0.0), 0.03),
    _isotropic("LAS", noise=0.028),
    _isotropic("RAS"),
    Acquisition("coronal-oblique", (256, 256, 36), (0.86, 0.86, 5.0), "LIP", (-17.0, 3.0, 2.0), noise=0.024),
    _isotropic("LPS", noise=0.015),
    _axial("RAS", (0.0, 0.0, 0.0), 0.02),
    _isotropic("LAS"),
    _isotropic("LPS"),
    _isotropic("RAS", noise=0.026),
    _axial("LAS", (12.0, 2.0, 0.0), 0.026),
    _isotropic("LPS"),
    _isotropic("RAS", noise=0.022),
)  # one per demo case, in order
