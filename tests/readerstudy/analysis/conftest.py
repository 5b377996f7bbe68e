"""Ratings tables for the tests, among them one with exactly the counts that paper 000 prints."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from readerstudy.analysis.table import COLUMNS

# reader: {arm: (ratings, acceptable, judged AI or None where the paper prints no count)}. The
# paper prints the BraTS model for readers 1 and 3 only as a sum, 119 of 148; this split is one that fits.
PAPER_000: Mapping[str, Mapping[str, tuple[int, int, int | None]]] = {
    "E1": {"TE": (70, 58, 16), "BraTS": (70, 51, None), "E2": (74, 61, None), "E3": (63, 50, None)},
    "E2": {"TE": (75, 54, 27), "BraTS": (81, 46, None), "E1": (60, 29, 53), "E3": (71, 16, 64)},
    "E3": {"TE": (82, 70, 16), "BraTS": (78, 68, None), "E1": (60, 53, 25), "E2": (81, 61, 32)},
}
MODELS = ("TE", "BraTS", "model")


def rating(reader: str, case: int, slot: int, arm: str, question: str, value: int | None, **other: Any) -> dict:
    """One row of the ratings table."""
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row |= {
        "study": "S",
        "reader": reader,
        "case": f"C{case:03}",
        "presentation": f"{reader}-{case:03}",
        "position": case + 1,
        "slot": slot,
        "letter": "ABCDE"[slot - 1],
        "colour": "orange",
        "kind": "main",
        "item": f"C{case:03}-{arm}",
        "arm": arm,
        "arm_kind": "model" if arm in MODELS else "expert",
        "question": question,
        "value": value,
        "value_label": "" if value is not None else "not assessable",
        "is_first": True,
        "is_final": True,
        "revision_no": 1,
    }
    return row | other


def as_table(rows: Iterable[dict]) -> pd.DataFrame:
    """The rows as a ratings table, also when there are none."""
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


@pytest.fixture
def scored() -> Callable[[Mapping[str, Mapping[str, Iterable[int]]]], pd.DataFrame]:
    """Return a builder of a table of scores from lists by reader and arm; the i-th score is of case i."""

    def build(scores: Mapping[str, Mapping[str, Iterable[int]]]) -> pd.DataFrame:
        return as_table(
            rating(reader, case, slot, arm, "score", value)
            for reader, arms in scores.items()
            for slot, (arm, values) in enumerate(arms.items(), 1)
            for case, value in enumerate(values)
        )

    return build


@pytest.fixture
def paper_000() -> pd.DataFrame:
    """Ratings with the printed counts: 8 where acceptable, else 5; origin 1 where judged AI, else 0."""
    rows = []
    for reader, arms in PAPER_000.items():
        for slot, (arm, (n, acceptable, judged)) in enumerate(arms.items(), 1):
            for case in range(n):
                call = None if judged is None else int(case < judged)
                rows.append(rating(reader, case, slot, arm, "score", 8 if case < acceptable else 5))
                rows.append(rating(reader, case, slot, arm, "origin", call))
    return as_table(rows)


@pytest.fixture
def one_rating() -> Callable[..., dict]:
    """Return the builder of one row."""
    return rating


@pytest.fixture
def table_of() -> Callable[[Iterable[dict]], pd.DataFrame]:
    """Return the builder of a table from rows."""
    return as_table


REFERENCE = Path(__file__).parents[2] / "reference" / "statistics"


@pytest.fixture
def published() -> Callable[[str], dict]:
    """Return a finder of published examples by the start of their id."""
    examples = json.loads((REFERENCE / "published.json").read_text(encoding="utf-8"))["examples"]
    return lambda start: next(example for example in examples if example["id"].startswith(start))


@pytest.fixture
def reference_table() -> Callable[..., pd.DataFrame]:
    """Return a reader of the CSV files of published data."""
    return lambda name, **options: pd.read_csv(REFERENCE / name, **options)
