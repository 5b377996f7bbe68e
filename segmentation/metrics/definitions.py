"""The register of definitions: every measure that may be stored, with its formula and its empty-mask convention.

P and R are the voxels of prediction and reference. Where users disagree about a convention, each convention is a
definition of its own (``dsc`` and ``dsc_one``), so that a stored value never needs a footnote.
"""

from collections.abc import Iterator

from segmentation.metrics.measure import Definition, Measure, Status

OVERLAP = (
    Definition("dsc", 1, "", "2|P∩R| / (|P|+|R|)", "undefined when both are empty, 0 when one is"),
    Definition("dsc_one", 1, "", "2|P∩R| / (|P|+|R|)", "1 when both are empty, 0 when one is"),
    Definition("sensitivity", 1, "", "|P∩R| / |R|", "undefined when the reference is empty"),
    Definition("precision", 1, "", "|P∩R| / |P|", "undefined when the prediction is empty"),
    Definition("rvd", 1, "", "(|P|−|R|) / |R|", "undefined when the reference is empty, −1 when the prediction is"),
    Definition("rvd_absolute", 1, "", "||P|−|R|| / |R|", "undefined when the reference is empty"),
    Definition("volume_similarity", 1, "", "1 − ||P|−|R|| / (|P|+|R|)", "undefined when both are empty"),
    Definition("volume_similarity_one", 1, "", "1 − ||P|−|R|| / (|P|+|R|)", "1 when both are empty"),
    Definition("dsc_zero", 1, "", "1 if no voxel of R was found, else 0", "undefined when the reference is empty"),
    Definition("missed", 1, "", "1 if P is empty, else 0", "undefined when the reference is empty"),
    Definition("misplaced", 1, "", "1 if P is not empty and P∩R is, else 0", "undefined when the reference is empty"),
)
_DISTANCES = {
    "hd": "largest distance of a surface voxel to the other surface",
    "hd95_max_directed": "larger of the two directed 95th percentiles, linear interpolation",
    "hd95_pooled": "95th percentile of both directed sets joined, linear interpolation",
    "hd95_area": "larger of the two directed 95th percentiles, each surface element counting by its area",
    "assd": "mean over both directed sets joined",
    "masd": "mean of the two directed means",
}
_DIAGONAL = "0 when both are empty, the diagonal of the image when one is"
DISTANCE = tuple(
    definition
    for identifier, formula in _DISTANCES.items()
    for definition in (
        Definition(identifier, 1, "mm", formula, _DIAGONAL),
        Definition(f"{identifier}_undefined", 1, "mm", formula, "undefined when either is empty"),
    )
)
TOLERANCE = (
    Definition("nsd_voxel", 1, "", "share of both surfaces within the tolerance, by voxels", "1 if both, 0 if one"),
    Definition("nsd_area", 1, "", "share of both surfaces within the tolerance, by area", "1 if both, 0 if one"),
)
_LESION_EMPTY = "1 or 0 mm when both are empty"
LESION = tuple(
    definition
    for rule in ("brats2023", "brats2023_men", "brats2023_met")
    for definition in (
        Definition(f"lesion_dsc_{rule}", 1, "", "mean Dice over lesions, 0 for missed and false ones", _LESION_EMPTY),
        Definition(f"lesion_hd95_{rule}", 1, "mm", "mean HD95 (area) over lesions, 374 likewise", _LESION_EMPTY),
    )
)
_ONE_MASK = (Definition("volume", 1, "mL", "voxels × voxel volume from the affine's determinant", "0"),)
_MANY_CASES = (
    Definition("dsc_aggregated", 1, "", "Σ 2|P∩R| / Σ (|P|+|R|) over cases", "a case with both empty adds nothing"),
)

DEFINITIONS: dict[str, Definition] = {
    definition.identifier: definition
    for definition in (*OVERLAP, *DISTANCE, *TOLERANCE, *LESION, *_ONE_MASK, *_MANY_CASES)
}
PAIR_METRICS: tuple[str, ...] = tuple(d.identifier for d in (*OVERLAP, *DISTANCE, *TOLERANCE, *LESION))
DEFAULT_METRICS: tuple[str, ...] = tuple(
    name for name in PAIR_METRICS if not name.endswith(("_undefined", "_one", "_men", "_met"))
)


def definition_of(identifier: str) -> Definition:
    """Return the definition behind a stored identifier, with or without a parameter (``nsd_area@2mm``).

    Raises
    ------
    KeyError
        If no such definition is registered.
    """
    return DEFINITIONS[identifier.partition("@")[0]]


def at_tolerance(metric: str, tolerance_mm: float) -> str:
    """Return the identifier of a metric at a tolerance, such as ``nsd_voxel@1mm``."""
    return f"{metric}@{tolerance_mm:g}mm"


def check_metrics(metrics: tuple[str, ...]) -> None:
    """Refuse names that are no measure of a pair (ValueError, naming those that are)."""
    unknown = [name for name in metrics if name not in PAIR_METRICS]
    if unknown:
        raise ValueError(f"no measures of a pair: {', '.join(unknown)}; there are {', '.join(PAIR_METRICS)}")


def describe(metrics: tuple[str, ...]) -> Iterator[str]:
    """Yield one sentence per metric: identifier, version, unit, formula and what empty masks give."""
    for name in metrics:
        d = definition_of(name)
        unit = f", {d.unit}" if d.unit else ""
        yield f"{d.identifier} (version {d.version}{unit}): {d.formula}; empty masks: {d.empty}."


def measured(identifier: str, value: float, status: Status) -> Measure:
    """Return a measure under a registered definition, with its present version."""
    return Measure(identifier, definition_of(identifier).version, value, status)
