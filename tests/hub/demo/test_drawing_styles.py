import numpy as np
import pytest

from hub.demo.cases import DemoCase
from hub.demo.drawing_styles import (
    EXPERTS,
    NETWORKS,
    SOURCES,
    Outlines,
    availability,
    draw_all,
    draw_segmentation,
    signed_distance,
)
from hub.demo.lesions import CC, Labels
from hub.demo.quality import whole_lesion_dice

Drawn = tuple[dict[str, Labels], ...]


@pytest.fixture(scope="module")
def drawn(small_cases: tuple[DemoCase, ...]) -> Drawn:
    return tuple(draw_all(case, Outlines(case)) for case in small_cases)


def dice_of(source: str, drawn: Drawn, cases: tuple[DemoCase, ...]) -> list[float]:
    return [whole_lesion_dice(d[source], case.truth) for d, case in zip(drawn, cases, strict=True)]


def test_dice_of_two_overlapping_bars_is_two_thirds() -> None:
    a, b = np.zeros((6, 1, 1), np.uint8), np.zeros((6, 1, 1), np.uint8)
    a[0:3], b[1:4] = 1, 4  # two of three voxels shared: 2·2 / (3 + 3)

    assert whole_lesion_dice(a, b) == pytest.approx(2 / 3)
    assert whole_lesion_dice(np.zeros_like(a), b) == 0


def test_distance_is_in_millimetres_and_negative_inside() -> None:
    mask = np.zeros((9, 9, 9), bool)
    mask[4, 4, 4] = True

    distance = signed_distance(mask, np.array([1.0, 1.0, 5.0]))

    assert distance[4, 4, 6] == 10 and distance[6, 4, 4] == 2 and distance[4, 4, 4] == -1
    assert np.isinf(signed_distance(np.zeros((2, 2, 2), bool), np.ones(3))).all()


def test_experts_draw_twelve_eighteen_and_eighteen_of_twenty_cases() -> None:
    for seed in range(20):
        drawn = availability(seed=seed)
        assert [len(drawn[s]) for s in SOURCES] == [12, 18, 18, 20, 20]


def test_every_reader_can_be_shown_three_masks_of_others_in_every_case() -> None:
    drawn = availability(seed=7)

    for case in range(20):
        for reader in EXPERTS:
            assert sum(case in drawn[s] for s in SOURCES if s != reader) >= 3


def test_masks_are_uint8_on_the_image_grid_with_named_labels_only(
    drawn: Drawn, small_cases: tuple[DemoCase, ...]
) -> None:
    for masks, case in zip(drawn, small_cases, strict=True):
        for labels in masks.values():
            assert labels.dtype == np.uint8 and labels.shape == case.image.shape and labels.max() <= 4
            assert case.brain[labels > 0].all()


def test_drawing_again_gives_the_same_bytes(drawn: Drawn, small_cases: tuple[DemoCase, ...]) -> None:
    for source in SOURCES:
        assert (draw_segmentation(small_cases[2], source) == drawn[2][source]).all()


def test_each_expert_and_each_network_has_a_hand_of_its_own(drawn: Drawn) -> None:
    for masks in drawn[:3]:
        assert len({labels.tobytes() for labels in masks.values()}) == len(SOURCES)


def test_expert_two_is_generous_and_expert_three_under_draws(drawn: Drawn, small_cases: tuple[DemoCase, ...]) -> None:
    def ratio(source: str) -> float:
        volumes = [np.count_nonzero(d[source]) for d in drawn]
        truths = [np.count_nonzero(case.truth) for case in small_cases]
        return float(np.median(np.array(volumes) / truths))

    assert ratio("expert-2") > 1.03 > ratio("expert-1") > ratio("expert-3")
    assert ratio("expert-3") < 0.95


def test_adult_network_misses_one_case_draws_one_elsewhere_and_knows_no_cyst(
    drawn: Drawn, small_cases: tuple[DemoCase, ...]
) -> None:
    worse = dice_of("model-adult-brats", drawn, small_cases)
    volumes = [np.count_nonzero(d["model-adult-brats"]) for d in drawn]

    assert volumes.count(0) == 1
    assert sum(d == 0 and v > 0 for d, v in zip(worse, volumes, strict=True)) == 1
    assert not any((d["model-adult-brats"] == CC).any() for d in drawn)


def test_experts_and_the_good_network_agree_with_the_truth_and_the_adult_network_less(
    drawn: Drawn, small_cases: tuple[DemoCase, ...]
) -> None:
    median = {s: float(np.median(dice_of(s, drawn, small_cases))) for s in SOURCES}

    assert all(0.75 < median[s] < 0.95 for s in EXPERTS)
    assert median["model-transfer-encoder"] > median["model-adult-brats"] > 0.6
    assert set(NETWORKS) == {"model-transfer-encoder", "model-adult-brats"}


def test_experts_are_jagged_between_slices_and_networks_are_not(
    drawn: Drawn, small_cases: tuple[DemoCase, ...]
) -> None:
    case, masks = small_cases[10], drawn[10]
    axis = case.plan.acquisition.slice_axis

    def unrest(labels: Labels) -> float:
        """Voxels that differ from both neighbouring slices, per voxel of the mask."""
        slices = np.moveaxis(labels > 0, axis, 0)
        alone = (slices[1:-1] != slices[:-2]) & (slices[1:-1] != slices[2:])
        return float(alone.sum() / slices.sum())

    calm = unrest(masks["model-transfer-encoder"])
    assert all(unrest(masks[expert]) > calm for expert in EXPERTS)
