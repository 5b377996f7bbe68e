"""Write the golden file of the drawing tools with numpy, scipy and SimpleITK.

Run ``python frontend/tests/golden/make_edit_golden.py``; the result, edit.json, is committed beside this script.
Nothing here knows of the TypeScript: floods and islands come from ``scipy.ndimage.label``, holes from
``binary_fill_holes``, margins, closing and opening from ``binary_dilation`` and ``binary_erosion`` with a ball in
millimetres, smoothing from ``median_filter`` and ``gaussian_filter``, interpolation from ``distance_transform_edt``,
region growing from ``SimpleITK.ConfidenceConnected``, grow from seeds from ``scipy.sparse.csgraph.dijkstra``, polygons
from the sum of the angles under which a point sees the sides, brushes from a ``cKDTree`` of points along the way.

Each case holds the tool's parameters, numbers of the arrays it starts from, and what the tool adds to the labels
(modulo 256); arrays are base64 of gzip, x fastest.
"""

from __future__ import annotations

import base64
import gzip
import itertools
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

HERE = Path(__file__).parent
PLANE_AXES = {"axial": (0, 1, 2), "coronal": (0, 2, 1), "sagittal": (1, 2, 0)}
RNG = np.random.default_rng(20260704)
SPACINGS = [(1.0, 1.0, 1.0), (0.5, 0.75, 2.5), (2.0, 0.5, 1.25)]
ARRAYS: list[str] = []
Case = dict[str, Any]


def pack(array: np.ndarray) -> str:
    """Return the array as base64 of gzip, x fastest."""
    return base64.b64encode(gzip.compress(array.ravel(order="F").tobytes(), 9, mtime=0)).decode()


def kept(array: np.ndarray) -> int:
    """Return the number under which the array is stored, once however often it is used."""
    packed = pack(array)
    if packed not in ARRAYS:
        ARRAYS.append(packed)
    return ARRAYS.index(packed)


def blobs(shape: tuple[int, ...], share: float = 0.3, sigma: float = 1.2) -> np.ndarray:
    """Return smooth random shapes that fill about this share of the grid."""
    noise = ndimage.gaussian_filter(RNG.normal(size=shape), sigma)
    return np.asarray(noise > np.quantile(noise, 1 - share))


def drawn_volume(shape: tuple[int, ...] = (23, 19, 14)) -> np.ndarray:
    """Return a volume with labels 1, 2 and 3 in irregular shapes, islands and holes."""
    out = np.zeros(shape, np.uint8)
    for label, share in ((1, 0.35), (2, 0.15), (3, 0.08)):
        out[blobs(shape, share)] = label
    return out


def drawn_image(shape: tuple[int, ...] = (23, 19, 14)) -> np.ndarray:
    """Return smooth integer values from about -300 to 300."""
    return np.rint(ndimage.gaussian_filter(RNG.normal(size=shape), 1.5) * 900).astype(np.int16)


VOLUMES = itertools.cycle([drawn_volume() for _ in range(5)])
IMAGES = itertools.cycle([drawn_image() for _ in range(3)])


def labels() -> np.ndarray:
    """Return a copy of the next of a few volumes, to keep the file small."""
    return next(VOLUMES).copy()


def image() -> np.ndarray:
    """Return the next of a few images."""
    return next(IMAGES)


def case(tool: str, before: np.ndarray, after: np.ndarray, spacing: Any, **more: Any) -> Case:
    """Return one case; ``image`` and ``other`` are stored apart."""
    stored = {key: kept(more.pop(key)) for key in ("image", "other") if key in more}
    change = pack(after.astype(np.uint8) - before)
    grid = {"dims": before.shape, "spacing": spacing, "before": kept(before)}
    return {"tool": tool, **grid, **stored, "with": more, "change": change}


def painted(before: np.ndarray, mask: np.ndarray, label: int) -> np.ndarray:
    """Return the labels with a mask painted."""
    return np.where(mask, label, before).astype(np.uint8)


def swept(shape: Any, spacing: Any, start: Any, end: Any, diameter: float, flat: int | None) -> np.ndarray | None:
    """Return the voxels within the radius of points along the way and the ends; None if one lies on the edge."""
    steps = np.linspace(0, 1, 4001)[:, None]
    way = (np.asarray(start) + steps * (np.asarray(end) - np.asarray(start))) * spacing
    grid = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), -1)
    far = cKDTree(way).query(grid.reshape(-1, 3) * np.asarray(spacing))[0].reshape(shape)
    if flat is not None:
        keep = np.zeros(shape, bool)
        keep[tuple(end[flat] if a == flat else slice(None) for a in range(3))] = True
        far = np.where(keep, far, np.inf)
    if np.any(np.abs(far - diameter / 2) < 2e-5):
        return None
    mask = far < diameter / 2
    for point in (start, end):
        mask[tuple(np.floor(np.asarray(point) + 0.5).astype(int))] = True
    return mask


def brushes() -> list[Case]:
    """Return discs and spheres pressed and swept."""
    out = []
    point = (11.2, 9.3, 7.1)
    ways = [((7.3, 6.1, 5.2), (16.4, 12.7, 8.6)), (point, point), ((2.1, 16.2, 1.3), (20.3, 3.4, 12.1))]
    for spacing in SPACINGS:
        for start, end in ways:
            for diameter in (0.61, 3.23, 6.07):
                before = labels()
                mask = swept(before.shape, spacing, start, end, diameter, None)
                if mask is not None:
                    after = painted(before, mask, 4)
                    out.append(case("sphere", before, after, spacing, start=start, end=end, mm=diameter))
                for plane, (_, _, n) in PLANE_AXES.items():
                    a, b = [list(p) for p in (start, end)]
                    a[n] = b[n] = round(b[n])
                    mask = swept(before.shape, spacing, a, b, diameter, n)
                    if mask is None:
                        continue
                    known = {"start": start, "end": end, "mm": diameter, "plane": plane}
                    out.append(case("disc", before, painted(before, mask, 4), spacing, **known))
    return out


def policies() -> list[Case]:
    """Return a painted box under every overwrite policy, with label 3 locked; and the erasers; and threshold paint."""
    out, box = [], np.zeros((23, 19, 14), bool)
    box[3:18, 4:15, 2:11] = True
    for over, may in (("all", [0, 1, 2]), ("background", [0]), ("label", [2]), ("unlocked", [0, 1, 2])):
        before = labels()
        after = painted(before, box & np.isin(before, may), 1)
        out.append(case("policy", before, after, SPACINGS[0], over=over, label=2))
    for label, may in ((1, [1]), ("any", [1, 2]), (3, [])):
        before = labels()
        out.append(case("eraser", before, painted(before, box & np.isin(before, may), 0), SPACINGS[0], label=label))
    before, values = labels(), image()
    mask = box & (values >= -40) & (values <= 90)
    out.append(case("threshold", before, painted(before, mask, 4), SPACINGS[0], image=values, range=[-40, 90]))
    return out


def component(mask: np.ndarray, seed: Any, rank: int) -> np.ndarray:
    """Return the part of the mask that hangs together with the seed."""
    found, _ = ndimage.label(mask, ndimage.generate_binary_structure(mask.ndim, rank))
    return found == found[tuple(seed)]


def near(shape: Any, seed: Any, spacing: Any, mm: float) -> np.ndarray:
    """Return the voxels within a distance of the seed."""
    away = np.ones(shape, bool)
    away[tuple(seed)] = False
    return np.asarray(ndimage.distance_transform_edt(away, sampling=spacing) <= mm)


def floods() -> list[Case]:
    """Return 2D and 3D floods with each connectivity, with and without a cap."""
    out = []
    for spacing in SPACINGS:
        for rank, connectivity in ((1, 6), (2, 18), (3, 26)):
            for cap in (None, 5.3):
                before, values, seed = labels(), image(), [11, 9, 7]
                fits = np.abs(values.astype(int) - int(values[tuple(seed)])) <= 70
                if cap is not None:
                    fits &= near(before.shape, seed, spacing, cap)
                known = {"image": values, "seed": seed, "tolerance": 70, "connectivity": connectivity, "cap": cap}
                out.append(case("flood", before, painted(before, component(fits, seed, rank), 4), spacing, **known))
                for plane, (_, _, n) in PLANE_AXES.items():
                    mask = np.zeros(before.shape, bool)
                    here = tuple(seed[n] if a == n else slice(None) for a in range(3))
                    mask[here] = component(fits[here], [s for a, s in enumerate(seed) if a != n], min(rank, 2))
                    out.append(case("flood", before, painted(before, mask, 4), spacing, **known, plane=plane))
    return out


def grown() -> list[Case]:
    """Return regions grown by confidence."""
    out = []
    for multiplier in (1.5, 2.5):
        for iterations in (0, 1, 4):
            before, values, seed = np.zeros((23, 19, 14), np.uint8), image(), [11, 9, 7]
            picture = sitk.GetImageFromArray(values.transpose(2, 1, 0).astype(np.float64))
            found = sitk.ConfidenceConnected(picture, [seed], iterations, multiplier, 1, 1)
            mask = sitk.GetArrayFromImage(found).transpose(2, 1, 0) == 1
            out.append(
                case(
                    "grow",
                    before,
                    painted(before, mask, 1),
                    SPACINGS[0],
                    image=values,
                    seed=seed,
                    multiplier=multiplier,
                    iterations=iterations,
                    radius=1,
                )
            )
    return out


def seeded_distance(values: np.ndarray, spacing: Any, seeds: np.ndarray, sensitivity: int, window: Any) -> np.ndarray:
    """Return the cheapest cost from any seed to every voxel, faces connecting."""
    level = (np.clip(values, *window) - window[0]) * (sensitivity / (window[1] - window[0]))
    index = np.arange(values.size).reshape(values.shape)
    rows, columns, costs = [], [], []
    for axis in range(3):
        one, two = [np.take(index, range(i, index.shape[axis] - 1 + i), axis) for i in (0, 1)]
        step = int(np.floor(8 * spacing[axis] / min(spacing) + 0.5))
        change = np.floor(np.abs(level.ravel()[one] - level.ravel()[two]) + 0.5)
        rows.append(one.ravel())
        columns.append(two.ravel())
        costs.append((step + change).ravel())
    graph = coo_matrix((np.concatenate(costs), (np.concatenate(rows), np.concatenate(columns))), (index.size,) * 2)
    found = dijkstra(graph.tocsr(), directed=False, indices=index[seeds], min_only=True)
    return np.asarray(found).reshape(values.shape)


def growcuts() -> list[Case]:
    """Return labels grown from seeds in a box."""
    out = []
    for spacing in SPACINGS:
        for sensitivity in (1, 100, 1000):
            before, values, window = np.zeros((23, 19, 14), np.uint8), image(), (-300, 300)
            for label in (1, 2, 3):
                for x, y, z in RNG.integers((3, 3, 2), (20, 16, 12), (4, 3)):
                    before[x, y, z] = label
            inner = (slice(2, 21), slice(1, 18), slice(1, 13))
            seeds, cut = before[inner], values[inner]
            far = np.stack([seeded_distance(cut, spacing, seeds == k, sensitivity, window) for k in (1, 2, 3)])
            after = before.copy()
            after[inner] = np.argmin(far, 0) + 1
            after[after == 3] = 0
            out.append(
                case(
                    "growcut",
                    before,
                    after,
                    spacing,
                    image=values,
                    low=[2, 1, 1],
                    high=[21, 18, 13],
                    sensitivity=sensitivity,
                    window=window,
                    background=3,
                )
            )
    return out


def winding(points: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return how often a closed line turns around each point, by summing angles."""
    spokes = points[None] - at[:, None]
    angle = np.arctan2(spokes[..., 1], spokes[..., 0])
    turns = np.diff(np.concatenate([angle, angle[:, :1]], 1), axis=1)
    return np.rint(np.sum((turns + np.pi) % (2 * np.pi) - np.pi, axis=1) / (2 * np.pi)).astype(int)


def on_sheet(before: np.ndarray, n: int, mask: np.ndarray) -> np.ndarray:
    """Return the labels with a flat mask painted on slice 5 across axis n."""
    full = np.zeros(before.shape, bool)
    here = full[tuple(5 if a == n else slice(None) for a in range(3))]
    here[...] = mask.reshape(here.shape)
    return painted(before, full, 4)


def shapes() -> list[Case]:
    """Return polygons, self-crossing lines, rectangles and ellipses in every plane."""
    out = []
    for plane, (u, v, n) in PLANE_AXES.items():
        before = labels()
        wide, high = before.shape[u], before.shape[v]
        grid = np.stack(np.meshgrid(np.arange(wide), np.arange(high), indexing="ij"), -1).reshape(-1, 2)
        sheet = partial(on_sheet, before, n)
        for _ in range(4):
            turn = np.sort(RNG.uniform(0, 2 * np.pi, 11))
            far = RNG.uniform(0.15, 0.6, 11)[:, None]
            points = np.stack([np.cos(turn), np.sin(turn)], 1) * far * (wide, high) + (wide / 2.1, high / 2.2)
            inside = winding(points, grid.astype(float)) != 0
            known = {"plane": plane, "points": points.tolist()}
            out.append(case("polygon", before, sheet(inside), SPACINGS[0], **known, rule="evenodd"))
            tangled = RNG.permutation(points)
            turns = winding(tangled, grid.astype(float))
            known = {"plane": plane, "points": tangled.tolist()}
            out.append(case("polygon", before, sheet(turns != 0), SPACINGS[0], **known, rule="nonzero"))
            out.append(case("polygon", before, sheet(turns % 2 != 0), SPACINGS[0], **known, rule="evenodd"))
        a, b = np.array([2.4, 11.3]), np.array([wide - 3.2, 3.0])
        low, top = np.minimum(a, b), np.maximum(a, b)
        out.append(
            case(
                "rectangle",
                before,
                sheet(np.all((grid >= low) & (grid <= top), 1)),
                SPACINGS[0],
                plane=plane,
                a=a.tolist(),
                b=b.tolist(),
            )
        )
        round_ = np.sum(((grid - (low + top) / 2) / ((top - low) / 2)) ** 2, 1) <= 1
        out.append(case("ellipse", before, sheet(round_), SPACINGS[0], plane=plane, a=a.tolist(), b=b.tolist()))
    return out


def signed(mask: np.ndarray, spacing: Any) -> np.ndarray:
    """Return the distance in mm to the other side, positive inside."""
    inside = ndimage.distance_transform_edt(mask, sampling=spacing)
    return np.asarray(inside - ndimage.distance_transform_edt(~mask, sampling=spacing))


def interpolations() -> list[Case]:
    """Return two labels drawn on some slices, with the slices between filled."""
    out = []
    for spacing in SPACINGS:
        for plane, (_, _, n) in PLANE_AXES.items():
            before = np.zeros((23, 19, 14), np.uint8)
            drawn = {1: (1, 5, 6, 11), 2: (1, 9)}
            for slices in drawn.values():
                for at in slices:
                    before[tuple(at if a == n else slice(None) for a in range(3))] = 0
            for label, slices in drawn.items():
                for at in slices:
                    sheet = np.moveaxis(before, n, 0)[at]
                    sheet[blobs(sheet.shape, 0.2, 2.0) & (sheet == 0)] = label
            out.append(case("interpolate", before, blended(before, drawn, n, spacing), spacing, plane=plane))
    return out


def blended(before: np.ndarray, drawn: dict[int, Any], n: int, spacing: Any) -> np.ndarray:
    """Return the gaps filled: the deepest positive blend of the neighbours' signed distances wins."""
    stack = np.moveaxis(before, n, 0)
    flat = [s for a, s in enumerate(spacing) if a != n]
    depth = np.zeros((3, *stack.shape))
    for label, slices in drawn.items():
        for a, b in itertools.pairwise(slices):
            one, two = signed(stack[a] == label, flat), signed(stack[b] == label, flat)
            for at in range(a + 1, b):
                t = (at - a) / (b - a)
                depth[label, at] = (1 - t) * one + t * two
    best = np.argmax(depth, 0)
    return np.moveaxis(np.where((stack == 0) & (depth.max(0) > 0), best, stack), 0, n)


def slices() -> list[Case]:
    """Return slices copied, whole and by label, and cleared."""
    out = []
    for plane, (_, _, n) in PLANE_AXES.items():
        before = labels()
        source, target = [tuple(at if a == n else slice(None) for a in range(3)) for at in (6, 7)]
        whole, one, clear = before.copy(), before.copy(), before.copy()
        whole[target] = before[source]
        one[target] = np.where(before[target] == 2, 0, before[target])
        one[target] = np.where(before[source] == 2, 2, one[target])
        clear[target] = 0
        out.append(case("copy", before, whole, SPACINGS[0], plane=plane))
        out.append(case("copy", before, one, SPACINGS[0], plane=plane, label=2))
        out.append(case("clear", before, clear, SPACINGS[0], plane=plane))
    return out


def islands() -> list[Case]:
    """Return islands kept and removed, and holes filled."""
    out = []
    for rank, connectivity in ((1, 6), (2, 18), (3, 26)):
        before = labels()
        found, count = ndimage.label(before == 1, ndimage.generate_binary_structure(3, rank))
        sizes = np.bincount(found.ravel(), minlength=count + 1)[1:]
        known = {"label": 1, "connectivity": connectivity}
        small = np.isin(found, 1 + np.flatnonzero(sizes * 0.9375 < 20))
        others = (found > 0) & (found != 1 + np.argmax(sizes))
        out.append(case("largest", before, painted(before, others, 0), SPACINGS[1], **known))
        out.append(case("small", before, painted(before, small, 0), SPACINGS[1], **known, mm3=20))
        seed = [int(i) for i in np.argwhere(found == int(RNG.integers(1, count + 1)))[0]]
        here = found == found[tuple(seed)]
        rest = (found > 0) & ~here
        out.append(case("click", before, painted(before, here, 0), SPACINGS[1], **known, seed=seed, others=False))
        out.append(case("click", before, painted(before, rest, 0), SPACINGS[1], **known, seed=seed, others=True))
    before = labels()
    full = ndimage.binary_fill_holes(before == 1) & (before != 1)
    hollow = painted(before, blobs(before.shape, 0.75), 1)
    whole = ndimage.binary_fill_holes(hollow == 1)
    out.append(case("holes", before, painted(before, full, 1), SPACINGS[0], label=1))
    out.append(case("holes", hollow, painted(hollow, whole, 1), SPACINGS[0], label=1))
    for plane, (_, _, n) in PLANE_AXES.items():
        stack = np.moveaxis(hollow, n, 0)
        filled = np.stack([ndimage.binary_fill_holes(sheet == 1) for sheet in stack])
        after = painted(hollow, np.moveaxis(filled, 0, n), 1)
        out.append(case("holes", hollow, after, SPACINGS[0], label=1, plane=plane))
    return out


def ball(mm: float, spacing: Any) -> np.ndarray:
    """Return the offsets within a distance as a structuring element."""
    half = [int(mm // s) + 1 for s in spacing]
    grid = np.meshgrid(*[np.arange(-h, h + 1) * s for h, s in zip(half, spacing, strict=True)], indexing="ij")
    return np.asarray(sum(axis**2 for axis in grid) <= mm * mm + 1e-9)


def reshaped(before: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return label 1 in a new shape; what it leaves becomes background."""
    return painted(np.where(before == 1, 0, before), mask, 1)


def smoothed() -> list[Case]:
    """Return margins, closing, opening, median and Gaussian smoothing of label 1."""
    out = []
    for spacing in SPACINGS:
        before = labels()
        mask = before == 1
        for mm in (1.0, 2.6):
            disc = ball(mm, spacing)
            wide, thin = ndimage.binary_dilation(mask, disc), ndimage.binary_erosion(mask, disc, border_value=1)
            out.append(case("margin", before, reshaped(before, wide), spacing, mm=mm))
            out.append(case("margin", before, reshaped(before, thin), spacing, mm=-mm))
            closed = ndimage.binary_erosion(wide, disc, border_value=1)
            out.append(case("closing", before, reshaped(before, closed), spacing, mm=mm))
            out.append(case("opening", before, reshaped(before, ndimage.binary_dilation(thin, disc)), spacing, mm=mm))
            field = ndimage.gaussian_filter(signed(mask, spacing), [mm / s for s in spacing], mode="nearest")
            if np.min(np.abs(field)) < 1e-9:
                raise ValueError("a voxel lies on the smoothed outline; choose another seed")
            out.append(case("gaussian", before, reshaped(before, field > 0), spacing, mm=mm))
        for radius in (1, 2):
            most = ndimage.median_filter(mask.astype(np.uint8), 2 * radius + 1, mode="constant") == 1
            out.append(case("median", before, reshaped(before, most), spacing, radius=radius))
    return out


def booleans() -> list[Case]:
    """Return label 1 combined with label 2 of another volume."""
    out = []
    for operation in ("add", "subtract", "intersect", "replace"):
        before, other = labels(), labels()
        a, b = before == 1, other == 2
        mask = {"add": a | b, "subtract": a & ~b, "intersect": a & b, "replace": b}[operation]
        out.append(case("combine", before, reshaped(before, mask), SPACINGS[0], other=other, operation=operation))
    return out


def main() -> None:
    """Write edit.json."""
    makers = (brushes, policies, floods, grown, growcuts, shapes, interpolations, slices, islands, smoothed, booleans)
    cases = [one for maker in makers for one in maker()]
    rows = [",\n".join(json.dumps(one) for one in part) for part in (ARRAYS, cases)]
    (HERE / "edit.json").write_text('{"arrays": [\n' + rows[0] + '\n],\n"cases": [\n' + rows[1] + "\n]}\n")


if __name__ == "__main__":
    main()
