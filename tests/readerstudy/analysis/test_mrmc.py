import dataclasses

import numpy as np
import pandas as pd
import pytest

from readerstudy.analysis.errors import AnalysisError, SettingError
from readerstudy.analysis.mrmc import Components, obuchowski_rockette
from readerstudy.analysis.mrmc_covariance import covariances, figures, readings
from readerstudy.analysis.mrmc_power import cases_needed, mrmc_power


@pytest.fixture
def van_dyke(reference_table):
    return reference_table("VanDyke.csv", dtype={"case2": str, "case3": str})


@pytest.fixture
def expected(published):
    return published("E23")["expected"]


def test_van_dykes_areas_and_mean_squares(van_dyke, expected):
    result = obuchowski_rockette(readings(van_dyke))

    assert result.figures[0] == pytest.approx(expected["auc"]["1"], abs=1e-8)
    assert result.figures[1] == pytest.approx(expected["auc"]["2"], abs=1e-8)
    assert result.difference() == pytest.approx(expected["diff"], abs=1e-8)
    assert result.components.ms_treatment == pytest.approx(expected["MS_T"], abs=1e-8)
    assert result.components.ms_treatment_reader == pytest.approx(expected["MS_TR"], abs=1e-8)


def test_van_dyke_by_the_jackknife_in_all_three_scopes(van_dyke, expected):
    printed = expected["jackknife"]
    result = obuchowski_rockette(readings(van_dyke))
    c = result.components

    assert (c.var, c.cov1, c.cov2, c.cov3) == pytest.approx(
        [printed[k] for k in ("var", "cov1", "cov2", "cov3")], abs=1e-8
    )
    assert c.var_reader == pytest.approx(printed["varR"], abs=1e-8)
    assert c.var_treatment_reader == pytest.approx(printed["varTR"], abs=1e-8)
    random, fixed, cases = printed["RRRC"], printed["FRRC"], printed["RRFC"]
    assert result.random.statistic == pytest.approx(random["F"], abs=1e-6)
    assert result.random.df2 == pytest.approx(random["ddf"], abs=1e-6)
    assert result.random.p == pytest.approx(random["p"], abs=1e-6)
    assert result.random.se == pytest.approx(random["se"], abs=1e-6)
    assert result.random.interval(result.difference()) == pytest.approx(random["ci"], abs=1e-6)
    assert result.fixed_readers.statistic == pytest.approx(fixed["X2"], abs=1e-6)
    assert result.fixed_readers.p == pytest.approx(fixed["p"], abs=1e-6)
    assert result.fixed_readers.interval(result.difference()) == pytest.approx(fixed["ci"], abs=1e-6)
    assert result.fixed_cases.statistic == pytest.approx(cases["F"], abs=1e-6)
    assert result.fixed_cases.p == pytest.approx(cases["p"], abs=1e-6)
    assert result.fixed_cases.interval(result.difference()) == pytest.approx(cases["ci"], abs=1e-6)


def test_each_modality_by_itself(van_dyke, expected):
    for single in obuchowski_rockette(readings(van_dyke)).singles:
        printed = expected["jackknife"]["single"][single.treatment]
        assert single.se == pytest.approx(printed["se"], abs=1e-7)
        assert single.df == pytest.approx(printed["df"], abs=5e-3)
        assert single.interval() == pytest.approx(printed["ci"], abs=1e-6)


@pytest.mark.parametrize("method", ["delong", "unbiased"])
def test_van_dyke_by_two_other_covariances(van_dyke, expected, method):
    printed = expected[method]
    result = obuchowski_rockette(readings(van_dyke), method=method)
    c = result.components

    assert (c.var, c.cov1, c.cov2, c.cov3) == pytest.approx(
        [printed[k] for k in ("var", "cov1", "cov2", "cov3")], abs=1e-9
    )
    assert result.random.statistic == pytest.approx(printed["F"], abs=1e-6)
    assert result.random.df2 == pytest.approx(printed["ddf"], abs=1e-5)
    assert result.random.p == pytest.approx(printed["p"], abs=1e-7)


def test_cases_nested_in_readers(van_dyke, expected):
    printed = expected["case_nested_in_reader"]
    result = obuchowski_rockette(readings(van_dyke, case="case2"))

    assert result.random.statistic == pytest.approx(printed["F"], abs=1e-6)
    assert [result.random.df1, result.random.df2] == pytest.approx(printed["df"])
    assert result.random.p == pytest.approx(printed["p"], abs=1e-7)


def test_cases_nested_in_treatments(van_dyke, expected):
    printed = expected["case_nested_in_treatment"]
    result = obuchowski_rockette(readings(van_dyke, case="case3"))

    assert result.components.cov2 == pytest.approx(printed["cov2"], abs=1e-9)
    assert result.random.statistic == pytest.approx(printed["F"], abs=1e-6)
    assert result.random.df2 == pytest.approx(printed["ddf"], abs=1e-4)
    assert result.random.p == pytest.approx(printed["p"], abs=1e-6)


def test_the_components_of_dorfman_berbaum_and_metz(van_dyke, expected):
    found = obuchowski_rockette(readings(van_dyke)).dbm()

    assert list(found.values()) == pytest.approx(
        [expected["DBM"][k] for k in ("VarR", "VarTR", "VarC", "VarTC", "VarRC", "VarTRC_err")], abs=1e-6
    )


def test_the_mean_of_zero_and_one_compares_shares():
    # Two treatments, two readers, four cases: the jackknife covariance of means is the sample covariance / n.
    rows = [
        (t, r, c, 1, score)
        for t, r, scores in (("A", "1", "1101"), ("A", "2", "1111"), ("B", "1", "1000"), ("B", "2", "0101"))
        for c, score in enumerate(map(int, scores))
    ]
    data = readings(pd.DataFrame(rows, columns=["treatment", "reader", "case", "truth", "rating"]))
    flat = data.scores.reshape(4, 4)

    assert figures(data, "mean").ravel().tolist() == [0.75, 1.0, 0.25, 0.5]
    assert covariances(data, figure="mean") == pytest.approx(np.cov(flat) / 4)
    assert obuchowski_rockette(data, figure="mean").difference() == 0.5


def test_a_negative_covariance_difference_is_taken_as_zero():
    # As in the Franken data: cov2 < cov3, so F = MS(T) / MS(TR) on (t - 1)(r - 1) = 3 df.
    rng = np.random.default_rng(5)
    truth = np.repeat([0, 1], 30)
    rows = [
        (t, r, c, truth[c], 1.5 * truth[c] + shared[c] + rng.normal())
        for r in range(4)
        for shared in [rng.normal(0, 0.5, 60)]
        for t in range(2)
        for c in range(60)
    ]
    data = readings(pd.DataFrame(rows, columns=["treatment", "reader", "case", "truth", "rating"]))

    result = obuchowski_rockette(data)

    assert result.components.cov2 < result.components.cov3
    assert result.components.excess == 0.0
    assert result.random.df2 == pytest.approx(3)
    assert result.random.statistic == pytest.approx(result.fixed_cases.statistic)


def test_unbiased_covariances_of_readers_with_gaps_stay_near_those_of_all(van_dyke):
    data = readings(van_dyke)
    gapped = data.scores.copy()
    gapped[:, 0, ::10] = np.nan
    whole = covariances(data, "unbiased")
    partial = covariances(dataclasses.replace(data, scores=gapped), "unbiased")

    assert partial[1:, 1:][0, 0] == pytest.approx(whole[1:, 1:][0, 0])
    assert partial[0, 0] == pytest.approx(whole[0, 0], rel=0.5)


@pytest.mark.parametrize(
    ("readers", "cases", "scope", "power"),
    [
        (10, 165, "random", 0.80541995),
        (10, 131, "fixed readers", 0.80091813),
        (10, 53, "fixed cases", 0.80496663),
        (6, 111, "random", 0.5526116),
    ],
)
def test_power_from_the_van_dyke_pilot(van_dyke, readers, cases, scope, power):
    # Reference values of the RJafroc package for the observed effect (Hillis 2011 and 2018).
    pilot = obuchowski_rockette(readings(van_dyke))

    found = mrmc_power(pilot.components, 114, effect=0.043800322, readers=readers, cases=cases, scope=scope)

    assert found.power == pytest.approx(power, abs=1e-7)


def test_the_number_of_cases_for_six_readers(van_dyke):
    # RJafroc: 251 cases for 6 readers and 80% power.
    pilot = obuchowski_rockette(readings(van_dyke)).components

    assert cases_needed(pilot, 114, effect=0.0438003, readers=6) == 251
    assert cases_needed(pilot, 114, effect=0.0001, readers=6) is None


def test_what_cannot_be_analysed_is_refused(van_dyke):
    with pytest.raises(AnalysisError, match="read a case twice"):
        readings(pd.concat([van_dyke, van_dyke.head(1)]))
    mended = van_dyke.copy()
    mended.loc[0, "truth"] = 1
    with pytest.raises(AnalysisError, match="two truths"):
        readings(mended)
    with pytest.raises(AnalysisError, match="2 treatments"):
        obuchowski_rockette(readings(van_dyke[van_dyke["treatment"] == 1]))
    with pytest.raises(AnalysisError, match="both truths"):
        obuchowski_rockette(readings(van_dyke[van_dyke["truth"] == 1]))
    with pytest.raises(SettingError, match="bootstrap"):
        obuchowski_rockette(readings(van_dyke), method="bootstrap")
    with pytest.raises(SettingError, match="accuracy"):
        obuchowski_rockette(readings(van_dyke), figure="accuracy")
    with pytest.raises(SettingError, match="both"):
        mrmc_power(Components(*[0.001] * 9), 100, effect=0.05, readers=5, cases=50, scope="both")
    with pytest.raises(AnalysisError, match="2 readers"):
        mrmc_power(Components(*[0.001] * 9), 100, effect=0.05, readers=1, cases=50)
