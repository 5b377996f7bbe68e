import json

import pytest

from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.numbers import p_text, percent_text
from readerstudy.analysis.report import conventional_report
from readerstudy.analysis.settings import ConventionalSettings, paper_000_settings


def rows_of(report, name, **wanted):
    rows = report.table(name).rows
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


@pytest.fixture
def rebuilt(paper_000):
    return conventional_report(paper_000, paper_000_settings("TE"))


@pytest.mark.parametrize(
    ("reader", "against", "raw", "adjusted"),
    [
        ("E2", "E1", ".009", ".01"),
        ("E2", "BraTS", ".07", ".07"),
        ("E2", "E3", "<.001", "<.001"),
        ("E1", "E2", ">.99", ">.99"),
        ("E1", "E3", ".77", ">.99"),
    ],
)
def test_paper_000_acceptability_p_values(rebuilt, reader, against, raw, adjusted):
    # Printed: .009, .07, <.001, >.99, >.99. No single rule gives all five; .009 is the unadjusted value.
    (row,) = rows_of(rebuilt, "acceptable_contrasts", reader=reader, first="TE", second=against)

    assert (p_text(row["p"]), p_text(row["p_adjusted"])) == (raw, adjusted)
    assert (row["family"], row["family_size"]) == (f"acceptable/{reader}", 3)
    assert (row["test"], row["variant"]) == ("chi-squared", "Yates' continuity correction")


@pytest.mark.parametrize(
    ("reader", "arm", "printed"),
    [
        ("all readers", "TE", "80.2"),
        ("E1", "TE", "82.9"),
        ("E1", "E2", "82.4"),
        ("E1", "E3", "79.4"),
        ("E2", "TE", "72.0"),
        ("E2", "E1", "48.3"),
        ("E2", "BraTS", "56.8"),
        ("all readers", "BraTS", "72.1"),
        ("all readers", "E1", "68.3"),
        ("all readers", "E2", "78.7"),
        ("all readers", "E3", "49.3"),
        ("E2", "E3", "22.5"),
    ],
)
def test_paper_000_shares_acceptable(rebuilt, reader, arm, printed):
    # The paper prints 21.6 for the last one, 16/71: a misprint.
    (row,) = rows_of(rebuilt, "description", reader=reader, arm=arm)

    assert percent_text(row["acceptable"], row["acceptable_of"]) == printed


def test_paper_000_averages_by_their_two_rules(rebuilt):
    experts = rows_of(rebuilt, "averages", endpoint="acceptable", arms="experts")

    assert [round(row["percent"], 1) for row in experts] == [66.0, 65.4]
    assert (experts[0]["k"], experts[0]["n"]) == (270, 409)


def test_paper_000_turing_calls(rebuilt):
    (model,) = rows_of(rebuilt, "calls", reader="all readers", arm="TE")
    by_reader = {row["reader"]: row for row in rebuilt.table("turing").rows}

    assert percent_text(model["judged_ai"], model["judged_ai_of"]) == "26.0"
    assert by_reader["E2"]["d_prime"] == pytest.approx(-1.58, abs=0.01)
    assert by_reader["E2"]["p"] == pytest.approx(1.99e-15, rel=0.01)
    assert by_reader["E3"]["verdict"] == "distinguishable with reversed labels"
    assert by_reader["E1"]["verdict"] == "inconclusive"
    assert by_reader["mean of 2 readers"]["d_prime"] == pytest.approx((-1.5809 - 0.6053) / 2, abs=1e-4)


def test_the_ratings_of_paper_000_are_all_there(rebuilt):
    pooled = rows_of(rebuilt, "description", reader="all readers")

    assert {row["arm"]: row["ratings"] for row in pooled} == {
        "TE": 227,
        "BraTS": 229,
        "E1": 120,
        "E2": 155,
        "E3": 134,
    }


def test_missing_answers_are_counted_with_their_reason(rebuilt):
    (row,) = rows_of(rebuilt, "missing", question="origin", reader="E1", arm="BraTS")

    assert (row["n"], row["reason"]) == (70, "not assessable")


def test_the_order_of_the_rows_does_not_matter(paper_000):
    shuffled = paper_000.sample(frac=1, random_state=4)
    settings = paper_000_settings("TE")

    assert conventional_report(shuffled, settings).as_json() == conventional_report(paper_000, settings).as_json()


def test_every_test_row_says_what_ran(rebuilt):
    for name in ("omnibus", "score_contrasts", "acceptable_contrasts"):
        for row in rebuilt.table(name).rows:
            assert row["test"] and row["variant"] and row["family"] and row["n"] > 0
            assert row["p"] is not None and row["p_adjusted"] >= row["p"]


def test_the_clustering_is_said(rebuilt):
    assert any("clustered" in warning for warning in rebuilt.warnings)
    assert any("McNemar" in warning for warning in rebuilt.warnings)


def test_tests_pooled_over_readers_come_only_with_their_warning(paper_000):
    plain = conventional_report(paper_000, ConventionalSettings(origin_scale="binary"))
    pooled = conventional_report(paper_000, ConventionalSettings(origin_scale="binary", pooled=True))

    assert not rows_of(plain, "omnibus", reader="all readers")
    assert rows_of(pooled, "omnibus", reader="all readers")
    assert any("severity" in warning for warning in pooled.warnings)
    assert not any("severity" in warning for warning in plain.warnings)


def test_all_pairs_and_families_over_readers_are_choices(paper_000):
    settings = ConventionalSettings(origin_scale="binary", contrasts="all-pairs", family="over-readers")
    report = conventional_report(paper_000, settings)

    assert {row["family_size"] for row in report.table("acceptable_contrasts").rows} == {18}


def test_without_an_index_arm_every_pair_with_a_model_is_compared(paper_000):
    report = conventional_report(paper_000, ConventionalSettings(origin_scale="binary"))

    assert [(r["first"], r["second"]) for r in rows_of(report, "score_contrasts", reader="E2")] == [
        ("BraTS", "TE"),
        ("BraTS", "E1"),
        ("BraTS", "E3"),
        ("TE", "E1"),
        ("TE", "E3"),
    ]


def test_an_empty_table_gives_an_empty_report(table_of):
    report = conventional_report(table_of([]))

    assert all(table.rows == () for table in report.tables)
    assert report.warnings == ()
    assert json.loads(report.as_json())["name"] == "conventional"


def test_a_reader_without_variance_spoils_nothing(scored):
    report = conventional_report(
        scored(
            {
                "R1": {"model": [7, 7, 7, 7], "E2": [7, 7, 7, 7]},
                "R2": {"model": [8, 9, 9, 10, 8], "E1": [3, 4, 5, 2, 6]},
                "R3": {"model": [5, 6, 7]},
            }
        )
    )
    json.loads(report.as_json())
    by_reader = {row["reader"]: row for row in report.table("score_contrasts").rows}

    assert by_reader["R1"]["p"] is None and by_reader["R1"]["note"] == "all ratings are equal"
    assert by_reader["R2"]["p"] < 0.05 and by_reader["R2"]["family_size"] == 1
    assert "R3" not in by_reader
    assert rows_of(report, "omnibus", reader="R3")[0]["note"] == "fewer than two groups have ratings"


def test_a_table_writes_itself_as_csv(rebuilt):
    lines = rebuilt.table("description").as_csv().splitlines()

    assert lines[0].startswith("reader,arm,arm_kind,ratings,cases,median")
    assert len(lines) == 1 + 12 + 5


def test_a_choice_that_does_not_exist_is_refused():
    with pytest.raises(SettingError, match="family is 'none'"):
        ConventionalSettings(family="none")


def test_an_unknown_table_names_those_that_exist(rebuilt):
    with pytest.raises(KeyError, match="description"):
        rebuilt.table("forest")


@pytest.mark.parametrize(("second", "adjusted"), [("E1", 0.01281), ("BraTS", 0.08406)])
def test_paper_000_adjusted_over_all_pairs_of_a_reader(paper_000, second, adjusted):
    settings = ConventionalSettings(origin_scale="binary", contrasts="all-pairs", yates=True, index_arm="TE")
    (row,) = rows_of(
        conventional_report(paper_000, settings), "acceptable_contrasts", reader="E2", first="TE", second=second
    )

    assert row["p_adjusted"] == pytest.approx(adjusted, abs=6e-5)
    assert row["family_size"] == 6
