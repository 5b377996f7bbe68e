import pytest

from readerstudy.analysis.errors import RatingsTableError, SettingError
from readerstudy.analysis.table import check_ratings, missing_answers, origin_calls, scores


def test_only_final_answers_of_main_presentations_count(one_rating, table_of):
    table = table_of(
        [
            one_rating("R1", 0, 1, "TE", "score", 3, is_final=False),
            one_rating("R1", 0, 1, "TE", "score", 8, is_first=False, revision_no=2),
            one_rating("R1", 1, 1, "TE", "score", 1, kind="practice"),
            one_rating("R1", 2, 1, "TE", "score", 1, kind="repeat"),
            one_rating("R1", 3, 1, "TE", "score", None, value_label="motion"),
            one_rating("R1", 4, 1, None, "score", 9, arm_kind=None),
        ]
    )

    assert scores(table)["value"].tolist() == [8]
    assert missing_answers(table, "score").to_dict("records") == [
        {"reader": "R1", "arm": "TE", "reason": "motion", "n": 1}
    ]


def test_the_upper_half_of_the_six_steps_is_ai(one_rating, table_of):
    table = table_of(one_rating("R1", case, 1, "TE", "origin", case + 1) for case in range(6))

    assert origin_calls(table)["judged_ai"].tolist() == [False, False, False, True, True, True]


def test_a_call_outside_the_scale_is_refused(one_rating, table_of):
    table = table_of([one_rating("R1", 0, 1, "TE", "origin", 0)])

    with pytest.raises(RatingsTableError, match="run from 1 to 6") as refused:
        origin_calls(table)
    assert refused.value.code == "ratings.origin"
    with pytest.raises(SettingError, match="seven"):
        origin_calls(table, scale="seven")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "extra"}, "ratings.kind"),
        ({"arm_kind": "robot"}, "ratings.arm_kind"),
        ({"value": 7.5}, "ratings.value"),
        ({"value": "good"}, "ratings.value"),
    ],
)
def test_a_row_that_breaks_the_rules_is_named(one_rating, table_of, change, code):
    table = table_of([one_rating("R1", 0, 1, "TE", "score", 8), one_rating("R1", 1, 1, "TE", "score", 7)])
    for column, value in change.items():
        table[column] = table[column].astype(object)
        table.loc[1, column] = value

    with pytest.raises(RatingsTableError) as refused:
        check_ratings(table)
    assert refused.value.code == code


def test_two_final_answers_to_one_question_are_refused(one_rating, table_of):
    table = table_of([one_rating("R1", 0, 1, "TE", "score", 8), one_rating("R1", 0, 1, "TE", "score", 7)])

    with pytest.raises(RatingsTableError, match="R1 has more than one final answer to score"):
        check_ratings(table)


def test_an_arm_of_two_kinds_is_refused(one_rating, table_of):
    table = table_of(
        [
            one_rating("R1", 0, 1, "TE", "score", 8),
            one_rating("R1", 1, 1, "TE", "score", 8, arm_kind="expert"),
        ]
    )

    with pytest.raises(RatingsTableError, match="arm TE is called model"):
        check_ratings(table)


def test_absent_columns_are_named(paper_000):
    with pytest.raises(RatingsTableError, match="lacks slot, letter"):
        check_ratings(paper_000.drop(columns=["slot", "letter"]))


def test_an_empty_table_is_a_table(table_of):
    assert scores(table_of([])).empty
    assert origin_calls(table_of([])).empty
    assert missing_answers(table_of([]), "score").empty


def test_the_word_false_is_false(paper_000):
    written = paper_000.assign(is_final=["False"] + ["true"] * (len(paper_000) - 1))

    assert check_ratings(written)["is_final"].tolist() == [False] + [True] * (len(paper_000) - 1)


def test_a_flag_without_value_is_refused(paper_000):
    gapped = paper_000.assign(is_final=[None] + [True] * (len(paper_000) - 1))

    with pytest.raises(RatingsTableError, match="none in row 1") as refused:
        check_ratings(gapped)
    assert refused.value.code == "ratings.is_final"
