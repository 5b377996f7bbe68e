"""The demo cases: a head of its own size and shape, a lesion grown in it, and a scan of both.

The subject's deformation pulls each voxel of the native grid back into template space; head and lesion are
both evaluated there, so that one interpolation makes the image and the reference labels are exact on its
grid.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hub.demo.acquisition import ACQUISITIONS, HEAD_CENTRE, Acquisition, rotation
from hub.demo.catalogue import LESIONS, SUBJECTS
from hub.demo.covariates import Covariates, draw_covariates
from hub.demo.fields import Field, smooth_noise
from hub.demo.lesions import Labels, LesionPlan, grow_lesion, paint_lesion, pushed_aside
from hub.demo.phantom import Head, load_head

Slices = tuple[slice, slice, slice]
T = TypeVar("T", bound=np.generic)
FLUID_COUNTS = 900.0  # scanner units of cerebrospinal fluid


@dataclass(frozen=True)
class CasePlan:
    """Everything that decides one case, before a voxel is made."""

    seed: int
    index: int
    subject: str
    case: str
    acquisition: Acquisition
    lesion: LesionPlan
    covariates: Covariates


@dataclass(frozen=True)
class DemoCase:
    """One made case: image and true labels on the same native grid."""

    plan: CasePlan
    image: NDArray[np.int16]
    affine: NDArray[np.float64]  # voxel to RAS+ world, mm
    truth: Labels  # see lesions.LABELS
    brain: NDArray[np.bool_]
    ventricles: NDArray[np.bool_]

    @property
    def spacing(self) -> NDArray[np.float64]:
        """Voxel size in millimetres."""
        return np.asarray(np.linalg.norm(self.affine[:3, :3], axis=0), dtype=np.float64)


def plan_cases(*, seed: int, count: int = 20, size: tuple[int, int, int] | None = None) -> tuple[CasePlan, ...]:
    """Return the plans of the first `count` cases (at most 20).

    Parameters
    ----------
    seed : int
        Decides anatomy, covariates and noise; places and volumes of the lesions are fixed.
    size : (right-left, front-back, foot-head), optional
        A small grid with the same field of view, for tests; the scanner's own when absent.
    """
    plans = []
    for index, (subject, lesion, acquisition) in enumerate(zip(SUBJECTS, LESIONS, ACQUISITIONS, strict=True)):
        visit = SUBJECTS[:index].count(subject)
        covariates = draw_covariates(seed=seed, subject=subject, visit=visit, lesion=lesion, acquisition=acquisition)
        grid = acquisition.resized(size) if size else acquisition
        code = f"DEMO-{subject:03d}"
        plans.append(CasePlan(seed, index, code, f"{code}-{visit + 1}", grid, lesion, covariates))
    return tuple(plans[:count])


def make_case(plan: CasePlan, *, head: Head | None = None) -> DemoCase:
    """Return one case; the same plan always gives the same bytes.

    Parameters
    ----------
    plan : CasePlan
        From `plan_cases`.
    head : Head, optional
        The template; loaded and cached when absent.

    Raises
    ------
    DemoTemplateMissing
        If the template is not installed.
    """
    head = head or load_head()
    scan = plan.acquisition
    rng = np.random.default_rng([plan.seed, 0xCA5E, plan.index])
    spacing = np.array(scan.spacing)
    box = _head_box(scan)
    points = _template_points(plan, box)
    anatomy = head.stripped if scan.stripped else head.scalp
    crop = _lesion_box(points, plan.lesion)
    local = (slice(None), *crop)
    pulled = points.copy()
    pulled[local] = pushed_aside(points[local], plan.lesion)
    signal = _through_slice(anatomy, head, pulled, scan)
    brain = _sample(head.brain, head, pulled) > 0.5
    ventricles = _sample(head.ventricles, head, pulled) > 0.5
    white = _sample(head.white, head, pulled[local])
    labels = np.zeros(signal.shape, dtype=np.uint8)
    labels[crop] = grow_lesion(plan.lesion, points[local], brain=brain[crop], white=white, spacing=spacing, rng=rng)
    painted = paint_lesion(signal[crop], labels[crop], plan.lesion, spacing=spacing, rng=rng)
    signal[crop] = np.where(signal[crop] > 0, painted, 0) if scan.stripped else painted
    return DemoCase(
        plan=plan,
        image=_scanned(signal, scan, box, rng),
        affine=scan.affine,
        truth=_placed(labels, scan.shape, box),
        brain=_placed(brain, scan.shape, box),
        ventricles=_placed(ventricles, scan.shape, box),
    )


def _head_box(scan: Acquisition) -> Slices:
    """The part of the grid that can hold a head; everything else is air."""
    reach = np.array([78.0, 100.0, 96.0]) if scan.stripped else np.array([96.0, 120.0, 130.0])
    corners = np.array(np.meshgrid(*[(-r, r) for r in reach])).reshape(3, -1).T + HEAD_CENTRE
    voxels = (corners - scan.affine[:3, 3]) @ np.linalg.inv(scan.affine[:3, :3]).T
    low = np.clip(np.floor(voxels.min(0)), 0, np.array(scan.shape) - 1).astype(int)
    high = np.clip(np.ceil(voxels.max(0)) + 1, low + 1, scan.shape).astype(int)
    return slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2])


def _template_points(plan: CasePlan, box: Slices) -> Field:
    """Template millimetres of the box's voxels, shape (3, x, y, z): the subject's size, turn and shape."""
    rng = np.random.default_rng([plan.seed, 0x4EAD, int(plan.subject.split("-")[1])])
    growth = np.clip(0.85 + 0.010 * plan.covariates.age_years, 0.85, 0.97) * rng.uniform(0.98, 1.02)
    scale = growth * rng.uniform(0.97, 1.03, 3)
    turn = rotation(rng.normal(0, [4.0, 2.5, 3.0]))
    scan = plan.acquisition
    matrix = (turn / scale[:, None]) @ scan.affine[:3, :3]
    offset = (turn / scale[:, None]) @ (scan.affine[:3, 3] - HEAD_CENTRE) + HEAD_CENTRE
    axes = [np.arange(s.start, s.stop, dtype=np.float32) for s in box]
    shape = tuple(len(a) for a in axes)
    points = np.empty((3, *shape), dtype=np.float32)
    for i in range(3):
        x, y, z = (np.float32(matrix[i, k]) * axes[k] for k in range(3))
        points[i] = x[:, None, None] + y[None, :, None] + z[None, None, :] + np.float32(offset[i])
        points[i] += _shape_change(rng, scan, points.shape[1:])
    return points


def _shape_change(rng: np.random.Generator, scan: Acquisition, shape: tuple[int, ...]) -> Field:
    """A smooth displacement in mm; the same for every visit of a subject that is scanned on the same grid."""
    broad = smooth_noise(rng, shape, spacing=scan.spacing, scale=48)
    local = smooth_noise(rng, shape, spacing=scan.spacing, scale=22)
    return np.asarray(2.6 * broad + 0.8 * local, dtype=np.float32)


def _lesion_box(points: Field, lesion: LesionPlan) -> Slices:
    """The smallest box of voxels that the lesion can reach."""
    away = points - np.array(lesion.centre, dtype=np.float32).reshape(3, 1, 1, 1)
    near = np.einsum("ixyz,ixyz->xyz", away, away) < lesion.reach**2
    found = ndimage.find_objects(near.astype(np.uint8))[0]
    return found[0], found[1], found[2]


def _sample(volume: Field, head: Head, points: Field) -> Field:
    """Linear interpolation of a template map at template millimetres; the neck goes on below the template."""
    places = points - head.origin.astype(np.float32).reshape(3, 1, 1, 1)
    sampled: Field = ndimage.map_coordinates(volume, places, order=1, mode="nearest", output=np.float32)
    return sampled


def _through_slice(volume: Field, head: Head, points: Field, scan: Acquisition) -> Field:
    """Sample the head; a thick slice is the mean of four places across it."""
    thick = max(scan.spacing)
    if thick < 2.0:
        return _sample(volume, head, points)
    step = np.gradient(points, axis=1 + scan.slice_axis)
    layers = [_sample(volume, head, points + step * np.float32(f)) for f in (-0.375, -0.125, 0.125, 0.375)]
    return np.asarray(np.mean(layers, axis=0), dtype=np.float32)


def _scanned(signal: Field, scan: Acquisition, box: Slices, rng: np.random.Generator) -> NDArray[np.int16]:
    """Coil bias, Rician noise and rounding to scanner units; air is 0 where the brain was extracted."""
    bias = np.exp(0.07 * smooth_noise(rng, signal.shape, spacing=scan.spacing, scale=75))
    inside = signal > 0.02
    if scan.stripped:
        counts = np.where(inside, _rician(signal * bias, scan.noise, rng), 0)
        return _placed(_rounded(counts), scan.shape, box)
    whole = _placed(signal * bias, scan.shape, box)
    return _rounded(_rician(whole, scan.noise, rng))


def _rician(signal: Field, noise: float, rng: np.random.Generator) -> Field:
    real = signal + np.float32(noise) * rng.standard_normal(signal.shape, dtype=np.float32)
    imaginary = np.float32(noise) * rng.standard_normal(signal.shape, dtype=np.float32)
    return np.asarray(np.sqrt(real**2 + imaginary**2), dtype=np.float32)


def _rounded(signal: Field) -> NDArray[np.int16]:
    return np.asarray(np.clip(np.rint(FLUID_COUNTS * signal), 0, 32767), dtype=np.int16)


def _placed(part: NDArray[T], shape: tuple[int, int, int], box: Slices) -> NDArray[T]:
    whole = np.zeros(shape, dtype=part.dtype)
    whole[box] = part
    return whole
