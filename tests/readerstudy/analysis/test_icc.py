import math

import numpy as np
import pytest

from readerstudy.analysis.errors import AnalysisError, SettingError
from readerstudy.analysis.icc import FORMS, all_forms, intraclass_correlation

# Anxiety ratings of 20 subjects by 3 raters, R package irr.
ANXIETY = np.array(
    [
        [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3],
        [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4],
        [2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2],
    ]
).T


@pytest.mark.parametrize("form", FORMS)
def test_shrout_and_fleiss_in_all_six_forms_with_intervals(published, form):
    example = published("E01")

    found = intraclass_correlation(example["data"]["matrix"], form)

    assert (found.estimate, found.low, found.high) == pytest.approx(example["expected"]["full"][form], abs=1e-6)


def test_the_f_tests_of_shrout_and_fleiss(published):
    expected = published("E01")["expected"]
    one_way, _, two_way, *_ = all_forms(published("E01")["data"]["matrix"])

    assert one_way.f == pytest.approx(expected["F_oneway"], abs=1e-6)
    assert one_way.p == pytest.approx(expected["p_oneway"], abs=1e-6)
    assert two_way.f == pytest.approx(expected["F_twoway"], abs=1e-6)
    assert two_way.p == pytest.approx(expected["p_twoway"], abs=1e-9)


def test_the_anxiety_ratings_give_the_printed_agreement():
    # irr: icc(anxiety, model = "twoway", type = "agreement"): 0.198, 95% CI -0.039 to 0.494.
    found = intraclass_correlation(ANXIETY, "ICC(A,1)")

    assert (found.estimate, found.low, found.high) == pytest.approx((0.198, -0.039, 0.494), abs=5e-4)


def test_consistency_hides_a_constant_shift_and_agreement_does_not():
    scores = np.array([1.0, 3, 5, 7, 9])
    shifted = np.column_stack([scores, scores + 2 + np.array([0.1, -0.1, 0, 0.1, -0.1])])

    assert intraclass_correlation(shifted, "ICC(C,1)").estimate > 0.99
    assert intraclass_correlation(shifted, "ICC(A,1)").estimate < 0.9


def test_an_old_name_is_refused_with_its_translation():
    with pytest.raises(SettingError, match=r"ICC\(2,1\) is called ICC\(A,1\)"):
        intraclass_correlation(ANXIETY, "ICC(2,1)")
    with pytest.raises(SettingError, match="not one of"):
        intraclass_correlation(ANXIETY, "ICC")


def test_a_gap_in_the_block_is_refused_with_a_way_out():
    gapped = ANXIETY.astype(float)
    gapped[3, 1] = np.nan

    with pytest.raises(AnalysisError, match="1 of 60 ratings are missing"):
        intraclass_correlation(gapped)
    with pytest.raises(AnalysisError, match="2 readers"):
        intraclass_correlation(ANXIETY[:, :1])


def test_ratings_without_any_variance_have_no_icc():
    found = intraclass_correlation(np.full((5, 3), 7.0), "ICC(C,1)")

    assert math.isnan(found.estimate) and math.isnan(found.p)
