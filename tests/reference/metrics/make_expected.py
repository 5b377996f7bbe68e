"""Writes expected.json: the values that other people's software gives for the scenes of the metric tests.

Run by hand, in an environment of its own (README.md); no test runs it. Nothing of Blindread's metrics is imported.
"""

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import SimpleITK as sitk
import surface_distance as deepmind
import torch
from metric_scenes import SCENES, scene_masks
from monai import metrics as monai
from monai.metrics.utils import get_edge_surface_distance
from scipy import ndimage
from scipy.spatial.distance import cdist

warnings.filterwarnings("ignore")
PACKAGES = ("monai", "torch", "surface-distance-based-measures", "SimpleITK", "numpy", "scipy")


def expected(name):
    """Return the values of every program for one scene."""
    prediction, reference = scene_masks(name)
    spacing, tolerance = SCENES[name]["spacing"], SCENES[name]["tolerance"]
    arguments = prediction, reference, spacing, tolerance
    return {
        "voxels": [int(prediction.sum()), int(reference.sum())],
        "tolerance_mm": tolerance,
        "monai": by_monai(*arguments),
        "deepmind": by_deepmind(*arguments),
        "simpleitk": by_simpleitk(prediction, reference),
        "brute_force": by_brute_force(*arguments),
        "brats2023": by_lesions(prediction, reference, spacing, 3, 50),
        "brats2023_men": by_lesions(prediction, reference, spacing, 1, 50),
        "brats2023_met": by_lesions(prediction, reference, spacing, 1, 2),
    }


def by_monai(prediction, reference, spacing, tolerance):
    p, r = (torch.from_numpy(mask)[None, None] for mask in (prediction, reference))
    confusion = monai.get_confusion_matrix(p.float(), r.float(), include_background=True)
    hausdorff = {"include_background": True, "spacing": spacing}
    surface = {"class_thresholds": [tolerance], "include_background": True, "spacing": spacing}
    _, (forward, backward), _ = get_edge_surface_distance(
        p[0, 0], r[0, 0], spacing=spacing, symmetric=True, use_subvoxels=False
    )
    return {
        "dsc": monai.compute_dice(p, r, include_background=True, ignore_empty=False).item(),
        "sensitivity": monai.compute_confusion_matrix_metric("sensitivity", confusion).item(),
        "precision": monai.compute_confusion_matrix_metric("precision", confusion).item(),
        "hd": monai.compute_hausdorff_distance(p, r, **hausdorff).item(),
        "hd95_max_directed": monai.compute_hausdorff_distance(p, r, percentile=95, **hausdorff).item(),
        "nsd_voxel": monai.compute_surface_dice(p, r, **surface).item(),
        "nsd_area": monai.compute_surface_dice(p, r, use_subvoxels=True, **surface).item(),
        "assd": monai.compute_average_surface_distance(p, r, symmetric=True, **hausdorff).item(),
        "masd": float((forward.double().mean() + backward.double().mean()) / 2),
        "hd95_pooled": float(np.percentile(torch.cat([forward, backward]).double().numpy(), 95)),
    }


def by_deepmind(prediction, reference, spacing, tolerance):
    found = deepmind.compute_surface_distances(reference, prediction, spacing)
    return {
        "dsc": float(deepmind.compute_dice_coefficient(reference, prediction)),
        "hd95_area": float(deepmind.compute_robust_hausdorff(found, 95)),
        # 3 × 0.4 is a little more than 1.2 in double precision: without the nanometre, surfaces exactly at the
        # tolerance would fall out (0.6881 instead of 0.7804 in "odd spacing").
        "nsd_area": float(deepmind.compute_surface_dice_at_tolerance(found, tolerance + 1e-6)),
    }


def by_simpleitk(prediction, reference):
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    overlap.Execute(*(sitk.GetImageFromArray(mask.astype("u1")) for mask in (prediction, reference)))
    # Its "volume similarity" is 2 (source − target) / (source + target); errors are relative to the second image.
    return {
        "dsc": overlap.GetDiceCoefficient(),
        "volume_similarity": 1 - abs(overlap.GetVolumeSimilarity()) / 2,
        "sensitivity": 1 - overlap.GetFalseNegativeError(),
    }


def surface_by_definition(mask):
    """Voxels of the mask with a face neighbour outside it, found by looking at each voxel's six neighbours."""
    wide = np.pad(mask, 1)
    return np.array([
        (x, y, z)
        for x, y, z in np.argwhere(mask)
        if not all(
            wide[x + 1 + i, y + 1 + j, z + 1 + k]
            for i, j, k in ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))
        )
    ])  # fmt: skip


def by_brute_force(prediction, reference, spacing, tolerance):
    """Every surface voxel against every other, in double precision."""
    p, r = (surface_by_definition(mask) * np.array(spacing) for mask in (prediction, reference))
    between = cdist(p, r)
    forward, backward = between.min(axis=1), between.min(axis=0)
    pooled = np.concatenate([forward, backward])
    return {
        "hd": float(pooled.max()),
        "hd95_max_directed": float(max(np.percentile(forward, 95), np.percentile(backward, 95))),
        "hd95_pooled": float(np.percentile(pooled, 95)),
        "assd": float(pooled.mean()),
        "masd": float((forward.mean() + backward.mean()) / 2),
        "nsd_voxel": float(np.mean(pooled <= tolerance + 1e-9)),
    }


def by_lesions(prediction, reference, spacing, dilations, ignored_mm3):
    """The published procedure, step by step on the whole volume, with DeepMind's HD95."""
    steps, joined = ndimage.generate_binary_structure(3, 2), np.ones((3, 3, 3))
    parts, n_parts = ndimage.label(prediction, joined)
    grown, n_lesions = ndimage.label(ndimage.binary_dilation(reference, steps, dilations), joined)
    dices, distances, matched, missed = [], [], set(), 0
    for number in range(1, n_lesions + 1):
        lesion = reference & (grown == number)
        near = ndimage.binary_dilation(lesion, steps, dilations)
        touching = set(np.unique(parts[near])) - {0}
        matched |= touching
        if lesion.sum() * np.prod(spacing) <= ignored_mm3:
            continue
        found = np.isin(parts, list(touching))
        missed += not touching
        dices.append(2 * (found & lesion).sum() / (found.sum() + lesion.sum()))
        distances.append(robust(lesion, found, spacing) if touching else 374.0)
    false_parts = n_parts - len(matched)
    n = len(dices) + false_parts
    return {
        "lesion_dsc": float(sum(dices) / n) if n else 1.0,
        "lesion_hd95": float((sum(distances) + 374 * false_parts) / n) if n else 0.0,
        "lesions": n_lesions, "missed": missed, "false_parts": false_parts,
    }  # fmt: skip


def robust(reference, prediction, spacing):
    return deepmind.compute_robust_hausdorff(deepmind.compute_surface_distances(reference, prediction, spacing), 95)


def main():
    """Write the file beside this one."""
    written = {"versions": {name: version(name) for name in PACKAGES}, "scenes": {n: expected(n) for n in SCENES}}
    path = Path(__file__).with_name("expected.json")
    path.write_text(json.dumps(written, indent=1) + "\n")


if __name__ == "__main__":
    main()
