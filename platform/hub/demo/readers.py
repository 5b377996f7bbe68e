"""Simulated readers whose truth is known: Likert 1-10 scores, origin calls on six steps, and reading times.

Scores follow a cumulative logit model: a latent liking, the sum of the stated effects and logistic noise,
is cut at nine fixed points. Origin calls follow signal detection theory with a d' for each reader. Every
reading draws from a generator keyed by seed, reader, case and source, so that an answer depends neither on
the allocation nor on the order of calls.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

FAILED_BELOW = 0.30  # Dice under which a mask counts as failed and is judged as such
QUALITY_SPAN = 1.5  # a mask's quality is held within this many standard deviations of its source's mean
SCORE_CUTS = (-4.6, -3.7, -2.9, -2.2, -1.4, -0.6, 0.5, 1.7, 3.0)  # latent borders between scores 1..10
ORIGIN_CUTS = (-1.3, -0.6, 0.0, 0.6, 1.3)  # steps surely human .. surely AI, about the reader's criterion


@dataclass(frozen=True)
class ReaderTruth:
    """The parameters that the simulated study is made with; log odds unless said otherwise."""

    source_effect: Mapping[str, float]
    reader_severity: Mapping[str, float]
    reader_by_source: Mapping[tuple[str, str], float]  # (reader, source)
    networks: tuple[str, ...]
    origin_d_prime: Mapping[str, float]  # reader -> d', standard deviations; negative: reversed calls
    origin_criterion: Mapping[str, float]  # reader -> shift of the cuts; negative: more AI calls
    seconds_per_mask: Mapping[str, float]  # reader -> median active seconds
    case_sd: float = 0.8
    quality_effect: float = 0.7  # per standard deviation of Dice within the source
    failure_effect: float = -6.0  # of a failed or empty mask
    poor_looks_ai: float = 0.30  # share of disliking, beyond all stated effects, carried into the origin call

    def odds_ratio(self, source: str, reference: str, *, reader: str | None = None) -> float:
        """Return the true conditional odds ratio of a higher score, source against reference.

        Masks are of average quality for their source and not failed. With a reader, that reader's
        interaction is included; without, it is the ratio at zero interaction.
        """
        effect = self.source_effect[source] - self.source_effect[reference]
        if reader is not None:
            effect += self.reader_by_source.get((reader, source), 0.0)
            effect -= self.reader_by_source.get((reader, reference), 0.0)
        return float(np.exp(effect))

    def as_dict(self) -> dict[str, object]:
        """Return the whole truth as plain values, for the page that states it."""
        facts = asdict(self)
        facts["networks"] = list(self.networks)
        facts["reader_by_source"] = {f"{r}|{s}": v for (r, s), v in self.reader_by_source.items()}
        facts["score_cuts"], facts["origin_cuts"] = list(SCORE_CUTS), list(ORIGIN_CUTS)
        facts["failed_below_dice"] = FAILED_BELOW
        facts["quality_span_sd"] = QUALITY_SPAN
        facts["odds_ratios"] = {
            f"{a}|{b}": round(self.odds_ratio(a, b), 3)
            for a in self.source_effect for b in self.source_effect if a != b
        }  # fmt: skip
        return facts

    def statement(self, source: str, reference: str) -> str:
        """Return one sentence for the page: that the readers are simulated, and what is true of them."""
        ratio = self.odds_ratio(source, reference)
        d_primes = ", ".join(f"{reader} {value:+.1f}" for reader, value in self.origin_d_prime.items())
        return (
            f"Simulated readers; true odds ratio of a higher score, {source} against {reference}: "
            f"{ratio:.2f}; true d' of the origin calls: {d_primes}."
        )


# R1, R2 and R3 are experts 1, 2 and 3 as readers; nobody reads masks of their own, so those cells are absent.
DEMO_TRUTH = ReaderTruth(
    source_effect={
        "expert-1": 0.0, "expert-2": 0.35, "expert-3": -0.75,
        "model-transfer-encoder": 0.75, "model-adult-brats": -0.25,
    },
    reader_severity={"R1": -0.65, "R2": 0.35, "R3": -0.50},
    reader_by_source={
        ("R1", "model-transfer-encoder"): -0.30, ("R1", "model-adult-brats"): 0.10,
        ("R2", "model-transfer-encoder"): 0.45, ("R2", "expert-3"): -0.35, ("R2", "expert-1"): -0.15,
        ("R3", "model-transfer-encoder"): -0.15, ("R3", "expert-2"): -0.10,
    },
    networks=("model-transfer-encoder", "model-adult-brats"),
    origin_d_prime={"R1": 0.3, "R2": -0.9, "R3": -0.2},
    origin_criterion={"R1": 0.5, "R2": -0.2, "R3": 0.4},
    seconds_per_mask={"R1": 24.0, "R2": 38.0, "R3": 18.0},
)  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """One mask as one reader meets it."""

    reader: str
    case: str
    source: str
    position: int  # place of the case in the reader's list, from 0


@dataclass(frozen=True)
class Answer:
    """What the simulated reader answers about one mask."""

    reading: Reading
    score: int  # 1..10
    origin: int  # 1 surely human .. 6 surely AI
    active_seconds: float
    wall_seconds: float


def answer_readings(
    readings: Iterable[Reading],
    *,
    dice: Mapping[tuple[str, str], float],
    truth: ReaderTruth = DEMO_TRUTH,
    seed: int,
) -> list[Answer]:
    """Return one answer per reading, in the same order.

    Parameters
    ----------
    readings : iterable of Reading
        Any subset of readers, cases and sources.
    dice : mapping of (case, source) to float
        True quality of every mask in the study, also of those not read: quality is centred within its
        source, so that the odds ratios of `truth` are those of masks of average quality.
    truth : ReaderTruth
    seed : int

    Raises
    ------
    KeyError
        If a reading's (case, source) has no Dice, or its reader or source no effect.
    """
    quality = centred_quality(dice)
    return [_answer(reading, quality[reading.case, reading.source], truth, seed) for reading in readings]


def centred_quality(dice: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], float | None]:
    """Return each mask's quality among its source's: standard deviations of Dice, mean 0; None if failed.

    Distances beyond 1.5 standard deviations are drawn in before the mean is taken out.
    """
    quality: dict[tuple[str, str], float | None] = dict.fromkeys(dice)
    for source in {source for _, source in dice}:
        keys = [key for key, value in dice.items() if key[1] == source and value >= FAILED_BELOW]
        values = np.array([dice[key] for key in keys])
        if len(keys):
            distance = (values - values.mean()) / max(float(values.std()), 0.02)
            held = np.clip(distance, -QUALITY_SPAN, QUALITY_SPAN)
            quality.update(zip(keys, (held - held.mean()).tolist(), strict=True))
    return quality


def _answer(reading: Reading, quality: float | None, truth: ReaderTruth, seed: int) -> Answer:
    rng = keyed_generator(seed, "read", reading.reader, reading.case, reading.source)
    residual = float(rng.logistic())
    liking = _expected_liking(reading, quality, truth, seed) + residual
    score = 1 + int(np.searchsorted(SCORE_CUTS, liking))
    origin = _origin(reading, -residual / (np.pi / np.sqrt(3)), truth, rng)
    active = truth.seconds_per_mask[reading.reader] * _pace(reading, score, rng)
    pause = rng.exponential(4.0) + (rng.exponential(240.0) if rng.random() < 0.06 else 0.0)
    return Answer(reading, score, origin, round(active, 1), round(active + pause, 1))


def _expected_liking(reading: Reading, quality: float | None, truth: ReaderTruth, seed: int) -> float:
    case = truth.case_sd * keyed_generator(seed, "case", reading.case).standard_normal()
    effect = truth.source_effect[reading.source] - truth.reader_severity[reading.reader] + float(case)
    effect += truth.reader_by_source.get((reading.reader, reading.source), 0.0)
    return effect + (truth.failure_effect if quality is None else truth.quality_effect * quality)


def _origin(reading: Reading, disliking: float, truth: ReaderTruth, rng: np.random.Generator) -> int:
    """Evidence of unit variance whose mean differs by d' between networks and people."""
    share = truth.poor_looks_ai
    evidence = share * disliking + np.sqrt(1 - share**2) * rng.standard_normal()
    evidence += truth.origin_d_prime[reading.reader] * ((reading.source in truth.networks) - 0.5)
    return 1 + int(np.searchsorted(np.array(ORIGIN_CUTS) + truth.origin_criterion[reading.reader], evidence))


def _pace(reading: Reading, score: int, rng: np.random.Generator) -> float:
    """Readers quicken by about a quarter over the first cases and dwell on masks of middling worth."""
    learning = 1 + 0.33 * np.exp(-reading.position / 6)
    dwelling = 1 + 0.25 * np.exp(-(((score - 6) / 2) ** 2))
    return float(learning * dwelling * np.exp(0.35 * rng.standard_normal()))


def keyed_generator(seed: int, *names: str) -> np.random.Generator:
    """Return a generator that depends on the seed and the names alone."""
    digest = hashlib.sha256("|".join([str(seed), *names]).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
