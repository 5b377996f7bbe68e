"""What a pair of masks costs: median and total CPU of 300 full-size pairs, and the ratio to MONAI if it is installed.

    PYTHONPATH=. python benchmarks/metrics.py [--pairs 300] [--rounds 5]

CPU is that of the whole process, so threads save nothing. Against MONAI both take turns on the same masks, in rotating
order, and their numbers are compared first: a difference ends the run with exit code 1.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from segmentation.geometry import Grid
from segmentation.metrics import DEFAULT_METRICS, measure_pair

Mask = NDArray[np.bool_]
Numbers = tuple[float, ...]
SHAPE = (240, 240, 155)
ISOTROPIC, THICK = (1.0, 1.0, 1.0), (1.0, 1.0, 5.0)
THREE = ("dsc", "hd95_max_directed", "nsd_voxel")
TARGET_MEDIAN_MS, TARGET_TOTAL_S, TARGET_RATIO = 25, 8, 12


@dataclass(frozen=True)
class Scene:
    """Two masks on one grid."""

    title: str
    prediction: Mask
    reference: Mask
    spacing: tuple[float, float, float] = ISOTROPIC

    @property
    def grid(self) -> Grid:
        return Grid(SHAPE, np.diag([*self.spacing, 1]))


def main() -> int:
    """Print the tables; return 1 if a number differs from MONAI's."""
    parser = argparse.ArgumentParser(description="CPU of the metric engine, alone and against MONAI.")
    parser.add_argument("--pairs", type=int, default=300, help="pairs of tumour size (default 300)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds against MONAI (default 5)")
    asked = parser.parse_args()
    print(f"Masks of {'×'.join(map(str, SHAPE))} voxels; CPU of the whole process.\n")
    many_pairs(asked.pairs)
    return against_monai(asked.rounds)


def many_pairs(n: int) -> None:
    """Print median and total of pairs whose volumes spread like those of tumours (median 30 mL)."""
    times: dict[str, list[float]] = {"Dice + HD95 + NSD": [], f"all {len(DEFAULT_METRICS)} definitions": []}
    for scene in tumours(n):
        for title, metrics in zip(times, (THREE, DEFAULT_METRICS), strict=True):
            times[title].append(
                cpu(lambda m=metrics, s=scene: measure_pair(s.prediction, s.reference, s.grid, metrics=m))
            )
    print(f"{n} pairs, volumes lognormal with median 30 mL and σ 0.9, one in four of several lesions")
    for title, seconds in times.items():
        ms = [1000 * s for s in seconds]
        print(
            f"  {title:22} median {median(ms):6.1f} ms   90 % below {np.percentile(ms, 90):6.1f} ms   "
            f"total {sum(seconds):5.2f} s"
        )
    print(f"  target                 median ≤ {TARGET_MEDIAN_MS} ms, 300 pairs ≤ {TARGET_TOTAL_S} s\n")


def against_monai(rounds: int) -> int:
    """Print each scene's CPU, ours and MONAI's; return 1 if their numbers differ."""
    theirs = monai_numbers()
    if theirs is None:
        print("Skipped: MONAI is not installed here, so there is no ratio to it (pip install torch monai).")
        for scene in scenes():
            ms = [1000 * cpu(lambda s=scene: our_numbers(s)) for _ in range(rounds)]
            print(f"  {scene.title:28} {median(ms):7.1f} ms")
        return 0
    print(f"Dice + HD95 + NSD at 1 mm, {rounds} rounds in turn\n{'':30}{'ours':>8} {'MONAI':>9} {'ratio':>6}")
    pairs: list[tuple[float, float]] = []
    for scene in scenes():
        ours, other = our_numbers(scene), theirs(scene)
        # MONAI interpolates percentiles in single precision, so HD95 of its distances taken in double is compared too.
        if not (np.allclose(ours, other, rtol=1e-5) and np.isclose(ours[1], in_double(scene), rtol=1e-6)):
            print(f"{scene.title}: the numbers differ, ours {ours}, MONAI's {other}")
            return 1
        pairs.append(in_turn(scene, theirs, rounds))
    ratios = [other / ours for ours, other in pairs]
    total = sum(other for _, other in pairs) / sum(ours for ours, _ in pairs)
    print(f"  ratio: median {median(ratios):.1f}, lowest {min(ratios):.1f}, of the sums {total:.1f}")
    print(f"  target ≥ {TARGET_RATIO}")
    print("  Numbers equal: 1e-6 in double precision, 1e-5 against what MONAI prints (its percentiles are single).")
    return 0


def in_turn(scene: Scene, theirs: Callable[[Scene], Numbers], rounds: int) -> tuple[float, float]:
    """Print and return our CPU and MONAI's, ms."""
    seconds: dict[str, list[float]] = {"ours": [], "MONAI": []}
    for i in range(rounds):
        contenders = [("ours", our_numbers), ("MONAI", theirs)]
        for title, numbers in contenders[i % 2 :] + contenders[: i % 2]:
            seconds[title].append(cpu(lambda numbers=numbers: numbers(scene)))
    ours, other = (1000 * median(seconds[title]) for title in ("ours", "MONAI"))
    print(f"  {scene.title:28}{ours:6.1f} ms {other:6.1f} ms {other / ours:6.1f}")
    return ours, other


def our_numbers(scene: Scene) -> Numbers:
    """Return Dice, HD95 and NSD."""
    found = measure_pair(scene.prediction, scene.reference, scene.grid, metrics=THREE, tolerance_mm=1.0)
    return tuple(found[metric].value for metric in THREE)


def monai_numbers() -> Callable[[Scene], Numbers] | None:
    """Return a function that gives the same three numbers by MONAI, or None where it is not installed."""
    try:
        import torch
        from monai.metrics import compute_dice, compute_hausdorff_distance, compute_surface_dice
    except ImportError:
        return None
    torch.set_num_threads(1)

    def numbers(scene: Scene) -> Numbers:
        p, r = (torch.from_numpy(mask)[None, None] for mask in (scene.prediction, scene.reference))
        where = {"include_background": True, "spacing": scene.spacing}
        return (
            compute_dice(p, r, include_background=True).item(),
            compute_hausdorff_distance(p, r, percentile=95, **where).item(),
            compute_surface_dice(p, r, class_thresholds=[1.0], **where).item(),
        )

    return numbers


def in_double(scene: Scene) -> float:
    """Return HD95 from MONAI's own surface distances, its percentiles in double precision."""
    import torch
    from monai.metrics.utils import get_edge_surface_distance

    p, r = (torch.from_numpy(mask) for mask in (scene.prediction, scene.reference))
    _, distances, _ = get_edge_surface_distance(p, r, spacing=scene.spacing, symmetric=True)
    return float(max(np.percentile(directed.double().numpy(), 95) for directed in distances))


def scenes() -> Iterator[Scene]:
    """Yield the pairs of the comparison."""
    middle = np.array([110.0, 120, 80])
    yield Scene("small, radius 5", lesion([middle], [5], 1), lesion([middle + 1], [5], 2))
    yield Scene("medium, radius 20", lesion([middle], [20], 1), lesion([middle + 2], [20], 2))
    yield Scene("large, radius 60", lesion([middle], [60], 1), lesion([middle + 2], [60], 2))
    centres = np.random.default_rng(5).uniform([30, 30, 20], [200, 200, 130], (12, 3))
    radii = np.linspace(2, 9, 12)
    yield Scene("twelve lesions", lesion(centres, radii, 1), lesion(centres + 1, radii, 2))
    yield Scene("medium, 1×1×5 mm", lesion([middle], [20], 1, THICK), lesion([middle + 1], [20], 2, THICK), THICK)
    edge = np.array([0.0, 120, 4])
    yield Scene("at the border, radius 15", lesion([edge], [15], 1), lesion([edge + 2], [15], 2))


def tumours(n: int, seed: int = 1) -> Iterator[Scene]:
    """Yield pairs drawn by two imagined readers: the same lesions with other bumps, moved by about a millimetre."""
    rng = np.random.default_rng(seed)
    for i in range(n):
        parts = int(rng.integers(2, 7)) if i % 4 == 3 else 1
        volume_mm3 = 30_000 * np.exp(0.9 * rng.normal()) / parts
        radii = np.full(parts, min((volume_mm3 * 3 / (4 * np.pi)) ** (1 / 3), 60.0))
        centres = rng.uniform([60, 60, 50], [180, 180, 105], (parts, 3))
        moved = centres + rng.normal(size=(parts, 3))
        yield Scene(f"tumour {i}", lesion(centres, radii, 2 * i), lesion(moved, radii, 2 * i + 1))


def lesion(centres, radii, seed: int, spacing: tuple[float, float, float] = ISOTROPIC) -> Mask:
    """Return balls with bumps, as a mask; centres in voxels, radii in mm."""
    rng = np.random.default_rng(seed)
    mask = np.zeros(SHAPE, dtype=np.bool_)
    for centre, radius in zip(centres, radii, strict=True):
        add_ball(mask, centre, radius, spacing)
        for direction in rng.normal(size=(10, 3)):
            offset = direction / np.linalg.norm(direction) * radius * 0.95 / np.array(spacing)
            add_ball(mask, centre + offset, radius * 0.35, spacing)
    return mask


def add_ball(mask: Mask, centre: NDArray[np.float64], radius: float, spacing: tuple[float, float, float]) -> None:
    """Add a ball to a mask in place."""
    low = [max(int(c - radius / s) - 1, 0) for c, s in zip(centre, spacing, strict=True)]
    high = [min(int(c + radius / s) + 2, n) for c, s, n in zip(centre, spacing, SHAPE, strict=True)]
    if any(a >= b for a, b in zip(low, high, strict=True)):
        return
    grid = np.ogrid[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    square = sum(((x - c) * s) ** 2 for x, c, s in zip(grid, centre, spacing, strict=True))
    mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] |= square <= radius**2


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a call."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    sys.exit(main())
