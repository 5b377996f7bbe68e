"""`blindread metrics A B`: every measure of a segmentation against a reference, from two files.

The files are read by the strict readers that the site uses, so a damaged file or another grid is refused here too.
"""

import argparse
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blindread.tables import aligned
from segmentation.errors import DomainError
from segmentation.formats import DecodedMask, read_mask
from segmentation.formats.images import read_raw
from segmentation.formats.raw import MAX_BYTES, refusals_name
from segmentation.geometry import Grid
from segmentation.metrics import (
    DEFAULT_METRICS,
    LABEL_MAPS,
    PAIR_METRICS,
    LabelMap,
    Measure,
    PairMeasures,
    definition_of,
    measure_regions,
)
from segmentation.metrics.definitions import describe

Regions = Mapping[str, tuple[int, ...]]
_STAND_IN = (
    "Where one mask is empty, distances are the diagonal of the image; measures that end in _undefined leave them out."
)
_EMPTY = {
    "both_empty": "both masks are empty",
    "prediction_empty": "the prediction is empty",
    "reference_empty": "the reference is empty",
}


def add_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `metrics` to the commands."""
    command = commands.add_parser(
        "metrics",
        help="measure a segmentation against a reference",
        description="Measure a segmentation (A) against a reference (B): two NIfTI or NRRD label maps on one grid.",
    )
    command.add_argument("prediction", metavar="A", type=Path, help="the segmentation to be measured")
    command.add_argument("reference", metavar="B", type=Path, help="the segmentation taken as correct")
    command.add_argument("--label-map", choices=LABEL_MAPS, help="what the numbers mean: measure its regions")
    command.add_argument("--reference-label-map", choices=LABEL_MAPS, help="the same for B, if it is another one")
    command.add_argument("--tolerance", type=_length, default=1.0, metavar="MM", help="for NSD, in mm (default 1)")
    command.add_argument(
        "--metric", action="append", choices=PAIR_METRICS, metavar="NAME", help="only this; repeatable"
    )
    command.add_argument("--definitions", action="store_true", help="say below the table what each measure is")
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
    command.set_defaults(run=run)


def run(asked: argparse.Namespace) -> str:
    """Return the table or JSON for two files.

    Raises
    ------
    DomainError
        As the readers and :func:`segmentation.metrics.measure_regions` do; ``label_map.one`` if only B's is named.
    """
    metrics = tuple(asked.metric or DEFAULT_METRICS)
    grid = _grid(asked.prediction)
    ours, theirs = _label_maps(asked)
    prediction = read_mask(asked.prediction, grid=grid, labels=ours.values if ours else None, allow_empty=True)
    reference = read_mask(asked.reference, grid=grid, labels=theirs.values if theirs else None, allow_empty=True)
    regions = ours.regions if ours else _plain_regions(prediction, reference)
    found = measure_regions(
        prediction.array,
        reference.array,
        grid,
        regions=regions,
        reference_regions=theirs.regions if theirs else regions,
        metrics=metrics,
        tolerance_mm=asked.tolerance,
    )
    if asked.json:
        return _as_json(asked, grid, found)
    return _as_table(found, metrics, definitions=asked.definitions)


def _grid(path: Path) -> Grid:
    with refusals_name(path.name):
        return read_raw(path, path.name, role="mask", prefer=None, limit=MAX_BYTES).grid


def _label_maps(asked: argparse.Namespace) -> tuple[LabelMap | None, LabelMap | None]:
    if asked.reference_label_map and not asked.label_map:
        raise DomainError(
            "label_map.one",
            f"The label map of B is named ({asked.reference_label_map}) but not that of A; add --label-map.",
        )
    ours = LABEL_MAPS.get(asked.label_map)
    return ours, LABEL_MAPS.get(asked.reference_label_map) or ours


def _plain_regions(prediction: DecodedMask, reference: DecodedMask) -> Regions:
    """Return the whole and, where there are several labels, each one."""
    values = sorted({*prediction.counts, *reference.counts})
    regions: dict[str, tuple[int, ...]] = {"whole": ()}
    if len(values) > 1:
        regions |= {f"label {value}": (value,) for value in values}
    return regions


def _length(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"a length in mm, not {text}")
    return value


def _as_table(found: Mapping[str, PairMeasures], metrics: tuple[str, ...], *, definitions: bool) -> str:
    rows = [["", *found]]
    rows += [["prediction, mL", *(_number(m.prediction_ml) for m in found.values())]]
    rows += [["reference, mL", *(_number(m.reference_ml) for m in found.values())]]
    rows += [[_title(found, metric), *(_number(m[metric]) for m in found.values())] for metric in metrics]
    notes = [f"{name}: {_EMPTY[m.status]}." for name, m in found.items() if m.status != "ok"]
    notes += [_STAND_IN] if any(m.status not in ("ok", "both_empty") for m in found.values()) else []
    notes += describe(metrics) if definitions else []
    return "\n".join([*aligned(rows), "", *notes, "Research use only, not for diagnosis."])


def _title(found: Mapping[str, PairMeasures], metric: str) -> str:
    measure = next(iter(found.values()))[metric]
    unit = definition_of(metric).unit
    return f"{measure.definition}, {unit}" if unit else measure.definition


def _number(measure: Measure) -> str:
    return f"{measure.value:.4f}" if measure.defined else "–"


def _as_json(asked: argparse.Namespace, grid: Grid, found: Mapping[str, PairMeasures]) -> str:
    written = {
        "prediction": asked.prediction.name,
        "reference": asked.reference.name,
        "shape": list(grid.shape),
        "spacing_mm": list(grid.spacing),
        "regions": {name: _region_json(measures) for name, measures in found.items()},
    }
    return json.dumps(written, indent=2, ensure_ascii=False, allow_nan=False)


def _region_json(found: PairMeasures) -> dict[str, Any]:
    return {
        "status": found.status,
        "prediction_ml": found.prediction_ml.value,
        "reference_ml": found.reference_ml.value,
        "measures": [
            {
                "definition": measure.definition,
                "version": measure.version,
                "value": measure.value if measure.defined else None,
                "unit": definition_of(measure.definition).unit,
            }
            for measure in found.measures.values()
        ],
    }
