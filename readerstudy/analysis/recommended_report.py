"""The recommended report: mixed model, clustered intervals and verdicts, led by the answer in a sentence."""

from collections.abc import Sequence

import pandas as pd

from readerstudy.analysis import recommended, sensitivity
from readerstudy.analysis.columns import COUNT, NUMBER, TEXT, P, columns
from readerstudy.analysis.numbers import fixed, interval_text, p_text
from readerstudy.analysis.rating_model import RatingModel, rating_model
from readerstudy.analysis.report import package_versions
from readerstudy.analysis.results import Report, ResultTable, Row, result_table
from readerstudy.analysis.settings import RecommendedSettings
from readerstudy.analysis.table import answer_rows, check_ratings, origin_calls, scores

FIXED_READERS = (
    "There are few readers, so they are taken as fixed: the results hold for these readers, and nothing is claimed "
    "about others."
)
NO_MODEL = "No mixed model was fitted: no reader scored both a model and an expert with more than one value."
_ENDS = (("low", "95% from", NUMBER), ("high", "95% to", NUMBER))
_FAMILY = (
    ("p", "P", P),
    ("p_adjusted", "Adjusted P", P),
    ("adjustment", "Adjustment", TEXT),
    ("family", "Family", TEXT),
    ("family_size", "Tests in family", COUNT),
)
_WHO = (("model", "Model", TEXT), ("scope", "Readers", TEXT))
ANSWER = columns(("model", "Model", TEXT), ("sentence", "Answer", TEXT))
MODEL = columns(
    *_WHO,
    ("n", "Ratings", COUNT),
    ("odds_ratio", "Odds ratio of a higher score", NUMBER),
    *_ENDS,
    ("statistic", "z", NUMBER),
    *_FAMILY,
)
HETEROGENEITY = columns(
    ("model", "Model", TEXT),
    ("statistic", "Chi-squared", NUMBER),
    ("df", "df", COUNT),
    ("p", "P", P),
    ("test", "Test", TEXT),
)
COMPONENTS = columns(("component", "Component", TEXT), ("value", "Standard deviation", NUMBER))
DISPLAY = columns(("effect", "Display", TEXT), ("odds_ratio", "Odds ratio", NUMBER), *_ENDS, ("p", "P", P))
RESAMPLED = columns(
    *_WHO,
    ("estimate", "Estimate", NUMBER),
    ("se", "Standard error", NUMBER),
    *_ENDS,
    *_FAMILY,
    ("verdict", "Verdict", TEXT),
    ("method", "Method", TEXT),
)
PERMUTED = columns(
    ("model", "Model", TEXT),
    ("test", "Test", TEXT),
    ("variant", "Variant", TEXT),
    ("n", "Ratings", COUNT),
    ("statistic", "Statistic", NUMBER),
    ("effect_name", "Effect", TEXT),
    ("effect", "Effect size", NUMBER),
    *_FAMILY,
    ("note", "Note", TEXT),
)
RELIABILITY = columns(
    ("measure", "Measure", TEXT),
    ("who", "Who", TEXT),
    ("n", "Candidates", COUNT),
    ("estimate", "Estimate", NUMBER),
    *_ENDS,
)

MISSING_SCORES = columns(
    ("analysis", "Analysis", TEXT),
    *_WHO,
    ("n", "Ratings", COUNT),
    ("odds_ratio", "Odds ratio", NUMBER),
    *_ENDS,
    ("p", "P", P),
)
CUTS = columns(
    ("model", "Model", TEXT),
    ("at_least", "Score or higher", COUNT),
    ("odds_ratio", "Odds ratio", NUMBER),
    *_ENDS,
    ("p", "P", P),
    ("note", "Note", TEXT),
)


def recommended_report(table: pd.DataFrame, settings: RecommendedSettings | None = None) -> Report:
    """Return the recommended analysis of a ratings table; it may be empty.

    Tables ``answer, rating_model, heterogeneity, acceptable, superiority, permutation, turing,
    turing_area, reliability, components, display, missing_scores, cuts``. The same table and settings give
    the same bytes: all drawing is seeded.

    Raises
    ------
    RatingsTableError
        Where the table breaks its rules.
    """
    chosen = settings or RecommendedSettings()
    checked = check_ratings(table)
    rated = scores(checked, chosen.score_question)
    calls = origin_calls(checked, chosen.origin_question, chosen.origin_scale)
    model = rating_model(rated, few_readers=chosen.few_readers) if len(rated) else None
    tables = (
        *_model_tables(model, chosen),
        *_clustered_tables(rated, calls, _repeats(checked, chosen), chosen),
        *_sensitivity_tables(model, answer_rows(checked, chosen.score_question), chosen),
    )
    answer = result_table("answer", "The answer in a sentence", ANSWER, _answers(model, tables))
    return Report("recommended", chosen.as_dict(), (answer, *tables), _warnings(model, rated), package_versions())


def _repeats(checked: pd.DataFrame, settings: RecommendedSettings) -> pd.DataFrame:
    again = checked[(checked["kind"] == "repeat") & checked["is_final"] & checked["value"].notna()]
    again = again[(again["question"] == settings.score_question) & again["arm"].notna()]
    return again[["reader", "case", "arm", "value"]].astype({"value": "int64"})


def _model_tables(model: RatingModel | None, settings: RecommendedSettings) -> tuple[ResultTable, ...]:
    made: list[Sequence[Row]] = [[], [], [], []]
    if model is not None:
        made = [
            recommended.model_rows(model, settings),
            recommended.heterogeneity_rows(model),
            recommended.component_rows(model),
            recommended.display_rows(model),
        ]
    note = ("Cumulative-link mixed model (logit, Laplace); each model against the mean of the experts.",)
    return (
        result_table("rating_model", "Scores: models against experts within reader and case", MODEL, made[0], note),
        result_table("heterogeneity", "Do the readers agree about it?", HETEROGENEITY, made[1]),
        result_table("components", "Where the scores vary", COMPONENTS, made[2], ("Latent logistic scale.",)),
        result_table("display", "Did slot or colour matter?", DISPLAY, made[3], ("Against the first of each.",)),
    )


def _clustered_tables(
    rated: pd.DataFrame, calls: pd.DataFrame, repeats: pd.DataFrame, settings: RecommendedSettings
) -> tuple[ResultTable, ...]:
    share = f"Model minus experts; non-inferior if the interval stays above -{settings.margin:g}."
    return (
        result_table(
            "acceptable",
            "Share acceptable: difference to the experts",
            RESAMPLED,
            recommended.share_rows(rated, settings),
            (share,),
        ),
        result_table(
            "superiority",
            "Probability of a higher score than the experts",
            RESAMPLED,
            recommended.superiority_rows(rated, settings),
            ("Ties count half; 0.5 means alike.",),
        ),
        result_table(
            "permutation", "The same question without a model", PERMUTED, recommended.permutation_rows(rated, settings)
        ),
        result_table(
            "turing",
            "Can readers tell model from expert?",
            RESAMPLED,
            recommended.turing_rows(calls, settings),
            (f"d' with log-linear correction; indistinguishable: 90% within ±{settings.origin_margin:g}.",),
        ),
        result_table(
            "turing_area",
            "How well does the answer separate model from expert?",
            RESAMPLED,
            recommended.confidence_rows(calls, settings),
            ("ROC area of the answers' steps; 0.5 means no separation, below 0.5 reversed labels.",),
        ),
        result_table(
            "reliability",
            "Agreement between and within readers",
            RELIABILITY,
            recommended.reliability_rows(rated, repeats),
        ),
    )


def _sensitivity_tables(
    model: RatingModel | None, asked: pd.DataFrame, settings: RecommendedSettings
) -> tuple[ResultTable, ...]:
    missing = sensitivity.missing_rows(asked, model, settings) if model is not None else []
    cuts = sensitivity.cut_rows(asked[asked["value"].notna()]) if model is not None else []
    return (
        result_table(
            "missing_scores",
            "What if missing scores had been given?",
            MISSING_SCORES,
            missing,
            ("Labelled sensitivity; the first row is the analysis itself.",),
        ),
        result_table(
            "cuts",
            "Is the odds ratio the same at every cut of the scale?",
            CUTS,
            cuts,
            ("GEE logit clustered on the case, readers fixed; the mixed model assumes one ratio.",),
        ),
    )


def _answers(model: RatingModel | None, tables: tuple[ResultTable, ...]) -> list[Row]:
    if model is None:
        return []
    found = {table.name: table.rows for table in tables}
    differing = {row["model"]: row["p"] for row in found["heterogeneity"]}
    first: dict[str, Row] = {}
    for row in found["rating_model"]:
        first.setdefault(str(row["model"]), row)
    return [{"model": name, "sentence": _sentence(name, row, differing.get(name))} for name, row in first.items()]


def _sentence(model: str, row: Row, differing: object) -> str:
    ratio, low, high, p = (recommended.number(row, key) for key in ("odds_ratio", "low", "high", "p"))
    word = "higher than" if low > 1 else "lower than" if high < 1 else "neither clearly higher nor lower than"
    said = (
        f"{model} was scored {word} the experts by the same reader on the same case: odds ratio {fixed(ratio)} "
        f"(95% CI {interval_text(low, high)}; P {_equal(p)}), {row['scope']}."
    )
    if isinstance(differing, float):
        verb = "differ" if differing < 0.05 else "do not clearly differ"
        said += f" The readers {verb} in this (P {_equal(differing)})."
    return said


def _equal(p: float) -> str:
    text = p_text(p)
    return text if text[0] in "<>" else f"= {text}"


def _warnings(model: RatingModel | None, rated: pd.DataFrame) -> tuple[str, ...]:
    if rated.empty:
        return ()
    if model is None:
        return (NO_MODEL,)
    return ((FIXED_READERS,) if model.fixed_readers else ()) + model.fit.notes
