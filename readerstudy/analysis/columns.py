"""What the columns of the conventional report hold: key, heading, kind."""

from readerstudy.analysis.results import Column

TEXT, COUNT, NUMBER, PERCENT, P = "text", "count", "number", "percent", "p"


def columns(*entries: tuple[str, str, str]) -> tuple[Column, ...]:
    """Return columns from (key, heading, kind); percentages get their unit."""
    return tuple(Column(name, title, kind, "%" if kind == PERCENT else "") for name, title, kind in entries)


_SHARE_HEAD = columns(("reader", "Reader", TEXT), ("arm", "Arm", TEXT), ("arm_kind", "Kind", TEXT))
DESCRIPTION = (
    *_SHARE_HEAD,
    *columns(
        ("ratings", "Ratings", COUNT),
        ("cases", "Cases", COUNT),
        ("median", "Median", NUMBER),
        ("q1", "First quartile", NUMBER),
        ("q3", "Third quartile", NUMBER),
        ("median_low", "Median, 95% from", NUMBER),
        ("median_high", "Median, 95% to", NUMBER),
        ("acceptable", "Acceptable", COUNT),
        ("acceptable_of", "of", COUNT),
        ("acceptable_percent", "Acceptable", PERCENT),
        ("acceptable_low", "95% from", PERCENT),
        ("acceptable_high", "95% to", PERCENT),
    ),
)
CALLS = (
    *_SHARE_HEAD,
    *columns(
        ("judged_ai", "Judged AI", COUNT),
        ("judged_ai_of", "of", COUNT),
        ("judged_ai_percent", "Judged AI", PERCENT),
        ("judged_ai_low", "95% from", PERCENT),
        ("judged_ai_high", "95% to", PERCENT),
    ),
)
AVERAGES = columns(
    ("endpoint", "Endpoint", TEXT),
    ("arms", "Arms", TEXT),
    ("average", "Average", TEXT),
    ("k", "Count", COUNT),
    ("n", "of", COUNT),
    ("percent", "Share", PERCENT),
    ("low", "95% from", PERCENT),
    ("high", "95% to", PERCENT),
)
TEST = columns(
    ("test", "Test", TEXT),
    ("variant", "Variant", TEXT),
    ("n", "n", COUNT),
    ("statistic", "Statistic", NUMBER),
    ("df", "df", NUMBER),
    ("p", "P", P),
    ("p_adjusted", "Adjusted P", P),
    ("adjustment", "Adjustment", TEXT),
    ("family", "Family", TEXT),
    ("family_size", "Tests in family", COUNT),
    ("effect_name", "Effect", TEXT),
    ("effect", "Effect size", NUMBER),
    ("effect_low", "95% from", NUMBER),
    ("effect_high", "95% to", NUMBER),
    ("note", "Note", TEXT),
)
OMNIBUS = (*columns(("reader", "Reader", TEXT), ("arms", "Arms", COUNT)), *TEST)
_PAIR = columns(
    ("reader", "Reader", TEXT),
    ("first", "Arm", TEXT),
    ("second", "Against", TEXT),
    ("n_first", "n, arm", COUNT),
    ("n_second", "n, against", COUNT),
    ("shared_cases", "Cases rated under both", COUNT),
)
SCORE_CONTRASTS = (
    *_PAIR,
    *columns(("shift", "Hodges-Lehmann shift", NUMBER), ("rank_biserial", "Rank-biserial", NUMBER)),
    *TEST,
)
SHARE_CONTRASTS = (
    *_PAIR,
    *columns(
        ("k_first", "Count, arm", COUNT),
        ("k_second", "Count, against", COUNT),
        ("odds_ratio", "Odds ratio", NUMBER),
        ("odds_low", "OR 95% from", NUMBER),
        ("odds_high", "OR 95% to", NUMBER),
    ),
    *TEST,
)
TURING = (
    *columns(
        ("reader", "Reader", TEXT),
        ("hits", "Models judged AI", COUNT),
        ("models", "of", COUNT),
        ("false_alarms", "Experts judged AI", COUNT),
        ("experts", "of", COUNT),
        ("sensitivity_percent", "Sensitivity", PERCENT),
        ("sensitivity_low", "95% from", PERCENT),
        ("sensitivity_high", "95% to", PERCENT),
        ("specificity_percent", "Specificity", PERCENT),
        ("specificity_low", "95% from", PERCENT),
        ("specificity_high", "95% to", PERCENT),
        ("d_prime", "d'", NUMBER),
        ("d_low", "95% from", NUMBER),
        ("d_high", "95% to", NUMBER),
        ("d_low_90", "90% from", NUMBER),
        ("d_high_90", "90% to", NUMBER),
        ("criterion", "Criterion c", NUMBER),
        ("criterion_low", "95% from", NUMBER),
        ("criterion_high", "95% to", NUMBER),
        ("adjusted_or", "Odds ratio at equal score", NUMBER),
        ("adjusted_or_low", "95% from", NUMBER),
        ("adjusted_or_high", "95% to", NUMBER),
        ("verdict", "Verdict", TEXT),
        ("could_conclude", "Could show equality", "flag"),
    ),
    *TEST,
)
MISSING = columns(
    ("question", "Question", TEXT),
    ("reader", "Reader", TEXT),
    ("arm", "Arm", TEXT),
    ("reason", "Reason", TEXT),
    ("n", "n", COUNT),
)
