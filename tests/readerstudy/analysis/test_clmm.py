import numpy as np
import pytest
from scipy import optimize
from statsmodels.miscmodels.ordinal_model import OrderedModel

from readerstudy.analysis.clmm import fit_clmm, likelihood_ratio
from readerstudy.analysis.clmm_agq import fit_clmm_agq
from readerstudy.analysis.clmm_effects import difference_at_least, probability_at_least, superiority
from readerstudy.analysis.cumulative_link import cells, level_probabilities
from readerstudy.analysis.errors import AnalysisError, SettingError


@pytest.fixture
def wine(reference_table):
    table = reference_table("wine.csv")
    fixed = np.column_stack([table["temp"] == "warm", table["contact"] == "yes"]).astype(float)
    return table["rating"], fixed, table["judge"]


def study(readers, cases, sources, seed, *, reader=0.7, case=1.0, both=0.6):
    """Ratings of every source of every case by every reader, and their factors."""
    rng = np.random.default_rng(seed)
    r, c, s = (index.ravel() for index in np.indices((readers, cases, sources)))
    eta = 0.8 * (s == 1) + rng.normal(0, reader, readers)[r] + rng.normal(0, case, cases)[c]
    eta = eta + rng.normal(0, both, (cases, sources))[c, s]
    y = np.digitize(eta + rng.logistic(size=eta.size), np.linspace(-3, 3, 6))
    fixed = np.column_stack([s == k for k in range(1, sources)]).astype(float)
    factors = {"case": c, "case by source": [f"{a}-{b}" for a, b in zip(c, s, strict=True)], "reader": r}
    return y, fixed, [f"source {k}" for k in range(1, sources)], factors


def test_the_wine_without_judges(published, wine):
    expected = published("E26")["expected"]["clm"]
    rating, fixed, _ = wine

    fit = fit_clmm(rating, fixed, ("tempwarm", "contactyes"))

    for name in ("tempwarm", "contactyes"):
        found = fit.coefficient(name)
        assert (found.estimate, found.se) == pytest.approx(expected[name], abs=5e-5)
    assert fit.thresholds == pytest.approx(expected["thresholds"], abs=5e-5)
    assert fit.log_likelihood == pytest.approx(expected["logLik"], abs=5e-5)


def test_the_wine_with_judges_equals_r_to_four_digits(published, wine):
    expected = published("E26")["expected"]["clmm_laplace"]
    rating, fixed, judge = wine

    fit = fit_clmm(rating, fixed, ("tempwarm", "contactyes"), {"judge": judge})

    for name in ("tempwarm", "contactyes"):
        found = fit.coefficient(name)
        assert (found.estimate, found.se) == pytest.approx(expected[name], rel=1e-4)
    assert fit.thresholds == pytest.approx(expected["thresholds"], rel=1e-4)
    assert fit.sd["judge"] ** 2 == pytest.approx(expected["judge_var"], rel=1e-4)
    assert fit.log_likelihood == pytest.approx(expected["logLik"], abs=5e-3)
    assert fit.steepest < 1e-6


def test_judges_matter_for_the_wine(published, wine):
    # ordinal's vignette: likelihood ratio 9.853 for the judge variance.
    rating, fixed, judge = wine
    names = ("tempwarm", "contactyes")

    statistic, p = likelihood_ratio(
        fit_clmm(rating, fixed, names), fit_clmm(rating, fixed, names, {"judge": judge}), 1, variance=True
    )

    assert statistic == pytest.approx(9.853, abs=5e-4)
    assert p < 0.001


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_without_random_effects_it_is_statsmodels_ordered_model(link):
    y, fixed, names, _ = study(3, 40, 3, 5)
    oracle = OrderedModel(y, fixed, distr=link).fit(method="bfgs", disp=False, gtol=1e-8)

    fit = fit_clmm(y, fixed, names, link=link)

    assert fit.coefficients == pytest.approx(np.asarray(oracle.params)[:2], abs=1e-4)
    assert fit.log_likelihood == pytest.approx(oracle.llf, abs=1e-6)
    assert [fit.coefficient(name).se for name in names] == pytest.approx(np.asarray(oracle.bse)[:2], rel=1e-3)


def dense_laplace(y, eta, z, thresholds):
    """Laplace log-likelihood with one dense design of scaled effects, written without the block structure."""

    def minus_joint(b):
        return -(cells(y, eta + z @ b, thresholds).log_p.sum() - b @ b / 2)

    def slope(b):
        return b - z.T @ cells(y, eta + z @ b, thresholds).slope

    mode = optimize.minimize(minus_joint, np.zeros(z.shape[1]), jac=slope, method="BFGS", options={"gtol": 1e-9}).x
    weight = cells(y, eta + z @ mode, thresholds).weight
    return -minus_joint(mode) - np.linalg.slogdet(z.T @ (weight[:, None] * z) + np.eye(z.shape[1]))[1] / 2


def test_crossed_effects_reach_the_likelihood_of_a_dense_computation():
    y, fixed, names, factors = study(4, 12, 2, 3)
    fit = fit_clmm(y, fixed, names, factors)
    designs = []
    for name, labels in factors.items():
        levels, code = np.unique(np.asarray(labels).astype(str), return_inverse=True)
        designs.append(fit.sd[name] * np.eye(levels.size)[code])

    expected = dense_laplace(y, fixed @ fit.coefficients, np.hstack(designs), fit.thresholds)

    assert fit.log_likelihood == pytest.approx(expected, abs=1e-6)


def test_nothing_near_the_estimate_is_more_likely():
    y, fixed, names, factors = study(5, 25, 2, 9)
    fit = fit_clmm(y, fixed, names, factors)
    designs = [
        np.eye(len(set(labels)))[np.unique(np.asarray(labels).astype(str), return_inverse=True)[1]]
        for labels in factors.values()
    ]
    sds = np.array(list(fit.sd.values()))
    rng = np.random.default_rng(0)

    for _ in range(6):
        sd = sds * np.exp(rng.normal(0, 0.1, 3))
        beta = fit.coefficients + rng.normal(0, 0.05, 1)
        z = np.hstack([s * design for s, design in zip(sd, designs, strict=True)])
        assert dense_laplace(y, fixed @ beta, z, fit.thresholds) < fit.log_likelihood


def test_the_truth_of_a_simulated_study_is_found():
    y, fixed, names, factors = study(10, 100, 2, 1)

    fit = fit_clmm(y, fixed, names, factors)

    low, high = fit.coefficient("source 1").interval()
    assert low < 0.8 < high
    assert fit.sd["case"] == pytest.approx(1.0, abs=0.25)
    assert fit.sd["case by source"] == pytest.approx(0.6, abs=0.25)
    assert fit.sd["reader"] == pytest.approx(0.7, abs=0.4)


def test_a_factor_without_effect_gets_a_deviation_of_zero_and_a_note():
    y, fixed, names, factors = study(3, 60, 2, 4, both=0.0)
    noise = np.argsort(np.argsort(y)) % 40  # every level of the factor has nearly the same ratings

    fit = fit_clmm(y, fixed, names, {"case": factors["case"], "noise": noise})

    assert fit.sd["noise"] == 0.0
    assert any("noise" in note for note in fit.notes)
    assert np.isfinite(fit.coefficient("source 1").se)


def test_an_unused_level_leaves_the_scale():
    y, fixed, names, _ = study(3, 30, 2, 2)
    gapped = np.where(y == 3, 4, y)

    fit = fit_clmm(gapped, fixed, names)

    assert 3 not in fit.levels
    assert fit.thresholds.size == fit.levels.size - 1
    assert np.all(np.diff(fit.thresholds) > 0)


def test_separated_ratings_are_noted():
    fixed = np.repeat([0.0, 1.0], 30)[:, None]
    y = np.concatenate([np.tile([1, 2, 3], 10), np.tile([4, 5, 6], 10)])

    assert "separated" in " ".join(fit_clmm(y, fixed, ("source",)).notes)


def test_what_cannot_be_fitted_is_refused():
    with pytest.raises(AnalysisError, match="all ratings are equal"):
        fit_clmm([7, 7, 7], np.zeros((3, 0)), ())
    with pytest.raises(AnalysisError, match="determine each other"):
        fit_clmm([1, 2, 3, 4], [[1, 0], [0, 1], [1, 0], [0, 1]], ("a", "b"))
    with pytest.raises(AnalysisError, match="2 fixed effects were given with 1 names"):
        fit_clmm([1, 2, 3, 4], [[1, 0], [0, 0], [1, 2], [0, 1]], ("a",))
    with pytest.raises(SettingError, match="cauchit"):
        fit_clmm([1, 2, 3], np.zeros((3, 0)), (), link="cauchit")


def test_contrasts_and_wald_tests_agree_with_each_other():
    y, fixed, names, factors = study(4, 40, 3, 6)
    fit = fit_clmm(y, fixed, names, factors)
    between = fit.contrast("2 against 1", [-1, 1])

    statistic, df, p = fit.wald_test([[-1, 1]])

    assert statistic == pytest.approx((between.estimate / between.se) ** 2)
    assert (df, p) == (1, pytest.approx(between.p))


def test_the_chance_of_an_acceptable_rating_matches_a_simulation():
    y, fixed, names, factors = study(8, 60, 2, 7)
    fit = fit_clmm(y, fixed, names, factors)
    spread = np.sqrt(sum(sd**2 for sd in fit.sd.values()))
    eta = fit.coefficients[0] + np.random.default_rng(1).normal(0, spread, 200_000)
    simulated = level_probabilities(eta, fit.thresholds)[:, fit.levels >= 4].sum(axis=1).mean()

    found = probability_at_least(fit, [1.0], 4)

    assert found.estimate == pytest.approx(simulated, abs=0.002)
    assert found.low < found.estimate < found.high


def test_superiority_is_symmetric_and_follows_the_coefficient():
    y, fixed, names, factors = study(8, 60, 2, 7)
    fit = fit_clmm(y, fixed, names, factors)

    ahead, behind = superiority(fit, [1.0], [0.0]), superiority(fit, [0.0], [1.0])

    assert ahead.estimate > 0.5
    assert ahead.estimate + behind.estimate == pytest.approx(1)
    assert superiority(fit, [0.0], [0.0]).estimate == pytest.approx(0.5)
    assert difference_at_least(fit, [1.0], [0.0], 4).low > 0


def test_the_wine_with_judges_by_ten_quadrature_nodes(published, wine):
    expected = published("E26")["expected"]["clmm_agq10"]
    rating, fixed, judge = wine

    fit = fit_clmm_agq(rating, fixed, ("tempwarm", "contactyes"), judge, nodes=10)

    for name in ("tempwarm", "contactyes"):
        found = fit.coefficient(name)
        assert (found.estimate, found.se) == pytest.approx(expected[name], rel=2e-3)
    assert next(iter(fit.sd.values())) ** 2 == pytest.approx(expected["judge_var"], rel=2e-3)
    assert fit.log_likelihood == pytest.approx(expected["logLik"], abs=5e-3)


def test_one_quadrature_node_is_the_laplace_approximation(wine):
    rating, fixed, judge = wine
    names = ("tempwarm", "contactyes")

    laplace = fit_clmm(rating, fixed, names, {"group": judge})
    one = fit_clmm_agq(rating, fixed, names, judge, nodes=1)

    assert one.log_likelihood == pytest.approx(laplace.log_likelihood, abs=1e-6)
    assert one.coefficients == pytest.approx(laplace.coefficients, abs=1e-4)
