import dataclasses

import numpy as np
import pytest

from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.methods_text import methods_paragraph
from readerstudy.analysis.recommended_report import recommended_report
from readerstudy.analysis.report import conventional_report
from readerstudy.analysis.settings import RecommendedSettings, paper_000_settings


def test_the_conventional_paragraph_says_what_ran(paper_000):
    text = methods_paragraph(conventional_report(paper_000, paper_000_settings("TE")))

    assert "Kruskal-Wallis test and, post hoc, with the Mann-Whitney test (with continuity correction)" in text
    assert "scored 7 or higher (acceptable)" in text and "with Yates' correction" in text
    assert "Benjamini-Hochberg procedure" in text and "within one reader" in text
    assert "within ±0.5" in text
    assert "ignore that cases and readers recur" in text
    assert "numpy " in text


def test_missing_scores_are_counted_in_the_paragraph(paper_000):
    gapped = paper_000.copy()
    rows = gapped.index[gapped["question"] == "score"][:3]
    gapped.loc[rows, "value"] = None
    gapped.loc[rows, "value_label"] = ["motion", "motion", "wrong image"]

    assert "3 scores were missing (motion: 2, wrong image: 1)." in methods_paragraph(
        conventional_report(gapped, paper_000_settings("TE"))
    )


def test_an_empty_study_has_hardly_any_methods(table_of):
    text = methods_paragraph(conventional_report(table_of([])))

    assert text.startswith("Analyses used")


def test_the_recommended_paragraph_takes_its_numbers_from_the_report(scored):
    rng = np.random.default_rng(1)
    table = scored({r: {"model": rng.integers(4, 11, 40), "E9": rng.integers(3, 10, 40)} for r in ("R1", "R2")})
    report = recommended_report(table, RecommendedSettings(draws=300, margin=0.05))

    text = methods_paragraph(report)

    assert "cumulative-link mixed model" in text and "reader by source, slot as fixed effects" not in text
    assert "random intercepts of case, case × arm" in text
    assert "300 bootstrap samples of cases and a non-inferiority margin of 5 percentage points" in text
    assert "Krippendorff's alpha, ordinal; Gwet's AC2, quadratic weights" in text
    assert "d'" not in text


def test_another_report_has_no_paragraph(paper_000):
    report = dataclasses.replace(conventional_report(paper_000, paper_000_settings("TE")), name="other")

    with pytest.raises(SettingError, match="other"):
        methods_paragraph(report)
