"""Every measure against the values that other programs give (tests/reference/metrics/README.md says how)."""

import json
from pathlib import Path

import numpy as np
import pytest
from metric_scenes import SCENES, scene_masks

from segmentation.geometry import Grid
from segmentation.metrics import LESION_RULES, PairMeasures, measure_pair, nearest
from segmentation.metrics.lesions import lesion_scores
from segmentation.metrics.outline import Outline

EXPECTED = json.loads((Path(__file__).parents[2] / "reference/metrics/expected.json").read_text())["scenes"]
PROGRAMS = ("monai", "deepmind", "simpleitk", "brute_force")


def grid_of(name: str) -> Grid:
    return Grid(SCENES[name]["shape"], np.diag([*SCENES[name]["spacing"], 1]))


def measures_of(name: str) -> PairMeasures:
    return measure_pair(*scene_masks(name), grid_of(name), tolerance_mm=SCENES[name]["tolerance"])


@pytest.mark.parametrize("name", SCENES)
def test_masks_are_those_that_the_other_programs_saw(name):
    assert [int(mask.sum()) for mask in scene_masks(name)] == EXPECTED[name]["voxels"]


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("name", SCENES)
def test_measures_equal_those_of_other_programs(name, program):
    ours = measures_of(name)

    for metric, value in EXPECTED[name][program].items():
        assert ours[metric].value == pytest.approx(value, rel=1e-6, abs=1e-6), metric


@pytest.mark.parametrize("rule", LESION_RULES)
@pytest.mark.parametrize("name", SCENES)
def test_lesion_scores_equal_those_of_the_published_procedure(name, rule):
    expected, spacing = EXPECTED[name][rule], SCENES[name]["spacing"]
    prediction, reference = (Outline(mask, spacing) for mask in scene_masks(name))

    scores = lesion_scores(prediction, reference, LESION_RULES[rule], voxel_mm3=float(np.prod(spacing)))

    assert scores.dice == pytest.approx(expected["lesion_dsc"], rel=1e-9)
    assert scores.hd95_mm == pytest.approx(expected["lesion_hd95"], rel=1e-9)
    counts = len(scores.lesions), scores.missed, scores.false_parts
    assert counts == (expected["lesions"], expected["missed"], expected["false_parts"])


@pytest.mark.parametrize("name", SCENES)
def test_distances_are_the_same_by_looking_around_by_tree_and_by_distance_transform(name):
    for surface in ("voxel_surface", "area_surface"):
        a, b = (getattr(Outline(mask, SCENES[name]["spacing"]), surface) for mask in scene_masks(name))
        tree, around = nearest.by_tree(a, b), nearest.by_looking_around(a, b)

        assert nearest.by_transform(a, b) == pytest.approx(tree, abs=1e-9)
        close = ~np.isnan(around)
        assert around[close] == pytest.approx(tree[close], abs=1e-9)
        assert nearest.nearest_distances(a, b) == pytest.approx(tree, abs=1e-9)
