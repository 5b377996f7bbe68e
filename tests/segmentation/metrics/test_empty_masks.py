"""What every measure gives where a mask is empty, and how it says so."""

import math

import numpy as np
import pytest

from segmentation.geometry import Grid
from segmentation.metrics import DEFINITIONS, LESION_RULES, PAIR_METRICS, Counts, aggregated_dice, measure_pair

GRID = Grid((240, 240, 155), np.eye(4))
DIAGONAL = 373.128664  # sqrt(240² + 240² + 155²), the BraTS penalty printed as 373.13
NAN = math.nan
EMPTY = np.zeros(GRID.shape, dtype=bool)
LESION = EMPTY.copy()
LESION[100:110, 100:110, 70:80] = True

DISTANCES = ("hd", "hd95_max_directed", "hd95_pooled", "hd95_area", "assd", "masd")
# identifier: both empty, prediction empty, reference empty
CONVENTIONS = {
    "dsc": (NAN, 0, 0),
    "dsc_one": (1, 0, 0),
    "sensitivity": (NAN, 0, NAN),
    "precision": (NAN, NAN, 0),
    "rvd": (NAN, -1, NAN),
    "rvd_absolute": (NAN, 1, NAN),
    "volume_similarity": (NAN, 0, 0),
    "volume_similarity_one": (1, 0, 0),
    "dsc_zero": (NAN, 1, NAN),
    "missed": (NAN, 1, NAN),
    "misplaced": (NAN, 0, NAN),
    **dict.fromkeys(DISTANCES, (0, DIAGONAL, DIAGONAL)),
    **dict.fromkeys([f"{name}_undefined" for name in DISTANCES], (NAN, NAN, NAN)),
    "nsd_voxel": (1, 0, 0),
    "nsd_area": (1, 0, 0),
    **dict.fromkeys([f"lesion_dsc_{rule}" for rule in LESION_RULES], (1, 0, 0)),
    **dict.fromkeys([f"lesion_hd95_{rule}" for rule in LESION_RULES], (0, 374, 374)),
}
PAIRS = {"both_empty": (EMPTY, EMPTY), "prediction_empty": (EMPTY, LESION), "reference_empty": (LESION, EMPTY)}


def test_every_measure_of_a_pair_has_a_tested_convention():
    assert set(CONVENTIONS) == set(PAIR_METRICS)


@pytest.mark.parametrize(("case", "status"), list(enumerate(PAIRS)))
def test_empty_masks_give_the_stated_value_and_status(case, status):
    found = measure_pair(*PAIRS[status], GRID, metrics=PAIR_METRICS)

    for metric, values in CONVENTIONS.items():
        assert found[metric].value == pytest.approx(values[case], abs=1e-6, nan_ok=True), metric
        assert found[metric].status == status
    assert (found.prediction_ml.value, found.reference_ml.value) == (
        pytest.approx(1.0 if status == "reference_empty" else 0),
        pytest.approx(1.0 if status == "prediction_empty" else 0),
    )


def test_definitions_say_in_words_what_empty_masks_give():
    assert all(definition.empty for definition in DEFINITIONS.values())


def test_a_dice_of_zero_is_split_into_missed_and_misplaced():
    elsewhere = np.roll(LESION, 40, axis=0)
    names = ("dsc", "dsc_zero", "missed", "misplaced")

    def zeros(prediction):
        found = measure_pair(prediction, LESION, GRID, metrics=names)
        return tuple(found[name].value for name in names)

    assert zeros(EMPTY) == (0, 1, 1, 0)
    assert zeros(elsewhere) == (0, 1, 0, 1)
    assert zeros(LESION) == (1, 0, 0, 0)


def test_aggregated_dice_pools_voxels_and_ignores_only_cases_where_both_are_empty():
    cases = [Counts(10, 30, 10), Counts(0, 0, 0), Counts(0, 20, 0), Counts(40, 0, 0)]

    measure = aggregated_dice(cases)

    assert measure.value == 2 * 10 / (50 + 50)
    assert (measure.definition, measure.status) == ("dsc_aggregated", "ok")


def test_aggregated_dice_of_nothing_is_undefined():
    assert math.isnan(aggregated_dice([]).value)
    assert aggregated_dice([Counts(0, 0, 0)]).status == "both_empty"


def test_a_lesion_too_small_to_count_leaves_nothing_to_score():
    speck = EMPTY.copy()
    speck[5:8, 5:8, 5:8] = True  # 27 mm³, at most 50

    found = measure_pair(EMPTY, speck, GRID, metrics=("lesion_dsc_brats2023", "lesion_hd95_brats2023"))

    assert (found["lesion_dsc_brats2023"].value, found["lesion_hd95_brats2023"].value) == (1, 0)
    assert found["lesion_dsc_brats2023"].status == "prediction_empty"
