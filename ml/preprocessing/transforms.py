"""Rigid transforms, their files, and resampling through them: once per image, never one resampling on another."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from ml.errors import ImagesRefused
from ml.preprocessing.volume import Frame, Volume, empty_sitk, from_sitk, to_sitk

_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


@dataclass(frozen=True, eq=False)
class RigidTransform:
    """Where the points of a fixed grid lie in a moving image.

    Parameters
    ----------
    matrix : float ndarray, shape (4, 4)
        RAS+ millimetres of the fixed grid to RAS+ millimetres of the moving image.
    fixed_sha256 : str
        `Frame.sha256` of the fixed grid.
    """

    matrix: NDArray[np.float64]
    fixed_sha256: str = ""

    def inverse(self) -> "RigidTransform":
        """Return the exact inverse, moving to fixed; it belongs to no fixed grid."""
        rotation = self.matrix[:3, :3].T
        back = np.eye(4)
        back[:3, :3], back[:3, 3] = rotation, -rotation @ self.matrix[:3, 3]
        return RigidTransform(back)

    def at(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return where points, shape (n, 3), go."""
        return points @ self.matrix[:3, :3].T + self.matrix[:3, 3]


IDENTITY = RigidTransform(np.eye(4))


def to_itk(transform: RigidTransform) -> sitk.Transform:
    """Return a transform as SimpleITK holds it, in LPS."""
    matrix = _LPS @ transform.matrix @ _LPS
    affine = sitk.AffineTransform(3)
    affine.SetMatrix(matrix[:3, :3].ravel().tolist())
    affine.SetTranslation(matrix[:3, 3].tolist())
    return affine


def from_itk(transform: sitk.Transform, fixed: Frame) -> RigidTransform:
    """Return a SimpleITK transform of any linear kind as a matrix onto a fixed grid."""
    zero = np.array(transform.TransformPoint((0.0, 0.0, 0.0)))
    axes = np.array([np.array(transform.TransformPoint(tuple(axis))) - zero for axis in np.eye(3)]).T
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = axes, zero
    return RigidTransform(_LPS @ matrix @ _LPS, fixed.sha256)


def save_transform(transform: RigidTransform, path: Path, record: dict[str, Any] | None = None) -> None:
    """Write a transform as ITK's `.tfm` and, beside it, the digest of its fixed grid and how it was found."""
    sitk.WriteTransform(to_itk(transform), str(path))
    notes = {"fixed_sha256": transform.fixed_sha256, **(record or {})}
    path.with_suffix(".json").write_text(json.dumps(notes, indent=1) + "\n", "utf-8")


def load_transform(path: Path, fixed: Frame) -> RigidTransform:
    """Return a stored transform.

    Raises
    ------
    ImagesRefused
        ``transform.grid`` when it was made for another fixed grid.
    """
    notes = json.loads(path.with_suffix(".json").read_text("utf-8"))
    if notes["fixed_sha256"] != fixed.sha256:
        raise ImagesRefused(
            "transform.grid",
            f"{path.name} belongs to the template grid {notes['fixed_sha256'][:12]}, not to {fixed.sha256[:12]}; "
            "register again.",
        )
    return from_itk(sitk.ReadTransform(str(path)), fixed)


def resampled(
    volume: Volume,
    frame: Frame,
    transform: RigidTransform = IDENTITY,
    *,
    interpolation: Literal["linear", "nearest"] = "linear",
    outside: float = 0.0,
) -> Volume:
    """Return a volume on another grid.

    Parameters
    ----------
    transform : RigidTransform
        Points of the new grid to points of the volume.
    interpolation : {"linear", "nearest"}
        Nearest is for masks that exist as labels only.
    outside : float
        Value beyond the volume.
    """
    kind = np.float32 if interpolation == "linear" else volume.voxels.dtype.type
    how = sitk.sitkLinear if interpolation == "linear" else sitk.sitkNearestNeighbor
    found = sitk.Resample(to_sitk(volume, kind), empty_sitk(frame), to_itk(transform), how, outside)
    return Volume(from_sitk(found).voxels, frame.affine)


def isotropic(frame: Frame, spacing_mm: float = 1.0) -> Frame:
    """Return a grid of cubes that covers the same box, same orientation, first voxel's corner in place."""
    shape = [max(1, round(n * mm / spacing_mm)) for n, mm in zip(frame.shape, frame.spacing, strict=True)]
    affine = frame.affine.copy()
    affine[:3, :3] = frame.affine[:3, :3] / np.array(frame.spacing) * spacing_mm
    half = (np.array([1, 1, 1]) - np.array(frame.spacing) / spacing_mm) / 2  # corner to corner, in new voxels
    affine[:3, 3] = frame.affine[:3, 3] + affine[:3, :3] @ half
    return Frame((shape[0], shape[1], shape[2]), affine)
