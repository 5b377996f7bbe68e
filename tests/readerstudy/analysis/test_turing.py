import math

import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from readerstudy.analysis.contingency import fisher
from readerstudy.analysis.turing import (
    Detection,
    OriginCounts,
    could_conclude,
    detection,
    mean_detection,
    score_adjusted_odds_ratio,
    verdict,
)

READER_2 = OriginCounts(hits=27, models=75, false_alarms=117, experts=131)
READER_3 = OriginCounts(hits=16, models=82, false_alarms=57, experts=141)


def test_stanislaw_and_todorovs_example():
    found = detection(OriginCounts(20, 25, 10, 25), log_linear=False)

    assert found.d_prime == pytest.approx(1.0949683, abs=1e-6)
    assert found.criterion == pytest.approx(-0.2941371, abs=1e-6)
    assert found.beta == pytest.approx(math.exp(1.0949683 * -0.2941371))


def test_beta_is_the_ratio_of_the_densities():
    found = detection(OriginCounts(20, 25, 10, 25), log_linear=False)

    assert found.beta == pytest.approx(stats.norm.pdf(stats.norm.ppf(0.8)) / stats.norm.pdf(stats.norm.ppf(0.4)))
    assert found.beta == pytest.approx(0.724647, abs=1e-6)


@pytest.mark.parametrize(
    ("counts", "d_prime", "interval", "p"),
    [(READER_2, -1.58, (-1.99, -1.17), 1.99e-15), (READER_3, -0.61, (-0.98, -0.23), 0.00177)],
)
def test_paper_000_readers_told_the_sources_apart_with_reversed_labels(counts, d_prime, interval, p):
    found = detection(counts)

    assert found.d_prime == pytest.approx(d_prime, abs=0.01)
    assert found.d_prime_interval() == pytest.approx(interval, abs=0.01)
    assert fisher(counts.table()).p == pytest.approx(p, rel=0.01)
    assert verdict(found) == "distinguishable with reversed labels"


def test_an_extreme_reader_keeps_finite_numbers():
    found = detection(OriginCounts(30, 30, 0, 30))

    assert math.isfinite(found.d_prime) and math.isfinite(found.d_prime_se)
    assert verdict(found) == "distinguishable"


def test_a_large_p_is_not_equality():
    assert verdict(detection(OriginCounts(15, 30, 15, 30))) == "inconclusive"
    assert verdict(detection(OriginCounts(75, 150, 75, 150))) == "indistinguishable"
    assert verdict(None) == "inconclusive"


def test_a_reader_who_saw_only_models_has_no_d_prime():
    assert detection(OriginCounts(5, 10, 0, 0)) is None


def test_the_design_must_be_large_enough_to_show_equality():
    # At d' = 0 the variance is (π/2)(1/n + 1/m); 1.645 √((π/2)(2/n)) ≤ 0.5 needs n ≥ 33.998.
    assert not could_conclude(33, 33)
    assert could_conclude(34, 34)
    assert could_conclude(12, 12, readers=3)
    assert not could_conclude(0, 100)


def test_the_mean_of_readers_weighs_them_alike():
    mean = mean_detection([Detection(1.0, 0.3, 0.2, 0.1), Detection(0.0, 0.4, 0.0, 0.1)])

    assert mean.d_prime == 0.5
    assert mean.d_prime_se == pytest.approx(0.25)


def test_calls_at_equal_score_are_combined_by_mantel_and_haenszel():
    strata = {4: OriginCounts(8, 10, 9, 20), 7: OriginCounts(5, 25, 6, 40), 9: OriginCounts(1, 12, 0, 0)}
    oracle = StratifiedTable([strata[4].table(), strata[7].table()])

    ratio, low, high = score_adjusted_odds_ratio(strata)

    assert ratio == pytest.approx(oracle.oddsratio_pooled, rel=1e-10)
    assert (low, high) == pytest.approx(oracle.oddsratio_pooled_confint(), rel=1e-10)


def test_no_common_score_gives_no_adjusted_ratio():
    assert all(math.isnan(value) for value in score_adjusted_odds_ratio({5: OriginCounts(1, 2, 0, 0)}))
    assert all(math.isnan(value) for value in score_adjusted_odds_ratio({5: OriginCounts(2, 2, 2, 2)}))
