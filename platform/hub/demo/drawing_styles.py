"""Segmentations in the manner of three experts and two networks.

Everybody starts from the signed distance to the true outline and errs in their own way: experts slice by
slice in the plane of acquisition, each slice a little more or less generous than the last; networks
smoothly in three dimensions, with islands, misses, swallowed ventricles and, now and then, nothing at all.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hub.demo.cases import DemoCase, Slices
from hub.demo.fields import Field, smooth_noise
from hub.demo.lesions import CC, ED, ET, NET, Labels

Mask = NDArray[np.bool_]
MARGIN_MM = 12.0


@dataclass(frozen=True)
class ExpertStyle:
    """How one expert draws; lengths in mm for a lesion of 15 mm radius."""

    margin: float  # mean distance outside (+) or inside (-) the true outline
    per_slice: float  # slice-to-slice inconsistency of the margin
    wobble: float  # slow error along the outline, new every few millimetres of slices
    jag: float  # fast error along the outline
    opinion: float  # error that is the same in neighbouring slices: where the tumour ends
    edema: float  # how far beyond the solid tumour the edema is followed
    skipped_ends: int = 0  # slices left out at either end


@dataclass(frozen=True)
class NetworkStyle:
    """How one network labels; lengths in mm for a lesion of 15 mm radius."""

    margin: float
    roughness: float  # smooth three-dimensional error
    islands: int  # most false islands a case
    smallest_ml: float  # parts below this volume are missed
    knows_cysts: bool = True
    failures: tuple[tuple[int, str], ...] = ()  # case index -> empty, elsewhere, ventricles, solid only


EXPERTS = {
    "expert-1": ExpertStyle(margin=0.1, per_slice=0.45, wobble=0.9, jag=0.5, opinion=0.9, edema=30.0),
    "expert-2": ExpertStyle(margin=0.9, per_slice=0.4, wobble=0.7, jag=0.35, opinion=0.8, edema=30.0),
    "expert-3": ExpertStyle(margin=-0.5, per_slice=0.75, wobble=1.1, jag=0.65, opinion=1.1, edema=2.2, skipped_ends=1),
}
NETWORKS = {
    "model-transfer-encoder": NetworkStyle(
        margin=-0.1, roughness=1.5, islands=1, smallest_ml=0.15, failures=((17, "solid only"),)
    ),
    "model-adult-brats": NetworkStyle(
        margin=0.4, roughness=2.1, islands=4, smallest_ml=0.9, knows_cysts=False,
        failures=((4, "elsewhere"), (5, "solid only"), (9, "ventricles"), (12, "empty"), (13, "ventricles")),
    ),
}  # fmt: skip
SOURCES = (*EXPERTS, *NETWORKS)
DRAWN_OF_20 = {"expert-1": 12, "expert-2": 18, "expert-3": 18}


def availability(*, seed: int, count: int = 20) -> dict[str, tuple[int, ...]]:
    """Return the case indices that each source segmented: experts 12, 18 and 18 of 20, networks all.

    Parameters
    ----------
    seed, count : int
        Number of cases; the shares of 20 are rounded. Experts 2 and 3 never leave out the same case, and
        leave out only what expert 1 drew, so that at least two experts drew every case but those that
        expert 1 skipped.
    """
    order = np.random.default_rng([seed, 0xA7A1]).permutation(count)
    drawn = {source: round(share * count / 20) for source, share in DRAWN_OF_20.items()}
    first, missing = order[: drawn["expert-1"]], count - drawn["expert-2"]
    out = {"expert-1": set(first.tolist())}
    for k, source in enumerate(("expert-2", "expert-3")):
        out[source] = set(range(count)) - set(first[k * missing : (k + 1) * missing].tolist())
    everyone = {source: set(range(count)) for source in NETWORKS}
    return {source: tuple(sorted(cases)) for source, cases in {**out, **everyone}.items()}


def draw_segmentation(case: DemoCase, source: str) -> Labels:
    """Return one source's segmentation of a case, on the case's grid, labels as in `lesions.LABELS`.

    Parameters
    ----------
    case : DemoCase
    source : str
        One of SOURCES.

    Returns
    -------
    uint8 ndarray of the image's shape
        May be empty (a network that found nothing). The same case and source always give the same bytes.
    """
    outlines = Outlines(case)
    return draw_all(case, outlines, (source,))[source]


def draw_all(case: DemoCase, outlines: "Outlines", sources: tuple[str, ...] = SOURCES) -> dict[str, Labels]:
    """Return the segmentations of several sources; distances are measured once for all."""
    drawn = {}
    for source in sources:
        rng = np.random.default_rng([case.plan.seed, 0xD4A3, case.plan.index, SOURCES.index(source)])
        if source in EXPERTS:
            drawn[source] = _expert(outlines, EXPERTS[source], rng)
        else:
            drawn[source] = _network(outlines, NETWORKS[source], rng)
    return drawn


@dataclass(frozen=True)
class Outlines:
    """Signed distances (mm, negative inside) to the true outlines of a case, in a box around its lesion."""

    case: DemoCase

    @cached_property
    def box(self) -> Slices:
        """The lesion's box, 12 mm wider on every side."""
        pad = np.ceil(MARGIN_MM / self.case.spacing).astype(int)
        found = ndimage.find_objects((self.case.truth > 0).astype(np.uint8))[0]
        shape = self.case.truth.shape
        a, b, c = (slice(max(0, s.start - p), min(n, s.stop + p)) for s, p, n in zip(found, pad, shape, strict=True))
        return a, b, c

    @cached_property
    def truth(self) -> Labels:
        """The true labels in the box."""
        return np.asarray(self.case.truth[self.box])

    @cached_property
    def whole(self) -> Field:
        """Distance to the outline of the whole lesion."""
        return signed_distance(self.truth > 0, self.case.spacing)

    @cached_property
    def solid(self) -> Field:
        """Distance to the outline of the lesion without its edema."""
        return signed_distance((self.truth > 0) & (self.truth != ED), self.case.spacing)

    @cached_property
    def spread(self) -> Labels:
        """Each voxel's nearest true label, also outside the lesion."""
        nearest = ndimage.distance_transform_edt(
            self.truth == 0, self.case.spacing, return_distances=False, return_indices=True
        )
        return np.asarray(self.truth[tuple(nearest)])

    @property
    def scale(self) -> float:
        """How errors in mm grow with the lesion and with voxels over 1 mm; 1 at a radius of 15 mm."""
        radius = (3 * (self.case.truth > 0).sum() * np.prod(self.case.spacing) / (4 * np.pi)) ** (1 / 3)
        return float((radius / 15) ** 0.7 * max(1.0, min(self.case.spacing)) ** 0.5)

    def noise(self, rng: np.random.Generator, in_plane: float, across: float) -> Field:
        """A field that changes over `in_plane` mm within and `across` mm between slices (0: independent)."""
        scales = np.full(3, in_plane)
        scales[self.case.plan.acquisition.slice_axis] = across
        return smooth_noise(rng, self.truth.shape, spacing=self.case.spacing, scale=scales)

    def placed(self, part: Labels) -> Labels:
        """Return the box's labels on the whole grid."""
        whole = np.zeros(self.case.truth.shape, dtype=np.uint8)
        whole[self.box] = part
        return whole


def signed_distance(mask: Mask, spacing: NDArray[np.float64]) -> Field:
    """Return the distance in mm to the mask's surface, negative inside; +inf everywhere where it is empty."""
    if not mask.any():
        return np.full(mask.shape, np.inf, dtype=np.float32)
    outside = ndimage.distance_transform_edt(~mask, spacing)
    return np.asarray(outside - ndimage.distance_transform_edt(mask, spacing), dtype=np.float32)


def _expert(outlines: Outlines, style: ExpertStyle, rng: np.random.Generator) -> Labels:
    axis = outlines.case.plan.acquisition.slice_axis
    per_slice = [1, 1, 1]
    per_slice[axis] = outlines.truth.shape[axis]
    error = style.margin + style.per_slice * rng.standard_normal(per_slice).astype(np.float32)
    error = error + style.wobble * outlines.noise(rng, 14.0, 3.5) + style.jag * outlines.noise(rng, 3.2, 0.0)
    error += style.opinion * outlines.noise(rng, 18.0, 18.0)
    error *= outlines.scale
    inside = (outlines.whole < error) & (outlines.solid < style.edema * outlines.scale + error)
    inside = _tidied_slices(inside, axis) & outlines.case.brain[outlines.box]
    inside = _without_ends(inside, axis, style.skipped_ends)
    return outlines.placed(_inner_labels(outlines, inside, rng, 1.6 * outlines.scale, across=0.0))


def _tidied_slices(mask: Mask, axis: int) -> Mask:
    """Fill holes and drop specks within each slice, as a hand would."""
    tidy = np.moveaxis(mask.copy(), axis, 0)
    for i in np.flatnonzero(tidy.any(axis=(1, 2))):
        filled = ndimage.binary_fill_holes(tidy[i])
        parts, _ = ndimage.label(filled)
        sizes = np.bincount(parts.ravel())
        sizes[0] = 0
        tidy[i] = sizes[parts] >= max(0.06 * sizes.max(), 2)
    return np.moveaxis(tidy, 0, axis)


def _without_ends(mask: Mask, axis: int, count: int) -> Mask:
    """Leave out the first and last slices, unless little would remain."""
    used = np.flatnonzero(np.moveaxis(mask, axis, 0).any(axis=(1, 2)))
    if count == 0 or len(used) < 5 * count:
        return mask
    kept = np.moveaxis(mask.copy(), axis, 0)
    kept[np.concatenate([used[:count], used[-count:]])] = False
    return np.moveaxis(kept, 0, axis)


def _inner_labels(
    outlines: Outlines, inside: Mask, rng: np.random.Generator, error_mm: float, *, across: float
) -> Labels:
    """Label the drawn region from the truth, looked up a little beside each voxel."""
    places = np.indices(outlines.truth.shape, dtype=np.float32)
    for i, size in enumerate(outlines.case.spacing):
        places[i] += np.float32(error_mm / size) * outlines.noise(rng, 8.0, across)
    found = ndimage.map_coordinates(outlines.spread, places, order=0, mode="nearest", output=np.uint8)
    return np.asarray(np.where(inside, found, 0), dtype=np.uint8)


def _network(outlines: Outlines, style: NetworkStyle, rng: np.random.Generator) -> Labels:
    failure = dict(style.failures).get(outlines.case.plan.index, "")
    if failure in ("empty", "elsewhere"):
        return _elsewhere(outlines, rng) if failure == "elsewhere" else np.zeros_like(outlines.case.truth)
    error = style.roughness * (outlines.noise(rng, 13.0, 13.0) + 0.35 * outlines.noise(rng, 6.0, 6.0))
    smooth = ndimage.gaussian_filter(outlines.whole, 1.6 / outlines.case.spacing)
    inside = (smooth < outlines.scale * (style.margin + error)) & outlines.case.brain[outlines.box]
    labels = _inner_labels(outlines, inside, rng, 1.2 * outlines.scale, across=8.0)
    if failure == "solid only":
        labels[(labels == CC) | (labels == ED) | ((labels == NET) & (error > 0.6 * style.roughness))] = 0
    if not style.knows_cysts:
        labels[labels == CC] = NET
    whole = outlines.placed(_without_specks(labels, style.smallest_ml, outlines.case.spacing))
    if failure == "ventricles":
        whole[_ventricles_nearby(outlines) & (whole == 0)] = ED
    return _with_islands(outlines.case, whole, int(rng.integers(style.islands + 1)), rng)


def _without_specks(labels: Labels, smallest_ml: float, spacing: NDArray[np.float64]) -> Labels:
    parts, count = ndimage.label(labels > 0)
    sizes = np.bincount(parts.ravel(), minlength=count + 1) * np.prod(spacing) / 1000
    return np.where(sizes[parts] >= smallest_ml, labels, 0).astype(np.uint8)


def _ventricles_nearby(outlines: Outlines) -> Mask:
    """The fluid within about four centimetres of the lesion, which the adult network takes for edema."""
    case = outlines.case
    voxels = np.argwhere(case.truth > 0)
    centre = voxels.mean(axis=0)
    grid = np.ogrid[tuple(slice(0, n) for n in case.truth.shape)]
    away = sum(((g - c) * d) ** 2 for g, c, d in zip(grid, centre, case.spacing, strict=True))
    return np.asarray(ndimage.binary_dilation(case.ventricles & (away < 42.0**2)) & case.brain, dtype=bool)


def _with_islands(case: DemoCase, labels: Labels, count: int, rng: np.random.Generator) -> Labels:
    """Add false islands of 2 to 5 mm on bright spots of the brain."""
    bright = np.argwhere(case.brain[::3, ::3, ::3] & (case.image[::3, ::3, ::3] > 620)) * 3
    for place in bright[rng.integers(len(bright), size=count)] if len(bright) else ():
        _add_ball(case, labels, place, rng.uniform(2.0, 5.0), int(rng.choice([NET, ED])))
    return labels


def _add_ball(case: DemoCase, labels: Labels, place: NDArray[np.int64], radius: float, label: int) -> None:
    low = np.maximum(np.floor(place - radius / case.spacing), 0).astype(int)
    high = np.minimum(np.ceil(place + radius / case.spacing) + 1, labels.shape).astype(int)
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    grid = np.ogrid[box]
    away = sum(((g - c) * d) ** 2 for g, c, d in zip(grid, place, case.spacing, strict=True))
    labels[box][(away < radius**2) & case.brain[box] & (labels[box] == 0)] = label


def _elsewhere(outlines: Outlines, rng: np.random.Generator) -> Labels:
    """A confident blob in a ventricle, far from the lesion."""
    case = outlines.case
    labels = np.zeros_like(case.truth)
    away = np.argwhere(case.ventricles) - np.argwhere(case.truth > 0).mean(axis=0)
    far = np.argwhere(case.ventricles)[np.argsort(-np.linalg.norm(away * case.spacing, axis=1))[:50]]
    place = far[rng.integers(len(far))]
    for radius, label in ((11.0, NET), (5.0, ET)):
        offset = np.rint(rng.normal(0, 3.0, 3) / case.spacing).astype(int)
        _add_ball(case, labels, np.clip(place + offset, 0, np.array(labels.shape) - 1), radius, label)
    return labels
