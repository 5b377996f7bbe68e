import numpy as np
import pytest

from readerstudy.analysis.clustered_mcnemar import METHODS, clustered_mcnemar
from readerstudy.analysis.errors import AnalysisError, SettingError
from readerstudy.analysis.paired_tables import mcnemar


def single_pairs(a, b, c, d):
    return np.repeat(np.eye(4, dtype=int), (a, b, c, d), axis=0)


@pytest.mark.parametrize("method", ["durkalski", "eliasziw"])
def test_one_pair_per_cluster_gives_mcnemar_itself(method):
    plain = mcnemar([[30, 14], [5, 20]], "asymptotic").statistic

    assert clustered_mcnemar(single_pairs(30, 14, 5, 20), method).statistic == pytest.approx(plain)


def test_one_pair_per_cluster_gives_obuchowski_its_small_sample_factor():
    # (K - 1) / K with K = 69 clusters.
    plain = mcnemar([[30, 14], [5, 20]], "asymptotic").statistic

    assert clustered_mcnemar(single_pairs(30, 14, 5, 20), "obuchowski").statistic == pytest.approx(plain * 68 / 69)


def test_the_parathyroid_glands_of_durkalskis_table():
    # PET against SPECT in 21 patients: McNemar 4.5, Obuchowski 2.86 (Durkalski 2003). Both depend only on the
    # discordant glands per patient, which sum to 6 in one direction with squares that sum to 12.
    discordant = [2, 1, 1, 2, 1, -1] + [0] * 15
    clusters = [[2, max(-d, 0), max(d, 0), 1] for d in discordant]
    b, c = np.sum(clusters, axis=0)[[1, 2]]

    assert (b - c) ** 2 / (b + c) == 4.5
    assert clustered_mcnemar(clusters, "obuchowski").statistic == pytest.approx(2.86, abs=5e-3)


CLUSTERS = [[1, 2, 0, 1], [0, 1, 1, 0], [3, 1, 0, 2]]


@pytest.mark.parametrize(
    ("method", "statistic"),
    [
        # d = 2, 0, 1; sizes 4, 2, 6; (2/4 + 0 + 1/6)² / (1/4 + 1/36)
        ("durkalski", (2 / 3) ** 2 / (10 / 36)),
        # (2/3) 3² / (4 + 0 + 1)
        ("obuchowski", 2 / 3 * 9 / 5),
        # d - n/4 = 1, -0.5, -0.5; (2/3) 9 / ((1.5 + 5) / 2)
        ("yang", 2 / 3 * 9 / 3.25),
    ],
)
def test_three_clusters_by_hand(method, statistic):
    assert clustered_mcnemar(CLUSTERS, method).statistic == pytest.approx(statistic)


def test_correlated_pairs_count_less():
    # Eight clusters whose pairs all agree with each other carry the weight of few, not of 32, pairs.
    clusters = [[0, 4, 0, 0]] * 4 + [[0, 0, 4, 0]] * 2 + [[4, 0, 0, 0], [0, 0, 0, 4]]
    plain = (16 - 8) ** 2 / 24

    for method in METHODS:
        assert clustered_mcnemar(clusters, method).statistic < plain


def test_the_difference_has_a_cluster_interval():
    result = clustered_mcnemar(CLUSTERS)

    assert result.effect == pytest.approx(3 / 12)
    assert result.effect_low < 3 / 12 < result.effect_high
    assert result.n == 12


def test_no_discordant_pairs_decide_nothing():
    assert clustered_mcnemar([[3, 0, 0, 1], [2, 0, 0, 0]]).p is None


def test_one_cluster_is_refused():
    with pytest.raises(AnalysisError, match="2 clusters"):
        clustered_mcnemar([[3, 1, 0, 1]])
    with pytest.raises(SettingError, match="rao"):
        clustered_mcnemar(CLUSTERS, "rao")
