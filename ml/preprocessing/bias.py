"""Correction of slow brightness changes (N4), fitted on a small image and applied to the whole one.

The field is smooth, so fitting it on every fourth voxel loses little: corrected images differ by a fraction of a
percent, for a hundredth of the time. The full image is divided by the field at full size; it is never resampled.
"""

from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from ml.errors import ImagesRefused
from ml.preprocessing.volume import Volume, from_sitk, to_sitk

_SMALLEST = 8  # voxels along an axis that N4's spline needs


@dataclass(frozen=True)
class BiasSettings:
    """How to fit: every n-th voxel, and iterations per level."""

    shrink: int = 4
    iterations: tuple[int, ...] = (50, 50, 50, 50)
    threads: int = 0


def correct_bias(
    volume: Volume, mask: NDArray[np.bool_] | None = None, settings: BiasSettings | None = None
) -> tuple[Volume, NDArray[np.float32]]:
    """Return the corrected volume and the field by which it was divided.

    Parameters
    ----------
    mask : bool ndarray, shape (x, y, z), optional
        Where to fit; by default the voxels above Otsu's threshold.

    Raises
    ------
    ImagesRefused
        ``images.flat`` when there is nothing to fit.

    References
    ----------
    Tustison NJ et al. IEEE Trans Med Imaging 2010;29:1310–1320.
    """
    chosen = settings or BiasSettings()
    image = to_sitk(volume)
    where = _mask(image, volume, mask)
    factors = [max(1, min(chosen.shrink, n // _SMALLEST)) for n in volume.voxels.shape]
    corrector = sitk.N4BiasFieldCorrectionImageFilter()
    corrector.SetMaximumNumberOfIterations(list(chosen.iterations))
    if chosen.threads:
        corrector.SetNumberOfThreads(chosen.threads)
    corrector.Execute(sitk.Shrink(image, factors), sitk.Shrink(where, factors))
    field = np.exp(from_sitk(corrector.GetLogBiasFieldAsImage(image)).voxels).astype(np.float32)
    return Volume((volume.voxels / field).astype(np.float32), volume.affine), field


def _mask(image: sitk.Image, volume: Volume, mask: NDArray[np.bool_] | None) -> sitk.Image:
    if mask is not None:
        where = to_sitk(Volume(mask, volume.affine), np.uint8)
    elif np.ptp(volume.voxels) > 0:
        where = sitk.OtsuThreshold(image, 0, 1, 200)
    else:
        raise ImagesRefused("images.flat", "The volume has one value everywhere; check the upload.")
    if not sitk.GetArrayViewFromImage(where).any():
        raise ImagesRefused("images.flat", "The mask for bias correction is empty.")
    return where
