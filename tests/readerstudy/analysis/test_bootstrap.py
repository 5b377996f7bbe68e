import numpy as np
import pytest

from readerstudy.analysis.bootstrap import (
    bootstrap,
    count_tensor,
    left_out,
    mean_of_drawn_readers,
    medians,
    replicates,
    shares_at_least,
    superiorities,
)
from readerstudy.analysis.errors import AnalysisError, SettingError
from readerstudy.analysis.table import scores


@pytest.fixture
def study(scored):
    rng = np.random.default_rng(6)
    case = rng.normal(0, 1.5, 60)

    def ratings(shift, reader):
        return np.clip(np.rint(6.5 + shift + case + reader + rng.normal(0, 1, 60)), 1, 10).astype(int)

    arms = {"model": 0.6, "E1": 0.0}
    table = scored(
        {
            reader: {arm: ratings(shift, severity) for arm, shift in arms.items()}
            for reader, severity in (("R1", 0.3), ("R2", -0.5), ("R3", 0.1))
        }
    )
    return scores(table)


def test_the_tensor_holds_every_rating_once(study):
    tensor = count_tensor(study)

    assert tensor.counts.shape == (60, 3, 2, tensor.levels.size)
    assert tensor.counts.sum() == len(study) == 360
    assert tensor.total()[tensor.readers.index("R2"), tensor.arms.index("model")].sum() == 60


def test_replicates_equal_ratings_drawn_case_by_case(study):
    tensor = count_tensor(study)
    weights = np.random.default_rng(9).multinomial(60, np.full(60, 1 / 60), size=5)
    drawn = replicates(tensor, draws=5, seed=9)

    for b in range(5):
        chosen = np.repeat(np.array(tensor.cases), weights[b])
        rows = study.set_index("case").loc[chosen]
        r1 = rows[(rows["reader"] == "R1") & (rows["arm"] == "model")]["value"]
        counts = drawn[b, tensor.readers.index("R1"), tensor.arms.index("model")]
        assert np.repeat(tensor.levels, counts.astype(int)).tolist() == sorted(r1)


@pytest.mark.parametrize("units", ["case", "reader", "both"])
def test_the_same_seed_gives_the_same_replicates(study, units):
    tensor = count_tensor(study)

    first, second = (replicates(tensor, draws=20, seed=3, units=units) for _ in range(2))

    assert np.array_equal(first, second)
    assert not np.array_equal(first, replicates(tensor, draws=20, seed=4, units=units))


def test_statistics_of_counts_are_those_of_the_ratings():
    levels = np.array([1.0, 4, 7, 10])
    counts = np.array([[2, 1, 0, 1], [0, 3, 3, 0.0]])
    rows = [np.repeat(levels, row.astype(int)) for row in counts]
    wins = np.mean([(a > b) + 0.5 * (a == b) for a in rows[0] for b in rows[1]])

    assert medians(counts, levels).tolist() == [np.median(row) for row in rows]
    assert shares_at_least(counts, levels, 7).tolist() == [0.25, 0.5]
    assert superiorities(counts[0], counts[1]) == pytest.approx(wins)
    assert np.isnan(medians(np.zeros(4), levels))
    assert np.isnan(shares_at_least(np.zeros(4), levels, 7))


def difference(tensor):
    def statistic(counts):
        share = shares_at_least(counts.sum(axis=-3), tensor.levels, 7)
        return share[..., tensor.arms.index("model")] - share[..., tensor.arms.index("E1")]

    return statistic


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_the_standard_error_is_that_of_the_cluster_formula(study, method):
    tensor = count_tensor(study)
    per_case = tensor.counts[..., tensor.levels >= 7].sum(axis=(1, 3)) / 3
    d = per_case[:, tensor.arms.index("model")] - per_case[:, tensor.arms.index("E1")]

    found = bootstrap(tensor, difference(tensor), draws=2000, seed=1, method=method)

    assert found.estimate == pytest.approx(d.mean())
    assert found.se == pytest.approx(d.std(ddof=1) / np.sqrt(60), rel=0.06)
    assert found.interval.low < found.estimate < found.interval.high
    assert 1 / 2001 <= found.p <= 1


def test_leaving_a_case_out_removes_its_ratings(study):
    tensor = count_tensor(study)

    assert left_out(tensor)[7].sum() == 360 - 6


def test_what_cannot_be_drawn_is_refused(study):
    tensor = count_tensor(study)
    with pytest.raises(SettingError, match="slot"):
        replicates(tensor, draws=5, seed=1, units="slot")
    with pytest.raises(SettingError, match="bca"):
        bootstrap(tensor, difference(tensor), method="bca", units="both")
    with pytest.raises(AnalysisError, match="no ratings"):
        count_tensor(study.head(0))
    with pytest.raises(AnalysisError, match="undefined"):
        bootstrap(tensor, lambda counts: np.full(counts.shape[:-3], np.nan), draws=10)


def test_a_reader_drawn_twice_counts_twice():
    # Readers at 0 and 1, always the same in every replicate: the mean of two drawn ones is 0, 1/2 or 1.
    values = np.tile([0.0, 1.0], (4000, 1))
    found = mean_of_drawn_readers(values, seed=1)

    assert set(found) == {0.0, 0.5, 1.0}
    assert np.mean(found == 0.5) == pytest.approx(0.5, abs=0.03)
    assert np.isnan(mean_of_drawn_readers(np.full((3, 2), np.nan), seed=1)).all()
