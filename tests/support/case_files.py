"""Small images and masks as NIfTI files in a folder, as somebody would send them."""

from pathlib import Path

import nibabel as nib
import numpy as np

from segmentation.services.imports import IncomingFile

AFFINE = np.array([[-1.0, 0, 0, 10], [0, 1, 0, -20], [0, 0, 3, 5], [0, 0, 0, 1]])
SHAPE = (16, 14, 6)


def image(seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 500, SHAPE).astype(np.int16)


def lesion(*corner: int, label: int = 1) -> np.ndarray:
    mask = np.zeros(SHAPE, np.uint8)
    x, y, z = corner or (4, 4, 2)
    mask[x : x + 3, y : y + 3, z : z + 2] = label
    return mask


def write(folder: Path, name: str, array: np.ndarray, affine: np.ndarray = AFFINE) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(array, affine), path)
    return path


def files_in(folder: Path) -> list[IncomingFile]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [IncomingFile(path.relative_to(folder).as_posix(), path) for path in found]
