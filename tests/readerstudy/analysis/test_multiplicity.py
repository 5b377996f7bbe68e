import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.multiplicity import adjust, family_size

# Benjamini & Hochberg 1995, section 4.1.
PUBLISHED = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.324,
    0.4262,
    0.5719,
    0.6528,
    0.759,
    1.0,
]


@pytest.mark.parametrize(("method", "rejected"), [("bh", 4), ("bonferroni", 3), ("hochberg", 3), ("holm", 3)])
def test_the_published_example_rejects_as_many(method, rejected):
    assert np.count_nonzero(adjust(PUBLISHED, method) <= 0.05) == rejected


@pytest.mark.parametrize(
    ("method", "name"), [("bh", "fdr_bh"), ("by", "fdr_by"), ("holm", "holm"), ("hochberg", "simes-hochberg")]
)
def test_adjusted_values_equal_statsmodels(method, name):
    shuffled = np.random.default_rng(0).permutation(PUBLISHED)

    assert adjust(shuffled, method) == pytest.approx(multipletests(shuffled, method=name)[1], rel=1e-12)


@pytest.mark.parametrize("method", ["bh", "by", "holm", "hochberg", "bonferroni"])
def test_a_missing_p_value_takes_no_place_in_the_family(method):
    with_gap = adjust([0.01, np.nan, 0.04], method)

    assert with_gap[[0, 2]] == pytest.approx(adjust([0.01, 0.04], method))
    assert np.isnan(with_gap[1])
    assert family_size([0.01, np.nan, 0.04]) == 2


def test_an_empty_family_stays_empty():
    assert adjust([], "bh").size == 0
    assert np.isnan(adjust([np.nan], "holm")).all()


def test_no_adjustment_returns_the_raw_values():
    assert adjust([0.5, 0.01], "none").tolist() == [0.5, 0.01]


def test_an_unknown_method_is_refused():
    with pytest.raises(SettingError, match="sidak"):
        adjust([0.1], "sidak")


def test_adjusted_values_of_the_published_example(published):
    example = published("E10")

    assert adjust(example["data"]["p"]) == pytest.approx(example["expected"]["adjusted_BH"], abs=1e-6)
