import hashlib

import numpy as np
import pytest

from hub.demo.cases import CasePlan, DemoCase, make_case, plan_cases
from hub.demo.catalogue import LESIONS
from hub.demo.lesions import CC, ED, NET


def digest(case: DemoCase) -> str:
    return hashlib.sha256(case.image.tobytes() + case.truth.tobytes() + case.affine.tobytes()).hexdigest()


def test_same_seed_makes_the_same_bytes_and_another_seed_others(small_cases: tuple[DemoCase, ...]) -> None:
    again = make_case(small_cases[3].plan)
    other = make_case(plan_cases(seed=8, size=(64, 64, 48))[3])

    assert digest(again) == digest(small_cases[3])
    assert digest(other) != digest(small_cases[3])


def test_image_is_int16_on_the_grid_of_its_labels(small_cases: tuple[DemoCase, ...]) -> None:
    for case in small_cases:
        assert case.image.dtype == np.int16 and case.truth.dtype == np.uint8
        assert case.image.shape == case.truth.shape == case.plan.acquisition.shape
        assert case.image.min() >= 0 and case.image.max() < 2500


def test_lesion_has_the_volume_that_was_planned(small_cases: tuple[DemoCase, ...]) -> None:
    for case in small_cases:
        voxel_ml = np.prod(case.spacing) / 1000
        assert np.count_nonzero(case.truth) * voxel_ml == pytest.approx(case.plan.lesion.volume_ml, abs=2 * voxel_ml)


def test_lesion_is_made_of_the_planned_shares(small_cases: tuple[DemoCase, ...]) -> None:
    large = [case for case in small_cases if case.plan.lesion.volume_ml > 20]

    for case in large:
        whole = np.count_nonzero(case.truth)
        for label, share in case.plan.lesion.shares.items():
            assert np.count_nonzero(case.truth == label) / whole == pytest.approx(share, abs=0.02)


def test_lesion_lies_in_the_brain(small_cases: tuple[DemoCase, ...]) -> None:
    assert all(case.brain[case.truth > 0].all() for case in small_cases)


def test_cyst_is_brighter_than_tumour_and_tumour_brighter_than_brain(
    small_cases: tuple[DemoCase, ...],
) -> None:
    case = small_cases[10]
    level = {label: np.median(case.image[case.truth == label]) for label in (NET, CC, ED)}
    tissue = np.median(case.image[case.brain & (case.truth == 0)])

    assert tissue < level[ED] < level[CC] and tissue < level[NET] < level[CC]


def test_brain_extracted_cases_are_zero_outside_and_the_others_show_a_scalp(
    small_cases: tuple[DemoCase, ...],
) -> None:
    for case in small_cases:
        outside = case.image[~case.brain]
        share = np.count_nonzero(outside > 300) / np.count_nonzero(case.brain)
        assert share < 0.25 if case.plan.acquisition.stripped else share > 0.25


def test_lesions_reach_from_below_one_to_ninety_millilitres() -> None:
    volumes = [lesion.volume_ml for lesion in LESIONS]

    assert min(volumes) < 1 and 80 < max(volumes) <= 90
    assert sum(bool(lesion.satellites) for lesion in LESIONS) == 1
    assert all(sum(lesion.shares.values()) == pytest.approx(1) for lesion in LESIONS)


def test_heads_differ_between_subjects_but_not_between_visits(small_cases: tuple[DemoCase, ...]) -> None:
    first, other, second = small_cases[0], small_cases[3], small_cases[18]

    def overlap(a: DemoCase, b: DemoCase) -> float:
        return float(2 * (a.brain & b.brain).sum() / (a.brain.sum() + b.brain.sum()))

    assert first.plan.subject == second.plan.subject
    assert overlap(first, second) > 0.95 > overlap(first, other)


def test_visits_of_a_subject_share_sex_site_and_histology_and_grow_older(
    small_plans: tuple[CasePlan, ...],
) -> None:
    first, second = small_plans[10].covariates, small_plans[19].covariates

    for name in ("sex", "site", "histology", "race", "cohort_role"):
        assert getattr(first, name) == getattr(second, name)
    assert second.age_years > first.age_years
    assert (first.recurrence, second.recurrence) == ("new", "recurrent")


def test_ages_are_those_of_children(small_plans: tuple[CasePlan, ...]) -> None:
    ages = [plan.covariates.age_years for plan in small_plans]

    # Paper 000, Table 1: medians 7 and 8 years, range 1 to 23.
    assert 5 <= np.median(ages) <= 10
    assert min(ages) >= 1 and max(ages) <= 21
