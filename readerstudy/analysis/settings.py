"""The stored choices of the conventional analysis. What is chosen here is printed beside every number."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from readerstudy.analysis.contingency import SMALL_EXPECTED
from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.group_tests import VARIANTS
from readerstudy.analysis.multiplicity import METHODS
from readerstudy.analysis.results import Cell
from readerstudy.analysis.table import ORIGIN_SCALES

CONTRASTS = ("model-against-others", "all-pairs")
FAMILIES = ("within-reader", "over-readers")
QUARTILES = ("linear", "weibull", "hazen", "median_unbiased")


@dataclass(frozen=True)
class ConventionalSettings:
    """Choices of the conventional recipe (Kruskal-Wallis, Mann-Whitney, chi-squared, Benjamini-Hochberg).

    ``index_arm`` is the model that is compared with every other arm; empty means every pair with a model
    in it. ``quartiles`` names numpy's quantile method. ``pooled`` adds the tests pooled over readers, with
    their warning.
    """

    score_question: str = "score"
    origin_question: str = "origin"
    origin_scale: str = "six-step"
    acceptable_from: int = 7
    index_arm: str = ""
    contrasts: str = "model-against-others"
    family: str = "within-reader"
    adjustment: str = "bh"
    rank_test: str = "continuity"
    yates: bool = False
    small_expected: str = "exact"
    quartiles: str = "linear"
    pooled: bool = False
    origin_margin: float = 0.5
    alpha: float = 0.05
    seed: int = 0
    replicates: int = 10_000

    def __post_init__(self) -> None:
        """Refuse a choice that does not exist."""
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise SettingError(
                    f"setting.{name}",
                    f"{name} is {getattr(self, name)!r}; it must be one of {', '.join(allowed)}",
                )

    def as_dict(self) -> dict[str, Cell]:
        """Return the settings as plain cells, in the order in which they are declared."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}


CHOICES: Mapping[str, tuple[str, ...]] = {
    "origin_scale": ORIGIN_SCALES,
    "contrasts": CONTRASTS,
    "family": FAMILIES,
    "adjustment": tuple(METHODS),
    "rank_test": VARIANTS,
    "small_expected": SMALL_EXPECTED,
    "quartiles": QUARTILES,
}


def paper_000_settings(index_arm: str, origin_scale: str = "binary") -> ConventionalSettings:
    """Return the choices closest to paper 000: Yates, one model against the others, BH within reader."""
    return ConventionalSettings(
        index_arm=index_arm,
        origin_scale=origin_scale,
        yates=True,
        small_expected="warn",
        family="within-reader",
    )


@dataclass(frozen=True)
class RecommendedSettings:
    """Choices of the recommended analysis of a blinded study with scores and origin calls.

    With fewer than ``few_readers`` readers are fixed: contrasts per reader, their unweighted mean, and no
    claim about other readers. ``margin`` is the non-inferiority margin for the share acceptable, as a
    proportion.
    """

    score_question: str = "score"
    origin_question: str = "origin"
    origin_scale: str = "six-step"
    acceptable_from: int = 7
    few_readers: int = 5
    margin: float = 0.10
    origin_margin: float = 0.5
    adjustment: str = "bh"
    draws: int = 2000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a choice that does not exist."""
        for name in ("origin_scale", "adjustment"):
            if getattr(self, name) not in CHOICES[name]:
                raise SettingError(
                    f"setting.{name}",
                    f"{name} is {getattr(self, name)!r}; it must be one of {', '.join(CHOICES[name])}",
                )
        if self.margin <= 0 or self.origin_margin <= 0 or self.draws < 100:
            raise SettingError("setting.margin", "margins must be positive and draws 100 or more")

    def as_dict(self) -> dict[str, Cell]:
        """Return the settings as plain cells, in the order in which they are declared."""
        return {entry.name: getattr(self, entry.name) for entry in fields(self)}
