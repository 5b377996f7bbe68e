"""Cross-validation folds grouped by subject: nnU-Net's own split is by case, and two cases of one child would leak."""

import hashlib
from collections.abc import Mapping

from ml.errors import TrainingFailed


def grouped_folds(subject_of: Mapping[str, str], *, folds: int, seed: str) -> list[dict[str, list[str]]]:
    """Return one training and one validation list of case codes per fold, no subject in both.

    Parameters
    ----------
    subject_of : mapping of case code to subject code
    folds : int
        At least 2, at most the number of subjects.
    seed : str
        Subjects are ordered by SHA-256 of seed and code, so that any language can repeat the split.

    Returns
    -------
    list of {"train": [...], "val": [...]}
        The format of nnU-Net's `splits_final.json`, codes sorted. Subjects with most cases are placed first, each in
        the fold with fewest cases so far, so that folds differ by no more than one subject's cases.

    Raises
    ------
    TrainingFailed
        ``splits.folds`` when there are fewer subjects than folds.
    """
    cases: dict[str, list[str]] = {}
    for case, subject in subject_of.items():
        cases.setdefault(subject, []).append(case)
    if not 2 <= folds <= len(cases):
        raise TrainingFailed(
            "splits.folds", f"{len(cases)} subjects cannot be split into {folds} folds; use 2 to {len(cases)} folds."
        )
    validation: list[list[str]] = [[] for _ in range(folds)]
    for subject in sorted(cases, key=lambda each: (-len(cases[each]), _key(seed, each))):
        smallest = min(range(folds), key=lambda fold: (len(validation[fold]), fold))
        validation[smallest] += cases[subject]
    return [{"train": sorted(set(subject_of) - set(held_out)), "val": sorted(held_out)} for held_out in validation]


def _key(seed: str, subject: str) -> str:
    return hashlib.sha256(f"{seed}|{subject}".encode()).hexdigest()
