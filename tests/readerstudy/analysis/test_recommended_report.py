import json

import numpy as np
import pytest
from scipy.stats import norm

from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.rating_model import rating_model
from readerstudy.analysis.recommended_report import recommended_report
from readerstudy.analysis.settings import RecommendedSettings
from readerstudy.analysis.table import scores

QUICK = RecommendedSettings(draws=400)


@pytest.fixture
def simulated(one_rating, table_of):
    """Return a builder of studies of one model and as many experts as readers, none of whom rates their own."""

    def build(readers, cases, *, effect=0.0, own=(), seed=0, detect=0.0, repeats=0):
        rng = np.random.default_rng(seed)
        difficulty, severity = rng.normal(0, 1.0, cases), rng.normal(0, 0.5, readers)
        item = rng.normal(0, 0.6, (cases, readers + 1))
        rows = []
        for r in range(readers):
            effects = effect + (own[r] if own else 0.0)
            others = [e for e in range(readers) if e != r]
            for c in range(cases):
                shown = [0, *(1 + e for e in rng.permutation(others)[:2])]
                for slot, arm in enumerate(rng.permutation(shown), 1):
                    latent = difficulty[c] + severity[r] + item[c, arm] + (effects if arm == 0 else 0) + 1
                    name = "model" if arm == 0 else f"E{arm}"
                    ratings = np.digitize(latent + rng.logistic(size=2), np.linspace(-3, 4, 9)) + 1
                    called = rng.normal(detect * (arm == 0), 1) > detect / 2
                    rows.append(one_rating(f"R{r + 1}", c, slot, name, "score", int(ratings[0])))
                    rows.append(one_rating(f"R{r + 1}", c, slot, name, "origin", 5 if called else 2))
                    if c < repeats:
                        rows.append(
                            one_rating(
                                f"R{r + 1}",
                                c,
                                slot,
                                name,
                                "score",
                                int(ratings[1]),
                                kind="repeat",
                                presentation=f"R{r + 1}-again-{c}",
                            )
                        )
        return table_of(rows)

    return build


def first(report, name, **wanted):
    return next(row for row in report.table(name).rows if all(row[k] == v for k, v in wanted.items()))


def test_a_better_model_is_found_by_every_method(simulated):
    report = recommended_report(simulated(3, 80, effect=1.0, seed=1), QUICK)
    odds = first(report, "rating_model", scope="mean of 3 readers")

    assert odds["low"] < np.exp(1.0) < odds["high"] and odds["p_adjusted"] < 0.001
    assert first(report, "acceptable", scope="mean of readers")["verdict"] == "superior"
    assert first(report, "superiority", scope="mean of readers")["low"] > 0.5
    assert first(report, "permutation")["p"] == pytest.approx(1 / 401)
    assert "model was scored higher than the experts" in report.table("answer").rows[0]["sentence"]
    assert any("few readers" in warning for warning in report.warnings)


def test_no_difference_is_not_called_one(simulated):
    report = recommended_report(simulated(3, 80, seed=5), QUICK)

    assert "neither clearly higher nor lower" in report.table("answer").rows[0]["sentence"]
    assert first(report, "rating_model")["p"] > 0.05
    assert first(report, "permutation")["p"] > 0.05


def test_readers_who_disagree_are_shown_one_by_one_and_left_out(simulated):
    report = recommended_report(simulated(3, 90, own=(-1.5, 2.0, 0.2), seed=3), QUICK)
    scopes = [row["scope"] for row in report.table("rating_model").rows]

    assert scopes == ["mean of 3 readers", "R1", "R2", "R3", "without R1", "without R2", "without R3"]
    assert first(report, "heterogeneity")["p"] < 0.001
    assert "The readers differ" in report.table("answer").rows[0]["sentence"]
    assert (
        first(report, "rating_model", scope="R1")["odds_ratio"]
        < 1
        < first(report, "rating_model", scope="R2")["odds_ratio"]
    )


def test_five_readers_or_more_are_a_sample(simulated):
    report = recommended_report(simulated(6, 50, effect=1.0, seed=2), QUICK)
    components = {row["component"]: row["value"] for row in report.table("components").rows}

    assert [row["scope"] for row in report.table("rating_model").rows] == ["all readers"]
    assert {"case", "case × arm", "reader", "reader × arm"} <= set(components)
    assert 0 < components["ICC of two readers (latent scale)"] < 1
    assert "readers and cases" in first(report, "acceptable")["method"]
    assert not any("few readers" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    ("detect", "verdict"),
    [(2.0, "distinguishable"), (-2.0, "distinguishable with reversed labels"), (0.0, "indistinguishable")],
)
def test_the_turing_verdicts(simulated, detect, verdict):
    report = recommended_report(simulated(3, 100, seed=11, detect=detect), QUICK)

    assert first(report, "turing", scope="mean of readers")["verdict"] == verdict
    area = first(report, "turing_area", scope="mean of readers")
    # The simulated answer is 5 or 2, so the area is Φ(detect / 2).
    assert area["estimate"] == pytest.approx(norm.cdf(detect / 2), abs=0.06)
    assert area["low"] <= area["estimate"] <= area["high"]


def test_repeats_show_how_readers_agree_with_themselves(simulated):
    report = recommended_report(simulated(3, 40, seed=4, repeats=20), QUICK)
    rows = report.table("reliability").rows
    own = [row for row in rows if row["measure"].startswith("quadratic kappa")]

    assert [row["who"] for row in own] == ["R1", "R2", "R3"]
    assert all(row["n"] == 60 and row["low"] < row["estimate"] for row in own)
    assert {row["measure"] for row in rows} >= {"Krippendorff's alpha, ordinal", "Gwet's AC2, quadratic weights"}


def test_the_display_is_in_the_model_and_near_one(simulated):
    report = recommended_report(simulated(3, 100, seed=6), QUICK)
    slots = report.table("display").rows

    assert [row["effect"] for row in slots] == ["slot 2", "slot 3"]
    assert all(row["low"] < 1 < row["high"] for row in slots)


def test_equal_tables_give_equal_reports_without_nan(simulated):
    table = simulated(3, 30, effect=0.5, seed=7)
    one, two = (recommended_report(t, QUICK).as_json() for t in (table, table.sample(frac=1, random_state=1)))

    assert json.loads(one)["tables"]
    assert one == two


def test_an_empty_table_gives_an_empty_report(table_of):
    report = recommended_report(table_of([]))

    assert all(table.rows == () for table in report.tables)
    json.loads(report.as_json())


def test_a_study_without_experts_or_variance_is_said_to_have_no_model(scored):
    alone = recommended_report(scored({"R1": {"model": [7, 8, 9, 6, 5]}}), QUICK)
    flat = recommended_report(scored({"R1": {"model": [7] * 6, "E2": [7] * 6}}), QUICK)

    assert "No mixed model" in alone.warnings[0] and "No mixed model" in flat.warnings[0]
    assert first(flat, "permutation")["p"] is None
    json.loads(flat.as_json())


def test_one_reader_gives_one_contrast(simulated, scored):
    rng = np.random.default_rng(1)
    table = scored({"R1": {"model": rng.integers(4, 11, 60), "E2": rng.integers(2, 9, 60)}})
    model = rating_model(scores(table))

    assert [contrast.scope for contrast in model.contrasts] == ["R1"]
    assert model.heterogeneity == ()


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(SettingError, match="positive"):
        RecommendedSettings(margin=0)
    with pytest.raises(SettingError, match="adjustment"):
        RecommendedSettings(adjustment="sidak")
