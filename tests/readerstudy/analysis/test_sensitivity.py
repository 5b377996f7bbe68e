import numpy as np
import pytest

from readerstudy.analysis.rating_model import rating_model
from readerstudy.analysis.sensitivity import cut_rows, missing_rows
from readerstudy.analysis.settings import RecommendedSettings
from readerstudy.analysis.table import answer_rows, scores

SETTINGS = RecommendedSettings()


@pytest.fixture
def gapped(scored):
    """Return a study of two readers in which a tenth of the model's scores is missing."""
    rng = np.random.default_rng(5)
    case = rng.normal(0, 1, 80)

    def ratings(shift):
        return np.clip(np.rint(6 + shift + case + rng.logistic(0, 0.8, 80)), 1, 10).astype(int)

    table = scored({f"R{r}": {"model": ratings(0.8), "E3": ratings(0)} for r in (1, 2)})
    lost = (table["arm"] == "model") & (table["position"] % 10 == 1)
    table.loc[lost, "value"] = None
    return table


def test_missing_scores_are_taken_three_ways(gapped):
    rows = {
        row["analysis"]: row
        for row in missing_rows(answer_rows(gapped, "score"), rating_model(scores(gapped)), SETTINGS)
    }

    assert [row["n"] for row in rows.values()] == [304, 288, 320]
    worst, plain = rows["worst case for the models"], rows["all available"]
    assert worst["odds_ratio"] < plain["odds_ratio"]
    assert plain["scope"] == "mean of 2 readers"


def test_without_missing_scores_there_is_one_analysis(gapped):
    whole = answer_rows(gapped, "score").fillna({"value": 5})

    assert [row["analysis"] for row in missing_rows(whole, rating_model(scores(gapped)), SETTINGS)] == ["all available"]


def test_every_cut_of_the_scale_has_its_odds_ratio(gapped):
    rows = cut_rows(scores(gapped))
    told = [row for row in rows if "odds_ratio" in row]

    assert [row["at_least"] for row in rows] == sorted(scores(gapped)["value"].unique())[1:]
    assert len(told) >= 5
    assert np.median([row["odds_ratio"] for row in told]) > 1.5
    assert all(row["low"] < row["odds_ratio"] < row["high"] for row in told)


def test_a_cut_that_separates_the_sides_says_so(scored):
    rows = cut_rows(scores(scored({"R1": {"model": [9, 8, 9, 8] * 5, "E2": [3, 4, 4, 3] * 5}})))

    assert any("exact test" in row.get("note", "") for row in rows)
