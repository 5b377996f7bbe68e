"""Generated cases for tests and demonstrations: a dim head with a bright lesion, in an adult and a child's contrast."""

from collections.abc import Iterator

import numpy as np
from scipy.ndimage import gaussian_filter

from ml.nnunet.dataset import TrainingCase

_CONTRAST = {"adult": (100.0, 60.0), "child": (80.0, 90.0)}


def generated_cases(
    kind: str, *, count: int, size: int = 40, seed: int = 0, cases_per_subject: int = 1, nested: bool = False
) -> Iterator[TrainingCase]:
    """Yield cases of one kind, ``"adult"`` or ``"child"``, the same for the same arguments.

    Parameters
    ----------
    size : int
        Voxels along each axis, 1 mm each.
    nested : bool
        Labels 1 to 3 nested as in BraTS (edema, core, enhancing) instead of one label.
    """
    for index in range(count):
        subject = f"{kind[0].upper()}{index // cases_per_subject:03d}"
        rng = np.random.default_rng([seed, index, len(kind)])
        yield _case(f"{subject}-{index % cases_per_subject}", subject, kind, size, rng, nested)


def _case(code: str, subject: str, kind: str, size: int, rng: np.random.Generator, nested: bool) -> TrainingCase:
    tissue, lesion = _CONTRAST[kind]
    places = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij")).astype(np.float32)
    middle = np.full(3, (size - 1) / 2)
    head = _ellipsoid(places, middle, np.array([0.46, 0.40, 0.43]) * size)
    centre = middle + rng.uniform(-0.16, 0.16, 3) * size
    radii = rng.uniform(0.12, 0.20, 3) * size
    shells = [1.0, 0.7, 0.4] if nested else [1.0]
    labels = np.zeros(head.shape, np.uint8)
    image = tissue * head + gaussian_filter(rng.normal(0, 60, head.shape), 3) * head
    for value, share in enumerate(shells, start=1):
        inside = _ellipsoid(places, centre, radii * share) & head
        labels[inside] = value
        image += lesion * inside / len(shells)
    image = gaussian_filter(image, 0.7) + rng.normal(0, 5, head.shape)
    image = np.where(head, np.maximum(image, 1), 0).astype(np.float32)
    return TrainingCase(code, subject, image[None], labels, np.eye(4))


def _ellipsoid(places: np.ndarray, centre: np.ndarray, radii: np.ndarray) -> np.ndarray:
    return np.asarray((((places - centre[:, None, None, None]) / radii[:, None, None, None]) ** 2).sum(axis=0) <= 1)
