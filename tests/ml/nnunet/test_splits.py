"""Folds are grouped by subject, balanced, and the same for the same seed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import TrainingFailed
from ml.nnunet.splits import grouped_folds


@given(
    subjects=st.lists(st.integers(1, 4), min_size=5, max_size=30),
    folds=st.integers(2, 5),
    seed=st.text(max_size=5),
)
def test_every_case_is_held_out_once_and_no_subject_is_on_both_sides(subjects, folds, seed):
    subject_of = {f"S{s}-{c}": f"S{s}" for s, count in enumerate(subjects) for c in range(count)}

    splits = grouped_folds(subject_of, folds=folds, seed=seed)

    assert sorted(case for split in splits for case in split["val"]) == sorted(subject_of)
    for split in splits:
        assert sorted(split["train"] + split["val"]) == sorted(subject_of)
        assert not {subject_of[c] for c in split["train"]} & {subject_of[c] for c in split["val"]}
    sizes = [len(split["val"]) for split in splits]
    assert max(sizes) - min(sizes) <= max(subjects)


def test_one_hundred_and_twenty_four_cases_of_as_many_subjects_make_folds_of_24_and_25():
    splits = grouped_folds({f"C{i}": f"S{i}" for i in range(124)}, folds=5, seed="x")

    assert sorted(len(split["val"]) for split in splits) == [24, 25, 25, 25, 25]


def test_the_split_depends_on_the_seed_alone_and_not_on_the_order_of_cases():
    cases = {f"C{i}": f"S{i}" for i in range(20)}
    turned = dict(reversed(cases.items()))

    assert grouped_folds(cases, folds=5, seed="a") == grouped_folds(turned, folds=5, seed="a")
    assert grouped_folds(cases, folds=5, seed="a") != grouped_folds(cases, folds=5, seed="b")


@pytest.mark.parametrize("folds", [1, 3])
def test_a_number_of_folds_that_the_subjects_cannot_fill_is_refused(folds):
    with pytest.raises(TrainingFailed) as refusal:
        grouped_folds({"a": "S1", "b": "S2", "c": "S2"}, folds=folds, seed="")

    assert refusal.value.code == "splits.folds"
