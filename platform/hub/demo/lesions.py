"""Lesions: where low-grade gliomas of childhood grow, of what they are made, and how they look on T2.

A lesion is a level set: a lobed, noisy distance from its centres. Sorting the voxels by that distance and
keeping the nearest gives exactly the volume asked for; the same trick inside divides it into its sub-
regions.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hub.demo.fields import Field, smooth_noise

Labels = NDArray[np.uint8]
LABELS = {"enhancing tumour": 1, "non-enhancing tumour": 2, "cystic component": 3, "edema": 4}
ET, NET, CC, ED = 1, 2, 3, 4
SIGNAL = {ET: 0.70, NET: 0.82, CC: 1.10, ED: 0.74}  # relative to cerebrospinal fluid


@dataclass(frozen=True)
class LesionPlan:
    """What a lesion is to be, before it is drawn on a grid."""

    site: str
    centre: tuple[float, float, float]  # mm, template space
    volume_ml: float
    shares: dict[int, float]  # label -> share of the whole volume; shares sum to 1
    roughness: float = 0.16  # of the radius
    stretch: tuple[float, float, float] = (1.0, 1.0, 1.0)
    satellites: tuple[tuple[float, float, float], ...] = ()  # offsets in mm of further foci
    signal: dict[int, float] = field(default_factory=dict)  # label -> T2 signal where it differs from SIGNAL

    @property
    def radius(self) -> float:
        """The radius in mm of the sphere of the same volume."""
        return float((3000 * self.volume_ml / (4 * np.pi)) ** (1 / 3))

    @property
    def reach(self) -> float:
        """A distance in mm from the centre beyond which the lesion cannot grow."""
        far = max((float(np.linalg.norm(s)) for s in self.satellites), default=0.0)
        return 2.1 * self.radius + far + 8


def grow_lesion(
    plan: LesionPlan,
    points: NDArray[np.float32],
    *,
    brain: NDArray[np.bool_],
    white: Field,
    spacing: NDArray[np.float64],
    rng: np.random.Generator,
) -> Labels:
    """Return the labels of one lesion on a crop of a case's grid.

    Parameters
    ----------
    points : float32 ndarray, shape (3, x, y, z)
        Place of each voxel in template millimetres.
    brain, white : ndarray, shape (x, y, z)
        Where the lesion may grow; share of white matter, which edema follows.
    spacing : (dx, dy, dz)
        Voxel size in millimetres.

    Returns
    -------
    uint8 ndarray, shape (x, y, z)
        1 enhancing tumour, 2 non-enhancing tumour, 3 cystic component, 4 edema, 0 elsewhere. The volume is
        the plan's to within one voxel, as long as the brain has room; at least one voxel.
    """
    distance = _lobed_distance(plan, points, spacing, rng)
    voxels = max(1, round(1000 * plan.volume_ml / float(np.prod(spacing))))
    edema = round(plan.shares.get(ED, 0.0) * voxels)
    core = _nearest(np.where(brain, distance, np.inf), max(1, voxels - edema))
    labels = _divide_core(plan, core, distance, spacing, rng)
    follow = distance - 0.9 * plan.radius * np.clip(white, 0, 1)
    follow = follow + 0.15 * plan.radius * smooth_noise(rng, brain.shape, spacing=spacing, scale=9)
    labels[_nearest(np.where(brain & ~core & (white > 0.25), follow, np.inf), edema)] = ED
    return labels


def _lobed_distance(
    plan: LesionPlan, points: NDArray[np.float32], spacing: NDArray[np.float64], rng: np.random.Generator
) -> Field:
    """Millimetres from the lesion's centres, stretched, joined smoothly and made uneven."""
    radius = plan.radius
    main = [(np.zeros(3), 1.0)]
    lobes = [(rng.normal(0, 0.45 * radius, 3), rng.uniform(0.55, 0.85)) for _ in range(3)]
    further = [(np.array(s), rng.uniform(0.35, 0.6)) for s in plan.satellites]
    total = np.zeros(points.shape[1:], dtype=np.float32)
    for offset, size in main + lobes + further:
        away = points - (np.array(plan.centre) + offset).reshape(3, 1, 1, 1).astype(np.float32)
        away /= np.array(plan.stretch, dtype=np.float32).reshape(3, 1, 1, 1)
        gap = np.sqrt(np.einsum("ixyz,ixyz->xyz", away, away)) - np.float32(radius * (size - 1))
        total += np.exp(-np.clip(gap / (0.14 * radius + 0.6), 0, 80))
    joined = -(0.14 * radius + 0.6) * np.log(total + 1e-30)
    coarse = smooth_noise(rng, joined.shape, spacing=spacing, scale=max(0.7 * radius, 4))
    fine = smooth_noise(rng, joined.shape, spacing=spacing, scale=4)
    return np.asarray(joined + plan.roughness * radius * coarse + 0.35 * fine, dtype=np.float32)


def _nearest(score: Field, count: int) -> NDArray[np.bool_]:
    """Return the `count` voxels of lowest score; never one whose score is infinite."""
    flat = score.ravel()
    count = min(count, int(np.isfinite(flat).sum()))
    chosen = np.zeros(flat.size, dtype=bool)
    if count:
        chosen[np.argpartition(flat, count - 1)[:count]] = True
    return chosen.reshape(score.shape)


def _divide_core(
    plan: LesionPlan,
    core: NDArray[np.bool_],
    distance: Field,
    spacing: NDArray[np.float64],
    rng: np.random.Generator,
) -> Labels:
    """Cyst inside, an enhancing nodule beside it and partly around it, the rest non-enhancing."""
    solid = 1 - plan.shares.get(ED, 0.0)
    count = int(core.sum())
    lobes = smooth_noise(rng, core.shape, spacing=spacing, scale=max(0.9 * plan.radius, 4))
    cyst_score = distance / plan.radius - 0.35 * lobes
    cyst = _nearest(np.where(core, cyst_score, np.inf), round(count * plan.shares.get(CC, 0.0) / solid))
    nodule_score = np.abs(distance / plan.radius - 0.55) + 0.45 * lobes
    nodule_count = round(count * plan.shares.get(ET, 0.0) / solid)
    nodule = _nearest(np.where(core & ~cyst, nodule_score, np.inf), nodule_count)
    return np.asarray(np.select([nodule, cyst, core], [ET, CC, NET], 0), dtype=np.uint8)


def paint_lesion(
    image: Field, labels: Labels, plan: LesionPlan, *, spacing: NDArray[np.float64], rng: np.random.Generator
) -> Field:
    """Return the crop with the lesion's T2 signal laid over it, borders mixed as partial volume does."""
    painted = image.astype(np.float32, copy=True)
    texture = smooth_noise(rng, image.shape, spacing=spacing, scale=5)
    grain = smooth_noise(rng, image.shape, spacing=spacing, scale=2)
    for label, blur_mm in ((ED, 1.6), (NET, 0.9), (ET, 0.7), (CC, 0.6)):
        weight = ndimage.gaussian_filter((labels == label).astype(np.float32), blur_mm / spacing)
        level = plan.signal.get(label, SIGNAL[label])
        uneven = 0.01 if label == CC else 0.035
        painted += weight * (level + uneven * (texture + 0.6 * grain) - image)
    return painted


def pushed_aside(points: NDArray[np.float32], plan: LesionPlan) -> NDArray[np.float32]:
    """Return where the tissue at each point lay before the lesion grew: its mass effect.

    About 40 % of the solid volume displaces the brain; the push fades with the cube of distance.
    """
    away = points - np.array(plan.centre, dtype=np.float32).reshape(3, 1, 1, 1)
    reach = np.sqrt(np.einsum("ixyz,ixyz->xyz", away, away))
    solid = plan.radius * (1 - plan.shares.get(ED, 0.0)) ** (1 / 3)
    share = 0.4 * solid**3 / (reach**3 + solid**3) * np.exp(-((reach / (3.2 * solid)) ** 2))
    return np.asarray(points - away * (share * 0.75)[None], dtype=np.float32)
