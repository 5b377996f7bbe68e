"""A volume with its place in the world, and the way to SimpleITK and back.

Arrays are indexed x, y, z and placed by an affine in RAS+ millimetres, as everywhere in the project. SimpleITK counts
z, y, x and measures in LPS; only this module knows that.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from ml.errors import ImagesRefused

_LPS = np.diag([-1.0, -1.0, 1.0])
_SHEAR = 1e-3


@dataclass(frozen=True, eq=False)
class Frame:
    """A grid: voxels along each axis, and the affine from voxel index to RAS+ millimetres."""

    shape: tuple[int, int, int]
    affine: NDArray[np.float64]

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance of voxel centres along each axis, mm."""
        lengths = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(lengths[0]), float(lengths[1]), float(lengths[2])

    @property
    def sha256(self) -> str:
        """Digest of shape and affine (rounded to a micrometre), kept with every transform onto this grid."""
        micrometres = np.rint(np.asarray(self.affine, np.float64) * 1000).astype("<i8")
        text = f"{self.shape}".encode() + micrometres.tobytes()
        return hashlib.sha256(text).hexdigest()


@dataclass(frozen=True, eq=False)
class Volume:
    """An image: float voxels, shape (x, y, z), on a grid."""

    voxels: NDArray[Any]
    affine: NDArray[np.float64]

    @property
    def frame(self) -> Frame:
        """The grid of the voxels."""
        first, second, third = self.voxels.shape
        return Frame((first, second, third), np.asarray(self.affine, np.float64))


def to_sitk(volume: Volume, kind: type[np.generic] = np.float32) -> sitk.Image:
    """Return a volume as a SimpleITK image.

    Raises
    ------
    ImagesRefused
        ``images.sheared`` when the axes are not at right angles, which SimpleITK cannot hold.
    """
    image = sitk.GetImageFromArray(np.ascontiguousarray(volume.voxels.transpose(2, 1, 0)).astype(kind))
    return _placed(image, volume.frame)


def from_sitk(image: sitk.Image) -> Volume:
    """Return a SimpleITK image as a volume."""
    direction = np.array(image.GetDirection()).reshape(3, 3)
    affine = np.eye(4)
    affine[:3, :3] = _LPS @ direction * np.array(image.GetSpacing())
    affine[:3, 3] = _LPS @ np.array(image.GetOrigin())
    return Volume(sitk.GetArrayFromImage(image).transpose(2, 1, 0), affine)


def empty_sitk(frame: Frame) -> sitk.Image:
    """Return an image of a grid without meaning in its voxels, as the reference of a resampling."""
    return _placed(sitk.Image([int(n) for n in frame.shape], sitk.sitkUInt8), frame)


def _placed(image: sitk.Image, frame: Frame) -> sitk.Image:
    spacing = np.array(frame.spacing)
    direction = _LPS @ (frame.affine[:3, :3] / spacing)
    if np.abs(direction.T @ direction - np.eye(3)).max() > _SHEAR:
        raise ImagesRefused("images.sheared", "The axes of the volume are not at right angles; resample it first.")
    image.SetSpacing(spacing.tolist())
    image.SetDirection(direction.ravel().tolist())
    image.SetOrigin((_LPS @ frame.affine[:3, 3]).tolist())
    return image
