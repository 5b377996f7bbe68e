"""What every model here can do: take images as arrays with their spacing, give labels on the same grid.

The protocol knows no files, no queue and no framework. Progress is told per tile, and a caller stops a prediction by
answering yes when asked: the answer is wanted before every tile.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ml.errors import ImagesRefused

MAXIMUM_VOXELS = 1 << 29
MINIMUM_EXTENT = 2


@dataclass(frozen=True)
class Progress:
    """How far a prediction is: tiles done of all tiles over all folds."""

    done: int
    total: int
    fold: int = 0


Report = Callable[[Progress], None]
Stop = Callable[[], bool]


@dataclass(frozen=True, eq=False)
class Images:
    """The input images of one case, on one grid.

    Parameters
    ----------
    voxels : float ndarray, shape (c, x, y, z)
        One channel per input of the model, in its order.
    spacing : tuple of float
        Distance of voxel centres along x, y, z, mm.
    axis_codes : str
        Direction in which each axis grows, such as ``"LPS"``; empty when not known.
    """

    voxels: NDArray[np.floating]
    spacing: tuple[float, float, float]
    axis_codes: str = ""


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a model found.

    Parameters
    ----------
    labels : uint8 or uint16 ndarray, shape (x, y, z)
        On the grid of the images.
    probabilities : float16 ndarray, shape (heads, x, y, z), or None
        Softmax over background and labels, or one sigmoid per region; only when asked for.
    heads : tuple of str
        What each head of the probabilities is, background first for exclusive labels.
    seconds : dict
        Wall time by step: ``prepare``, ``network``, ``export``.
    """

    labels: NDArray[np.unsignedinteger]
    probabilities: NDArray[np.float16] | None = None
    heads: tuple[str, ...] = ()
    tiles: int = 0
    device: str = "cpu"
    seconds: dict[str, float] = field(default_factory=dict)


def ignore(progress: Progress) -> None:
    """Take a progress report and do nothing with it."""


def never() -> bool:
    """Answer that nobody wants to stop."""
    return False


class Predictor(Protocol):
    """A model that is loaded and waits for images."""

    def predict(
        self, images: Images, *, probabilities: bool = False, report: Report = ignore, stop: Stop = never
    ) -> Prediction:
        """Return labels, and on wish probabilities, on the grid of the images.

        Raises
        ------
        ImagesRefused
            If the model cannot take these images.
        Cancelled
            If `stop` answered yes; nothing is kept.
        """
        ...


def check_images(images: Images, *, inputs: int) -> None:
    """Refuse images that no network should see.

    Raises
    ------
    ImagesRefused
        ``images.axes``, ``images.inputs``, ``images.size``, ``images.spacing``, ``images.finite`` or
        ``images.empty``.
    """
    voxels, spacing = images.voxels, images.spacing
    if voxels.ndim != 4:
        raise ImagesRefused("images.axes", f"Images have the axes (input, x, y, z), not {voxels.ndim} axes.")
    if voxels.shape[0] != inputs:
        raise ImagesRefused(
            "images.inputs", f"The model takes {inputs} image(s) and got {voxels.shape[0]}; check the sequences."
        )
    if min(voxels.shape[1:]) < MINIMUM_EXTENT or int(np.prod(voxels.shape[1:], dtype=np.int64)) > MAXIMUM_VOXELS:
        raise ImagesRefused(
            "images.size",
            f"The images have {'×'.join(map(str, voxels.shape[1:]))} voxels; at least {MINIMUM_EXTENT} along each "
            f"axis and at most {MAXIMUM_VOXELS:,} in all are taken.",
        )
    if len(spacing) != 3 or not all(np.isfinite(spacing)) or min(spacing) <= 0:
        raise ImagesRefused("images.spacing", f"The voxel sizes {spacing} are not three positive lengths in mm.")
    _check_values(voxels)


def _check_values(voxels: NDArray[np.floating]) -> None:
    for channel, volume in enumerate(voxels):
        if not np.isfinite(volume).all():
            raise ImagesRefused(
                "images.finite", f"Image {channel + 1} holds NaN or infinite values; export it again without them."
            )
        if not volume.any():
            raise ImagesRefused("images.empty", f"Image {channel + 1} is zero everywhere; check the upload.")
