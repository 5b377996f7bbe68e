import numpy as np
import pytest

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.gee import gee_logit


def clustered(cases=60, per=4, seed=1):
    rng = np.random.default_rng(seed)
    case = np.repeat(np.arange(cases), per)
    model = np.tile([0.0, 1.0], cases * per // 2)
    eta = 0.3 + 0.8 * model + rng.normal(0, 1.2, cases)[case]
    return (rng.random(case.size) < 1 / (1 + np.exp(-eta))).astype(float), model, case


def test_one_answer_per_cluster_gives_the_log_odds_ratio():
    y = np.repeat([1.0, 0, 1, 0], (30, 10, 20, 20))
    model = np.repeat([1.0, 0.0], 40)

    fit = gee_logit(y, np.column_stack([np.ones(80), model]), ("intercept", "model"), np.arange(80))

    # Odds 30/10 against 20/20.
    assert fit.coefficients[1] == pytest.approx(np.log(3), abs=1e-6)


def test_the_true_effect_lies_in_the_interval_and_answers_correlate():
    y, model, case = clustered()
    fit = gee_logit(y, np.column_stack([np.ones(y.size), model]), ("intercept", "model"), case)

    estimate, low, high, p = fit.contrast([0, 1])

    assert low < 0.8 < high
    assert 0 <= p <= 1 and low < estimate < high
    assert fit.correlation > 0.05
    assert fit.df == 58


def test_copied_answers_do_not_shrink_the_standard_error():
    y, model, case = clustered(per=2)
    x = np.column_stack([np.ones(y.size), model])
    once = gee_logit(y, x, ("i", "m"), case)
    thrice = gee_logit(np.tile(y, 3), np.tile(x, (3, 1)), ("i", "m"), np.tile(case, 3))

    assert np.sqrt(thrice.covariance[1, 1]) == pytest.approx(np.sqrt(once.covariance[1, 1]), rel=0.1)


def test_what_cannot_be_modelled_is_refused():
    y, model, case = clustered()
    x = np.column_stack([np.ones(y.size), model])
    with pytest.raises(AnalysisError, match="all answers are equal"):
        gee_logit(np.ones(y.size), x, ("i", "m"), case)
    with pytest.raises(AnalysisError, match="2 clusters cannot carry 2 effects"):
        gee_logit(y, x, ("i", "m"), case % 2)
    with pytest.raises(AnalysisError, match="exact test"):
        gee_logit(model, x, ("i", "m"), case)
