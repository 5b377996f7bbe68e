"""Named label maps: which number means which tissue, the regions derived from them, and the way between maps.

The same number means necrosis in one data set and enhancing tumour in the next, so no number is read without the name
of its map. A label stands for a set of tissues; a region (whole tumour, tumour core) is a set of tissues too, and is
found in every map whose labels can be put together to exactly that set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import MaskRefused

Tissue = Literal["enhancing", "non_enhancing", "necrosis", "cyst", "edema"]
Tissues = frozenset[Tissue]
Labels = NDArray[np.uint8]

_ALL: Tissues = frozenset({"enhancing", "non_enhancing", "necrosis", "cyst", "edema"})
REGIONS: dict[str, Tissues] = {
    "WT": _ALL,
    "TC": _ALL - {"edema"},
    "NET+CC+ED": _ALL - {"enhancing"},
    "ET": frozenset({"enhancing"}),
    "NET": frozenset({"non_enhancing", "necrosis"}),
    "CC": frozenset({"cyst"}),
    "ED": frozenset({"edema"}),
}


@dataclass(frozen=True)
class Label:
    """One number of a label map: its short key, its title and the tissues that it stands for."""

    value: int
    key: str
    title: str
    tissues: Tissues


@dataclass(frozen=True)
class LabelMap:
    """A named set of labels; 0 is background.

    Parameters
    ----------
    name : str
    labels : tuple of Label
        Values 1 to 255, each once; no tissue in two labels.

    Raises
    ------
    ValueError
        If a value or tissue is given twice, or a value lies outside 1 to 255.
    """

    name: str
    labels: tuple[Label, ...]

    def __post_init__(self) -> None:
        values = [label.value for label in self.labels]
        tissues = [tissue for label in self.labels for tissue in label.tissues]
        if len(set(values)) < len(values) or len(set(tissues)) < len(tissues):
            raise ValueError(f"{self.name} gives a value or a tissue twice")
        if not all(1 <= value <= 255 for value in values):
            raise ValueError(f"{self.name} has values outside 1 to 255: {values}")

    @cached_property
    def values(self) -> frozenset[int]:
        """The accepted values without 0, as :func:`segmentation.formats.read_mask` takes them."""
        return frozenset(label.value for label in self.labels)

    @cached_property
    def regions(self) -> Mapping[str, tuple[int, ...]]:
        """The regions of :data:`REGIONS` that this map can give, with the label values that form each."""
        found = {name: self._values_of(tissues) for name, tissues in REGIONS.items()}
        return {name: values for name, values in found.items() if values}

    def _values_of(self, tissues: Tissues) -> tuple[int, ...]:
        known = frozenset[Tissue]().union(*(label.tissues for label in self.labels))
        inside = [label for label in self.labels if label.tissues <= tissues]
        covered = frozenset[Tissue]().union(*(label.tissues for label in inside))
        return tuple(sorted(label.value for label in inside)) if covered == tissues & known else ()


def _label(value: int, key: str, title: str, *tissues: Tissue) -> Label:
    return Label(value, key, title, frozenset(tissues))


BRATS_2015 = LabelMap(
    "BraTS 2015",
    (
        _label(1, "NCR", "necrotic or fluid-filled core", "necrosis", "cyst"),
        _label(2, "ED", "oedema", "edema"),
        _label(3, "NET", "non-enhancing core", "non_enhancing"),
        _label(4, "ET", "enhancing core", "enhancing"),
    ),
)
BRATS_2021 = LabelMap(
    "BraTS 2021",
    (
        _label(1, "NCR", "necrotic and non-enhancing core", "necrosis", "cyst", "non_enhancing"),
        _label(2, "ED", "peritumoral oedematous or invaded tissue", "edema"),
        _label(4, "ET", "enhancing tumour", "enhancing"),
    ),
)
BRATS_2023 = LabelMap(
    "BraTS 2023",
    (
        _label(1, "NCR", "necrotic and non-enhancing core", "necrosis", "cyst", "non_enhancing"),
        _label(2, "ED", "peritumoral oedematous or invaded tissue", "edema"),
        _label(3, "ET", "enhancing tumour", "enhancing"),
    ),
)
PAEDIATRIC = LabelMap(
    "paediatric",
    (
        _label(1, "ET", "enhancing tumour", "enhancing"),
        _label(2, "NET", "non-enhancing tumour", "non_enhancing", "necrosis"),
        _label(3, "CC", "cystic component", "cyst"),
        _label(4, "ED", "oedema", "edema"),
    ),
)
LABEL_MAPS: dict[str, LabelMap] = {m.name: m for m in (BRATS_2015, BRATS_2021, BRATS_2023, PAEDIATRIC)}


def region_mask(labels: Labels, values: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return where a label map has one of some values; with no values, where it is not background."""
    if not values:
        return np.asarray(labels != 0)
    mask = np.asarray(labels == values[0])
    for value in values[1:]:
        mask |= labels == value
    return mask


def mapping(source: LabelMap, target: LabelMap) -> dict[int, int]:
    """Return which value of ``target`` each value of ``source`` becomes.

    Raises
    ------
    MaskRefused
        ``label_map.ambiguous`` if the tissues of a label lie in no single label of the target: a core that is not
        divided into cyst and solid tumour cannot be divided afterwards.
    """
    return {label.value: _becomes(label, source, target) for label in source.labels}


def convert(labels: Labels, source: LabelMap, target: LabelMap) -> Labels:
    """Return a label map in the numbers of another map (refused as by :func:`mapping`).

    Parameters
    ----------
    labels : uint8 ndarray
        Values of ``source`` and 0.

    Raises
    ------
    MaskRefused
        ``label_map.value`` if a voxel has a value that ``source`` does not know; ``label_map.ambiguous``.
    """
    _refuse_unknown(labels, source)
    table = np.zeros(256, dtype=np.uint8)
    for value, becomes in mapping(source, target).items():
        table[value] = becomes
    return table[labels]


def _becomes(label: Label, source: LabelMap, target: LabelMap) -> int:
    for candidate in target.labels:
        if label.tissues <= candidate.tissues:
            return candidate.value
    spread = [candidate.key for candidate in target.labels if label.tissues & candidate.tissues]
    raise MaskRefused(
        "label_map.ambiguous",
        f"Label {label.value} of {source.name} ({label.title}) may be {' or '.join(spread) or 'none of the labels'} "
        f"of {target.name}; compare the regions that both maps have instead "
        f"({', '.join(shared_regions(source, target))}).",
    )


def shared_regions(a: LabelMap, b: LabelMap) -> tuple[str, ...]:
    """Return the names of the regions that both maps can give."""
    return tuple(name for name in a.regions if name in b.regions)


def _refuse_unknown(labels: Labels, source: LabelMap) -> None:
    found = np.flatnonzero(np.bincount(labels.ravel(order="K"), minlength=256))
    strange = sorted(set(found.tolist()) - source.values - {0})
    if strange:
        raise MaskRefused(
            "label_map.value",
            f"The mask holds the values {', '.join(map(str, strange))}, which {source.name} does not know; "
            f"its labels are {', '.join(map(str, sorted(source.values)))}. "
            "Name the label map that the mask was drawn in.",
        )
