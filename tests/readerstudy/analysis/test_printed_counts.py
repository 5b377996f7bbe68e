import json

import pandas as pd
import pytest

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.numbers import p_text
from readerstudy.analysis.printed_counts import counts_report


@pytest.fixture
def paper(published):
    """Return the counts of paper 000 as printed: acceptable by reader and arm, and who was judged AI."""
    acceptable = published("E33")["data"]["counts"]
    judged = {
        ("E1", "TE"): (16, 70),
        ("E2", "TE"): (27, 75),
        ("E3", "TE"): (16, 82),
        ("E2", "E1"): (53, 60),
        ("E2", "E3"): (64, 71),
        ("E3", "E1"): (25, 60),
        ("E3", "E2"): (32, 81),
    }
    rows = []
    for reader, arms in acceptable.items():
        for arm, (k, n) in arms.items():
            ai, of = judged.get((reader, arm), (None, None))
            kind = "expert" if arm.startswith("E") else "model"
            rows.append((reader, arm, kind, k, n, ai, of))
    names = ["reader", "arm", "arm_kind", "acceptable", "of", "judged_ai", "judged_of"]
    return pd.DataFrame(rows, columns=names)


def p_of(report, reader, second, variant, adjustment):
    return next(
        row["p"]
        for row in report.table("tests").rows
        if row["reader"] == reader
        and row["second"] == second
        and row["variant"].startswith(variant)
        and row["adjustment"] == adjustment
    )


def test_each_printed_p_value_under_its_convention(paper):
    report = counts_report(paper, "TE")

    assert p_text(p_of(report, "E2", "E1", "Yates", "not adjusted")) == ".009"
    assert p_text(p_of(report, "E2", "B", "Yates", "not adjusted")) == ".07"
    assert p_text(p_of(report, "E2", "E3", "Yates", "Benjamini-Hochberg")) == "<.001"
    assert p_text(p_of(report, "E1", "E2", "Yates", "not adjusted")) == ">.99"
    assert p_of(report, "E2", "E1", "Yates", "Benjamini-Hochberg") == pytest.approx(0.01281, abs=5e-6)
    assert p_of(report, "E2", "B", "no", "not adjusted") == pytest.approx(0.048, abs=5e-4)


def test_the_odds_ratios_differ_by_reader(paper):
    report = counts_report(paper, "TE")
    ratios = {row["scope"]: row for row in report.table("ratios").rows}

    assert [ratios[r]["odds_ratio"] for r in ("E1", "E2", "E3")] == pytest.approx([1.13, 4.91, 1.38], abs=5e-3)
    assert (ratios["without E2"]["low"], ratios["without E2"]["high"]) == pytest.approx((0.74, 2.13), abs=6e-3)
    assert report.table("heterogeneity").rows[0]["p"] == pytest.approx(0.004, abs=5e-4)


def test_the_turing_calls_with_independence_assumed(paper):
    report = counts_report(paper, "TE")
    by_reader = {row["reader"]: row for row in report.table("turing").rows}

    assert by_reader["E2"]["d_prime"] == pytest.approx(-1.58, abs=5e-3)
    assert by_reader["E3"]["verdict"] == "distinguishable with reversed labels"
    assert by_reader["E1"]["d_prime"] is None
    assert "independent" in report.warnings[0]
    json.loads(report.as_json())


def test_counts_without_a_column_are_refused(paper):
    with pytest.raises(AnalysisError, match="judged_of"):
        counts_report(paper.drop(columns="judged_of"), "TE")
