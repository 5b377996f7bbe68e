"""The head that every demo case is drawn on: MNI152 turned into a T2-like image, once per process.

The template is the ICBM 2009a average that nilearn carries; it is opened by path and nilearn itself is
never imported. The T1 contrast is inverted through the medians of its own tissues, and what the template
lacks (skull, scalp, orbits, neck) is drawn around the brain as shells of equal depth.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hub.demo.errors import DemoTemplateMissing
from hub.demo.fields import smooth_noise

Image = NDArray[np.float32]
PADDING = ((26, 26), (30, 30), (44, 24))  # voxels of 1 mm for scalp and neck around the template's own grid
FLUID, GREY, WHITE = 1.0, 0.62, 0.43  # T2 signal of cerebrospinal fluid, cortex and white matter
SHELLS = (  # depth outside the brain's envelope in mm, T2 signal: fluid, table, diploe, table, fat, skin, air
    (0.0, 0.95), (2.2, 0.95), (3.2, 0.07), (4.2, 0.07), (5.0, 0.30), (6.2, 0.30), (7.0, 0.06), (8.0, 0.08),
    (9.0, 0.72), (12.0, 0.66), (13.0, 0.38), (14.0, 0.34), (14.8, 0.0),
)  # fmt: skip


@dataclass(frozen=True)
class Head:
    """One T2-like head in template space, 1 mm voxels; `origin` is where voxel (0, 0, 0) lies, in mm."""

    scalp: Image  # whole head, fluid = 1
    stripped: Image  # brain only, 0 outside
    white: Image  # share of white matter
    brain: Image  # 1 inside the brain
    ventricles: Image  # 1 inside the ventricles
    origin: NDArray[np.float64]


def template_folder() -> Path:
    """Return the folder of the MNI152 files; raise DemoTemplateMissing where nilearn is not installed."""
    spec = find_spec("nilearn")
    folder = Path(spec.origin).parent / "datasets" / "data" if spec and spec.origin else None
    if folder is None or not (folder / template_name("t1")).exists():
        raise DemoTemplateMissing(
            "the demo needs the MNI152 head that nilearn carries and found none; "
            "install it with: pip install 'blindread[demo]'"
        )
    return folder


def template_name(tissue: str) -> str:
    """Return the file name of one template map: t1, gm or wm."""
    return f"mni_icbm152_{tissue}_tal_nlin_sym_09a_converted.nii.gz"


@lru_cache(maxsize=1)
def load_head(folder: Path | None = None) -> Head:
    """Return the T2-like head; cached, about two CPU seconds the first time.

    Parameters
    ----------
    folder : Path, optional
        Where the template lies; nilearn's own folder when absent.

    Raises
    ------
    DemoTemplateMissing
        If nilearn is not installed.
    """
    folder = folder or template_folder()
    t1, white = (_padded(folder / template_name(tissue)) for tissue in ("t1", "wm"))
    t1_file: Any = nib.load(folder / template_name("t1"))
    origin = t1_file.affine[:3, 3] - [before for before, _ in PADDING]
    brain = t1 > 0.02
    stripped = t2_from_t1(t1, white, brain)
    return Head(
        scalp=_whole_head(stripped, brain),
        stripped=stripped,
        white=white,
        brain=brain.astype(np.float32),
        ventricles=_ventricles(stripped, origin),
        origin=origin,
    )


def _padded(path: Path) -> Image:
    image: Any = nib.load(path)
    return np.pad(np.asarray(image.dataobj, dtype=np.float32) / np.float32(255), PADDING)


def t2_from_t1(t1: Image, white: Image, brain: NDArray[np.bool_]) -> Image:
    """Return a T2-like brain: fluid bright, cortex above white matter, 0 outside.

    The average of 152 heads is blurred; an unsharp mask gives the sulci back before the contrast is inverted.
    """
    white_level = float(np.median(t1[white > 0.95]))
    sharp = t1 + 1.2 * (t1 - ndimage.gaussian_filter(t1, 1.6))
    levels = np.array([0.0, 0.31, 0.745, 1.0, 1.25]) * white_level  # air, fluid, cortex, white matter, over
    t2: Image = np.interp(sharp, levels, [1.12, FLUID, GREY, WHITE, 0.34]).astype(np.float32)
    return t2 * brain


def _ventricles(t2: Image, origin: NDArray[np.float64]) -> Image:
    """Fluid in the middle of the brain: the lateral, third and fourth ventricles, roughly."""
    low = (np.array([-32.0, -52.0, -38.0]) - origin).astype(int)
    high = (np.array([32.0, 36.0, 30.0]) - origin).astype(int)
    inside = np.zeros(t2.shape, dtype=bool)
    inside[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = True
    fluid = ndimage.binary_opening((t2 > 0.88) & inside)
    parts, _ = ndimage.label(fluid)
    sizes = np.bincount(parts.ravel())
    return np.asarray((sizes[parts] > 400) & (parts > 0), dtype=np.float32)


def _whole_head(stripped: Image, brain: NDArray[np.bool_]) -> Image:
    """Draw fluid, skull, scalp, skull base and orbits around the brain, at 2 mm, then join them at 1 mm."""
    coarse = brain[::2, ::2, ::2]
    # The head does not narrow where the brain does: each column goes on down to the neck.
    column = np.maximum.accumulate(coarse[:, :, ::-1], axis=2)[:, :, ::-1]
    envelope = ndimage.gaussian_filter(column.astype(np.float32), 3.0) > 0.42
    depth = 2 * (ndimage.distance_transform_edt(~envelope) - ndimage.distance_transform_edt(envelope))
    depth = ndimage.gaussian_filter(depth, 2.0)  # a skull has no corners
    gap = 2 * ndimage.distance_transform_edt(~coarse)
    shell = np.interp(depth, [d for d, _ in SHELLS], [signal for _, signal in SHELLS]).astype(np.float32)
    around = np.where((depth < 2.6) & (gap > 4.0), _skull_base(coarse.shape), shell)
    fine = ndimage.zoom(around.astype(np.float32), 2, order=1)[tuple(slice(0, n) for n in brain.shape)]
    fine = np.pad(fine, [(0, n - m) for n, m in zip(brain.shape, fine.shape, strict=True)], mode="edge")
    edge = ndimage.gaussian_filter(brain.astype(np.float32), 0.8)
    return np.where(brain, stripped, fine * (1 - edge) + edge * FLUID).astype(np.float32)


def _skull_base(shape: tuple[int, ...]) -> Image:
    """Muscle, marrow and air under the brain, with two orbits; 2 mm voxels of the padded template."""
    rng = np.random.default_rng(152)
    coarse = smooth_noise(rng, shape, spacing=(2, 2, 2), scale=14)
    fine = smooth_noise(rng, shape, spacing=(2, 2, 2), scale=6)
    between = smooth_noise(rng, shape, spacing=(2, 2, 2), scale=18)
    fat = np.exp(-((between / 0.16) ** 2))
    tissue = np.clip(0.19 + 0.045 * coarse + 0.03 * fine + 0.22 * fat, 0.04, 0.6).astype(np.float32)
    grid = np.indices(shape, dtype=np.float32)
    for side in (-1, 1):
        centre = np.array([98 + 26 + side * 31, 134 + 30 + 58, 72 + 44 - 40]).reshape(3, 1, 1, 1) / 2
        distance = 2 * np.sqrt(((grid - centre) ** 2).sum(axis=0))
        tissue = np.where(distance < 20, 0.6, tissue)
        tissue = np.where(distance < 12.5, 0.12, tissue)
        tissue = np.where(distance < 11.5, 0.97, tissue)
    return np.asarray(tissue, dtype=np.float32)
