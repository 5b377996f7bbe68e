from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from hub.demo.readers import (
    DEMO_TRUTH,
    Answer,
    Reading,
    answer_readings,
    centred_quality,
)

PLAIN = replace(
    DEMO_TRUTH,
    source_effect={"a": 0.0, "b": 0.9},
    reader_severity={"R": 0.0},
    reader_by_source={},
    networks=("b",),
    origin_d_prime={"R": -0.8},
    origin_criterion={"R": 0.0},
    seconds_per_mask={"R": 30.0},
    case_sd=0.0,
)
CASES = 6000


def plain_answers(source: str) -> list[Answer]:
    dice = {(f"c{i}", s): 0.85 for i in range(CASES) for s in ("a", "b")}
    readings = [Reading("R", f"c{i}", source, 30) for i in range(CASES)]
    return answer_readings(readings, dice=dice, truth=PLAIN, seed=1)


@pytest.fixture(scope="module")
def by_source() -> dict[str, list[Answer]]:
    return {source: plain_answers(source) for source in ("a", "b")}


def share_at_least(answers: list[Answer], score: int) -> float:
    return float(np.mean([answer.score >= score for answer in answers]))


def test_share_of_scores_from_seven_on_is_what_the_logit_model_says(
    by_source: dict[str, list[Answer]],
) -> None:
    # The border below 7 lies at -0.6: P = 1 / (1 + exp(-0.6)) = .6457; standard error .0062.
    assert share_at_least(by_source["a"], 7) == pytest.approx(0.6457, abs=0.02)


@pytest.mark.parametrize("score", [4, 6, 7, 8, 9])
def test_odds_ratio_is_the_stated_one_at_every_border(by_source: dict[str, list[Answer]], score: int) -> None:
    p, q = (share_at_least(by_source[s], score) for s in ("b", "a"))
    ratio = (p / (1 - p)) / (q / (1 - q))

    assert PLAIN.odds_ratio("b", "a") == pytest.approx(2.4596, abs=1e-4)  # exp(0.9)
    assert ratio == pytest.approx(2.4596, rel=0.2)


def test_origin_calls_have_the_stated_d_prime(by_source: dict[str, list[Answer]]) -> None:
    called_ai = {s: np.mean([answer.origin >= 4 for answer in a]) for s, a in by_source.items()}

    d_prime = NormalDist().inv_cdf(called_ai["b"]) - NormalDist().inv_cdf(called_ai["a"])

    assert d_prime == pytest.approx(-0.8, abs=0.08)


def test_every_step_of_both_scales_is_used(by_source: dict[str, list[Answer]]) -> None:
    answers = by_source["a"] + by_source["b"]

    assert {answer.score for answer in answers} == set(range(1, 11))
    assert {answer.origin for answer in answers} == set(range(1, 7))


def test_answer_depends_on_neither_the_other_readings_nor_their_order() -> None:
    dice = {(f"c{i}", s): 0.8 + 0.01 * i for i in range(10) for s in DEMO_TRUTH.source_effect}
    readings = [Reading("R2", case, source, 3) for case, source in dice]

    forward = answer_readings(readings, dice=dice, seed=5)
    alone = [answer_readings([reading], dice=dice, seed=5)[0] for reading in reversed(readings)]

    assert forward == alone[::-1]
    assert forward != answer_readings(readings, dice=dice, seed=6)


def test_failed_masks_are_scored_low_and_better_masks_higher() -> None:
    # Half of the masks of one source fail; .0, .80 and .90 in turn.
    dice = {(f"c{i}", "model-adult-brats"): (0.0, 0.8, 0.9)[i % 3] for i in range(900)}
    readings = [Reading("R1", case, source, 0) for case, source in dice]
    answers = answer_readings(readings, dice=dice, seed=2)

    median = [np.median([a.score for a in answers[k::3]]) for k in range(3)]

    assert median[0] <= 3 < median[1] < median[2]


def test_quality_is_centred_within_its_source_and_failures_have_none() -> None:
    dice = {("c1", "a"): 0.0, ("c2", "a"): 0.8, ("c3", "a"): 0.9, ("c1", "b"): 0.7, ("c2", "b"): 0.7}

    quality = centred_quality(dice)

    # Source a: .80 and .90 lie one population standard deviation (.05) below and above .85.
    assert quality["c1", "a"] is None
    assert (quality["c2", "a"], quality["c3", "a"]) == (pytest.approx(-1), pytest.approx(1))
    assert quality["c1", "b"] == 0


def test_wall_time_includes_active_time_and_slow_readers_stay_slow() -> None:
    dice = {(f"c{i}", "expert-1"): 0.9 for i in range(400)}
    readings = [Reading(r, case, s, i) for r in ("R2", "R3") for i, (case, s) in enumerate(dice)]
    answers = answer_readings(readings, dice=dice, seed=4)

    assert all(a.wall_seconds >= a.active_seconds > 2 for a in answers)
    slow, fast = (np.median([a.active_seconds for a in answers if a.reading.reader == r]) for r in ("R2", "R3"))
    assert slow > 1.5 * fast


def test_truth_is_plain_and_says_that_the_readers_are_simulated() -> None:
    facts = DEMO_TRUTH.as_dict()
    sentence = DEMO_TRUTH.statement("model-transfer-encoder", "expert-1")

    # exp(0.75 - 0.0) = 2.117
    assert facts["odds_ratios"]["model-transfer-encoder|expert-1"] == 2.117
    assert facts["reader_by_source"]["R2|model-transfer-encoder"] == 0.45
    assert sentence.startswith("Simulated readers; true odds ratio") and "2.12" in sentence


def test_reader_specific_odds_ratio_adds_the_interaction() -> None:
    # (0.75 + 0.45) - (0.0 - 0.15) = 1.35; exp(1.35) = 3.857
    ratio = DEMO_TRUTH.odds_ratio("model-transfer-encoder", "expert-1", reader="R2")

    assert ratio == pytest.approx(3.8574, abs=1e-4)
