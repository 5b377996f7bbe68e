"""The long ratings table, the one input of this package: its columns, its rules, its rows that count.

One row is one answer to one question about one candidate, at one revision. A row counts for the analysis
when it is the revision that the protocol names (``is_final``) of a main presentation (not practice, repeat
or catch item) and concerns a candidate (``arm`` is known). A missing answer is a row with an empty
``value`` whose ``value_label`` says why.
"""

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from readerstudy.analysis.errors import RatingsTableError, SettingError

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "study": "code of the study",
        "reader": "code of the reader",
        "case": "code of the case, the unit that is sampled",
        "presentation": "code of the case as this reader met it",
        "position": "place of the presentation in the reader's list, from 1",
        "slot": "place of the candidate in the presentation, from 1",
        "letter": "letter of the slot",
        "colour": "colour of the slot",
        "kind": "main, practice, repeat or catch",
        "item": "code of the segmentation that was shown",
        "arm": "arm of the candidate; empty for a question about the case",
        "arm_kind": "model or expert",
        "question": "code of the question",
        "value": "the answer as a whole number; empty when not assessable",
        "value_label": "the answer in words, or the reason why there is none",
        "is_first": "whether this is the first answer given",
        "is_final": "whether this is the revision that the protocol counts",
        "revision_no": "revision, from 1",
        "active_ms": "active reading time in milliseconds",
        "wall_ms": "time from opening to submitting in milliseconds",
        "opened_at": "when the presentation was opened, UTC",
        "submitted_at": "when the read was submitted, UTC",
    }
)
KINDS = ("main", "practice", "repeat", "catch")
ARM_KINDS = ("model", "expert")
ORIGIN_SCALES = ("six-step", "binary")
KEPT = ["reader", "case", "presentation", "position", "slot", "letter", "colour", "item", "arm", "arm_kind"]


def check_ratings(table: pd.DataFrame) -> pd.DataFrame:
    """Return a copy of the table with settled types, or refuse it.

    Parameters
    ----------
    table : DataFrame
        Columns as in ``COLUMNS``, in any order; further columns are kept. An empty table is allowed.

    Raises
    ------
    RatingsTableError
        ``ratings.columns``, ``ratings.is_first``, ``ratings.is_final``, ``ratings.kind``,
        ``ratings.arm_kind``, ``ratings.arm``, ``ratings.value`` or ``ratings.final``, each naming what was
        found.
    """
    absent = [name for name in COLUMNS if name not in table.columns]
    if absent:
        raise RatingsTableError(
            "ratings.columns", f"the ratings table lacks {', '.join(absent)}; export it in the long form"
        )
    checked = table.reset_index(drop=True).copy()
    checked["value"] = _whole_numbers(checked["value"])
    for flag in ("is_first", "is_final"):
        checked[flag] = _flags(checked[flag], flag)
    _check_words(checked, "kind", KINDS)
    _check_words(checked[checked["arm"].notna()], "arm_kind", ARM_KINDS)
    _check_arms(checked)
    _check_final(checked)
    return checked


def _whole_numbers(values: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce")
    bad = values.notna() & (numbers.isna() | (numbers % 1 != 0).fillna(False))
    if bad.any():
        raise RatingsTableError(
            "ratings.value",
            f"a rating is a whole number, but row {int(bad.idxmax()) + 1} holds {values[bad].iloc[0]!r}; "
            "mend the row or leave it empty with its reason",
        )
    return numbers.astype("Int64")


def _flags(values: pd.Series, name: str) -> pd.Series:
    # A file gives words, and the word "False" is true to Python.
    words = values.astype(object).map(lambda value: str(value).strip().lower())
    known = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
    strange = words[~words.isin(list(known))]
    if len(strange):
        raise RatingsTableError(
            f"ratings.{name}", f"{name} holds {strange.iloc[0]} in row {int(strange.index[0]) + 1}; it is true or false"
        )
    return words.map(known).astype(bool)


def _check_words(table: pd.DataFrame, column: str, allowed: tuple[str, ...]) -> None:
    strange = sorted({str(word) for word in table[column].unique()} - set(allowed))
    if strange:
        raise RatingsTableError(
            f"ratings.{column}",
            f"{column} holds {', '.join(strange)}; it must be one of {', '.join(allowed)}",
        )


def _check_arms(table: pd.DataFrame) -> None:
    kinds = table[table["arm"].notna()].groupby("arm")["arm_kind"].nunique()
    both = sorted(kinds.index[kinds > 1])
    if both:
        raise RatingsTableError(
            "ratings.arm",
            f"arm {both[0]} is called model in some rows and expert in others; give it one kind",
        )


def _check_final(table: pd.DataFrame) -> None:
    key = ["reader", "presentation", "slot", "question"]
    final = table[table["is_final"]]
    twice = final[final.duplicated(key, keep=False)]
    if len(twice):
        first = twice.iloc[0]
        raise RatingsTableError(
            "ratings.final",
            f"reader {first['reader']} has more than one final answer to {first['question']} "
            f"in presentation {first['presentation']}, slot {first['slot']}; keep one",
        )


def counted_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that count: final, main, about a candidate; missing answers included."""
    return table[table["is_final"] & (table["kind"] == "main") & table["arm"].notna()]


def answer_rows(table: pd.DataFrame, question: str) -> pd.DataFrame:
    """Return one row per candidate that was asked about: the columns of ``KEPT`` and ``value``, missing ones too.

    Sorted by reader, case, arm and slot, so that equal tables in any row order give equal results.
    """
    rows = counted_rows(check_ratings(table))
    rows = rows[rows["question"] == question][[*KEPT, "value"]]
    return rows.sort_values(["reader", "case", "arm", "slot"], kind="stable").reset_index(drop=True)


def scores(table: pd.DataFrame, question: str = "score") -> pd.DataFrame:
    """Return the answered rows of `answer_rows`, with ``value`` as int64."""
    rows = answer_rows(table, question)
    return rows[rows["value"].notna()].astype({"value": "int64"}).reset_index(drop=True)


def origin_calls(table: pd.DataFrame, question: str = "origin", scale: str = "six-step") -> pd.DataFrame:
    """Return one row per answered origin question: ``KEPT``, ``step`` and ``judged_ai``.

    Parameters
    ----------
    scale : {"six-step", "binary"}
        Six steps run from 1 (surely human) to 6 (surely AI); 4 to 6 count as "AI". Binary is 0 human, 1 AI.

    Raises
    ------
    RatingsTableError
        ``ratings.origin`` when an answer lies outside the scale.
    """
    if scale not in ORIGIN_SCALES:
        raise SettingError("setting.origin_scale", f"origin scale {scale!r} is not one of {ORIGIN_SCALES}")
    low, high, cut = (1, 6, 4) if scale == "six-step" else (0, 1, 1)
    calls = scores(table, question).rename(columns={"value": "step"})
    outside = calls[(calls["step"] < low) | (calls["step"] > high)]
    if len(outside):
        raise RatingsTableError(
            "ratings.origin",
            f"origin answers run from {low} to {high} ({scale}), but {outside['step'].iloc[0]} was found; "
            "choose the scale that the protocol used",
        )
    return calls.assign(judged_ai=calls["step"] >= cut)


def missing_answers(table: pd.DataFrame, question: str) -> pd.DataFrame:
    """Return counts of unanswered rows that count, by reader, arm and reason."""
    rows = counted_rows(check_ratings(table))
    rows = rows[(rows["question"] == question) & rows["value"].isna()]
    reasons = rows["value_label"].astype(object).where(rows["value_label"].notna(), "no reason given")
    grouped = rows.assign(reason=reasons.astype(str)).groupby(["reader", "arm", "reason"])
    return grouped.size().rename("n").reset_index()
