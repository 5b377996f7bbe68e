"""What holds for any pair of masks: bounds, symmetry, and that place and memory order do not matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from segmentation.geometry import Grid
from segmentation.metrics import DEFAULT_METRICS, PAIR_METRICS, matrix, measure_pair, measure_regions, pairwise

SHAPE = (6, 7, 5)
SHARES = [
    m for m in PAIR_METRICS if m.startswith(("dsc", "nsd", "volume_similarity", "lesion_dsc")) or m == "precision"
]
SYMMETRIC = ["dsc", "volume_similarity", "hd", "hd95_max_directed", "hd95_pooled", "hd95_area", "assd", "masd"]
SYMMETRIC += ["nsd_voxel", "nsd_area"]
masks = arrays.arrays(np.bool_, SHAPE)
spacings = st.tuples(*[st.sampled_from([0.4, 1.0, 1.3, 5.0])] * 3)


def on(spacing, shape=SHAPE):
    return Grid(shape, np.diag([*spacing, 1]))


def values(prediction, reference, grid, metrics=DEFAULT_METRICS):
    found = measure_pair(prediction, reference, grid, metrics=metrics)
    return {metric: measure.value for metric, measure in found.measures.items()}


@settings(max_examples=60, deadline=None)
@given(masks, masks, spacings)
def test_shares_lie_between_0_and_1_and_distances_between_0_and_the_diagonal(a, b, spacing):
    found = values(a, b, on(spacing), PAIR_METRICS)

    diagonal = np.linalg.norm(np.array(SHAPE) * spacing)
    assert all(np.isnan(found[m]) or 0 <= found[m] <= 1 for m in SHARES)
    assert all(0 <= found[m] <= diagonal for m in ("hd", "hd95_max_directed", "hd95_pooled", "assd", "masd"))


@settings(max_examples=60, deadline=None)
@given(masks, masks, spacings)
def test_measures_that_name_no_reference_are_symmetric(a, b, spacing):
    forth, back = (values(*pair, on(spacing), SYMMETRIC) for pair in ((a, b), (b, a)))

    assert forth == pytest.approx(back, abs=1e-9, nan_ok=True)


@settings(max_examples=60, deadline=None)
@given(masks, masks, spacings)
def test_no_distance_exceeds_the_hausdorff_distance(a, b, spacing):
    found = values(a, b, on(spacing))

    # HD95 by area is left out: it is measured between the corners of voxels.
    assert max(found[m] for m in ("hd95_max_directed", "hd95_pooled", "assd", "masd")) <= found["hd"] + 1e-9


@settings(max_examples=40, deadline=None)
@given(masks, masks, spacings, st.tuples(*[st.integers(0, 4)] * 3))
def test_moving_both_masks_changes_nothing(a, b, spacing, by):
    room = on(spacing, tuple(n + 4 for n in SHAPE))

    def placed(mask, at):
        wide = np.zeros(room.shape, dtype=bool)
        wide[tuple(slice(i, i + n) for i, n in zip(at, SHAPE, strict=True))] = mask
        return wide

    here, there = (values(placed(a, at), placed(b, at), room) for at in ((0, 0, 0), by))

    assert here == pytest.approx(there, abs=1e-9, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(masks, masks, spacings)
def test_memory_order_changes_nothing(a, b, spacing):
    other = values(np.asfortranarray(a), np.repeat(b, 2, axis=0)[::2], on(spacing))

    assert other == pytest.approx(values(a, b, on(spacing)), abs=1e-9, nan_ok=True)


@settings(max_examples=40, deadline=None)
@given(masks, spacings)
def test_a_mask_against_itself_is_perfect(a, spacing):
    found = measure_pair(a, a, on(spacing), tolerance_mm=0)

    perfect = 1 if a.any() else found["dsc"].value
    assert found["dsc"].value == perfect or not a.any()
    assert (found["nsd_voxel"].value, found["nsd_area"].value) == (1, 1)
    assert all(found[m].value == 0 for m in ("hd", "hd95_max_directed", "hd95_pooled", "hd95_area", "assd", "masd"))


@settings(max_examples=25, deadline=None)
@given(masks, masks, masks, spacings)
def test_a_matrix_holds_what_each_pair_gives_alone(a, b, c, spacing):
    sources = {"A": a, "B": b, "C": c}

    found = pairwise(sources, on(spacing), metrics=PAIR_METRICS)

    assert len(found) == 6
    for (prediction, reference), measures in found.items():
        alone = values(sources[prediction], sources[reference], on(spacing), PAIR_METRICS)
        together = {metric: measure.value for metric, measure in measures.measures.items()}
        assert together == pytest.approx(alone, abs=1e-9, nan_ok=True)
    dice = matrix(found, ["A", "B", "C"], "dsc")
    assert np.isnan(dice.diagonal()).all()
    assert dice == pytest.approx(dice.T, nan_ok=True)


@settings(max_examples=25, deadline=None)
@given(arrays.arrays(np.uint8, SHAPE, elements=st.integers(0, 4)), arrays.arrays(np.uint8, SHAPE), spacings)
def test_regions_of_label_maps_are_measured_as_their_masks_are(a, b, spacing):
    b = b % 5
    regions = {"whole": (), "one": (1,), "core": (1, 3, 4)}

    found = measure_regions(a, b, on(spacing), regions=regions, metrics=PAIR_METRICS)

    for name, wanted in (("whole", [1, 2, 3, 4]), ("one", [1]), ("core", [1, 3, 4])):
        alone = values(np.isin(a, wanted), np.isin(b, wanted), on(spacing), PAIR_METRICS)
        assert {m: v.value for m, v in found[name].measures.items()} == pytest.approx(alone, abs=1e-9, nan_ok=True)
