"""Paper 000's preparation of one image, in its order, with one interpolation: N4, register, resample, extract.

Everything that is needed to come back to the native grid, and to repeat the preparation, is in the result.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from ml.preprocessing.bias import BiasSettings, correct_bias
from ml.preprocessing.registration import Profile, register_rigid
from ml.preprocessing.transforms import IDENTITY, RigidTransform, isotropic, resampled
from ml.preprocessing.volume import Frame, Volume

VERSION = "preparation-1"
BrainMask = Callable[[Volume], NDArray[np.bool_]]


@dataclass(frozen=True)
class Options:
    """What to do; the defaults are paper 000's steps with the robust registration.

    Parameters
    ----------
    brain : str
        Words for the mask in the record, such as ``"classical mask"`` or ``"HD-BET"``; empty when none is made.
    """

    bias: BiasSettings | None = field(default_factory=BiasSettings)
    profile: Profile = "robust"
    spacing_mm: float = 1.0
    seed: int = 1
    threads: int = 1
    brain: str = ""


@dataclass(frozen=True, eq=False)
class Prepared:
    """An image ready for a network.

    Parameters
    ----------
    image : Volume
        On the template's grid at the chosen spacing; zero outside the brain when a mask was made.
    transform : RigidTransform
        Points of that grid to points of the native image.
    native : Frame
        The grid that it came from.
    record : dict
        Steps, settings, digests and versions, for provenance.
    """

    image: Volume
    transform: RigidTransform
    native: Frame
    brain: NDArray[np.bool_] | None
    record: dict[str, Any]


def prepare(
    volume: Volume, template: Volume | None, options: Options | None = None, brain: BrainMask | None = None
) -> Prepared:
    """Return an image prepared as in paper 000.

    Parameters
    ----------
    template : Volume or None
        Image to register to; without one the native box is kept and only the spacing changes.
    brain : callable or None
        Makes a mask from the resampled image: `classical_brain_mask`, or the `mask` of a `BrainNetwork`.
    """
    chosen = options or Options()
    corrected = correct_bias(volume, settings=chosen.bias)[0] if chosen.bias else volume
    record: dict[str, Any] = {"version": VERSION, "simpleitk": sitk.Version_VersionString(), **asdict(chosen)}
    frame = isotropic((template or volume).frame, chosen.spacing_mm)
    transform = RigidTransform(IDENTITY.matrix, frame.sha256)
    if template:
        found = register_rigid(
            corrected,
            resampled(template, frame),
            profile=chosen.profile,
            seed=chosen.seed,
            threads=chosen.threads,
        )
        transform = found.transform
        record |= {"metric": found.metric, "iterations": found.iterations, "stopped": found.stopped}
    image = resampled(corrected, frame, transform)
    mask = brain(image) if brain else None
    if mask is not None:
        image = Volume(np.where(mask, image.voxels, 0), frame.affine)
    record |= {"native_sha256": volume.frame.sha256, "fixed_sha256": frame.sha256}
    return Prepared(image, transform, volume.frame, mask, record)
