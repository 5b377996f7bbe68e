"""Label maps: what each number means, what can be derived, and what cannot be converted."""

import numpy as np
import pytest

from segmentation.errors import MaskRefused
from segmentation.geometry import Grid
from segmentation.metrics import LABEL_MAPS, LabelMap, convert, mapping, measure_regions, region_mask, shared_regions
from segmentation.metrics.labels import BRATS_2015, BRATS_2021, BRATS_2023, PAEDIATRIC, Label


def test_regions_are_those_of_the_papers():
    assert PAEDIATRIC.regions == {
        "WT": (1, 2, 3, 4),
        "TC": (1, 2, 3),
        "NET+CC+ED": (2, 3, 4),
        "ET": (1,),
        "NET": (2,),
        "CC": (3,),
        "ED": (4,),
    }
    assert BRATS_2015.regions == {"WT": (1, 2, 3, 4), "TC": (1, 3, 4), "NET+CC+ED": (1, 2, 3), "ET": (4,), "ED": (2,)}
    assert BRATS_2021.regions == {"WT": (1, 2, 4), "TC": (1, 4), "NET+CC+ED": (1, 2), "ET": (4,), "ED": (2,)}
    assert BRATS_2023.regions == {"WT": (1, 2, 3), "TC": (1, 3), "NET+CC+ED": (1, 2), "ET": (3,), "ED": (2,)}


def test_maps_are_found_by_name():
    assert LABEL_MAPS["BraTS 2023"] is BRATS_2023
    assert len(LABEL_MAPS) == 4


def test_finer_maps_become_coarser_ones():
    assert mapping(BRATS_2015, BRATS_2023) == {1: 1, 2: 2, 3: 1, 4: 3}
    assert mapping(PAEDIATRIC, BRATS_2023) == {1: 3, 2: 1, 3: 1, 4: 2}
    assert mapping(BRATS_2021, BRATS_2023) == {1: 1, 2: 2, 4: 3}
    assert convert(np.array([[0, 1, 2, 3, 4]], dtype="u1"), PAEDIATRIC, BRATS_2021).tolist() == [[0, 4, 1, 1, 2]]


def test_a_core_that_is_not_divided_cannot_be_divided_afterwards():
    with pytest.raises(MaskRefused) as caught:
        convert(np.zeros((2, 2, 2), dtype="u1"), BRATS_2023, PAEDIATRIC)

    assert caught.value.code == "label_map.ambiguous"
    assert "NET or CC" in caught.value.detail
    assert "WT, TC, NET+CC+ED, ET, ED" in caught.value.detail


def test_values_that_the_named_map_does_not_know_are_refused():
    with pytest.raises(MaskRefused, match=r"the values 4, which BraTS 2023 does not know"):
        convert(np.array([0, 4], dtype="u1"), BRATS_2023, BRATS_2021)


def test_masks_in_two_label_maps_are_compared_by_the_regions_that_both_have():
    rng = np.random.default_rng(4)
    drawn = rng.integers(0, 5, (8, 9, 7)).astype("u1")
    seen = convert(drawn, PAEDIATRIC, BRATS_2023)

    found = measure_regions(
        drawn,
        seen,
        Grid(drawn.shape, np.eye(4)),
        regions=PAEDIATRIC.regions,
        reference_regions=BRATS_2023.regions,
        metrics=["dsc"],
    )

    assert tuple(found) == shared_regions(PAEDIATRIC, BRATS_2023) == ("WT", "TC", "NET+CC+ED", "ET", "ED")
    assert {measures["dsc"].value for measures in found.values()} == {1}


def test_the_whole_is_all_that_is_not_background():
    labels = np.array([0, 1, 7, 255], dtype="u1")

    assert region_mask(labels, ()).tolist() == [False, True, True, True]
    assert region_mask(labels, (7, 255)).tolist() == [False, False, True, True]


@pytest.mark.parametrize(
    "labels",
    [
        (Label(1, "A", "a", frozenset({"edema"})), Label(1, "B", "b", frozenset({"cyst"}))),
        (Label(1, "A", "a", frozenset({"edema"})), Label(2, "B", "b", frozenset({"edema"}))),
        (Label(0, "A", "a", frozenset({"edema"})),),
    ],
)
def test_a_map_gives_each_value_and_tissue_once_and_leaves_0_to_the_background(labels):
    with pytest.raises(ValueError, match="map"):
        LabelMap("map", labels)
