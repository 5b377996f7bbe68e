"""The shapes in which a reader's browser learns of a presentation. What has no field here cannot leak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from readerstudy.design.blinding import PackedSpec, spec_for
from segmentation.models import Volume
from segmentation.selectors.voxels import ras_shape

SIX_LABELS, TWO_LABELS = 6, 2


@dataclass(frozen=True)
class BlindedSlot:
    """One candidate as its reader sees it."""

    letter: str
    colour: tuple[int, int, int]
    line_style: str


@dataclass(frozen=True)
class BlindedVolume:
    """One image of the case."""

    sequence: str
    url: str
    sha256: str
    window: tuple[float, float]


@dataclass(frozen=True)
class BlindedCandidates:
    """Where the one packed volume of all slots lies, and how it is coded."""

    url: str
    base: int
    bytes_per_voxel: int
    shape: tuple[int, int, int]


@dataclass(frozen=True)
class BlindedPresentation:
    """All that a reader's browser may learn about a presentation."""

    token: str
    practice: bool
    number: int
    of: int
    volumes: tuple[BlindedVolume, ...]
    candidates: BlindedCandidates
    slots: tuple[BlindedSlot, ...]
    draft: dict[str, Any] | None
    submitted: dict[str, Any] | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class PackedRecipe:
    """For the packer alone: which stored masks, in slot order, and the code of the packed volume."""

    blob_sha256: tuple[str, ...]
    content_sha256: tuple[str, ...]
    spec: PackedSpec
    whole: bool


@dataclass(frozen=True)
class Progress:
    """How far a reader is."""

    done: int
    planned: int
    practice_done: int
    practice_planned: int


@dataclass(frozen=True)
class ReadingGuide:
    """What a reader is told of a study outside of its cases."""

    paragraphs: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    progress: Progress
    is_open: bool
    finished: bool
    break_minutes: int
    deadline: str
    reports_to: str


def blinded_slot(letter: str, colour: int, line_style: int, palette: list[dict[str, Any]]) -> BlindedSlot:
    """Return a slot as its reader sees it; colour and line style are places in the protocol's palette."""
    red, green, blue = palette[colour]["rgb"]
    return BlindedSlot(letter, (red, green, blue), palette[line_style]["line_style"].replace("_", "-"))


def blinded_volumes(volumes: Sequence[Volume], base_url: str) -> tuple[BlindedVolume, ...]:
    """Return the images of a case, each with its address below `base_url`."""
    return tuple(
        BlindedVolume(volume.sequence, f"{base_url}/volumes/{index}/", volume.blob_sha256, tuple(volume.window))
        for index, volume in enumerate(volumes)
    )


def packed_spec(slots: int) -> PackedSpec:
    """Return the code of the packed volume of so many slots."""
    # Six labels a slot fit one byte up to three slots; united masks of more slots need one bit each.
    return spec_for(slots, SIX_LABELS if slots <= 3 else TWO_LABELS)


def packed_address(volume: Volume, slots: int, base_url: str) -> BlindedCandidates:
    """Return where the packed volume lies and how it is coded, on the grid of the rated `volume`."""
    spec = packed_spec(slots)
    return BlindedCandidates(
        url=f"{base_url}/candidates/",
        base=spec.base,
        bytes_per_voxel=spec.bytes_per_voxel,
        shape=ras_shape(tuple(volume.shape), volume.affine),
    )


def display_settings(protocol: dict[str, Any]) -> dict[str, Any]:
    """Return how the reading screen shows a case, as the protocol says."""
    display = protocol["display"]
    windows: dict[str, list[dict[str, Any]]] = {}
    for preset in display["windows"]:
        if preset["centre"] and preset["width"]:
            centre, half = float(preset["centre"]), float(preset["width"]) / 2
            windows.setdefault(preset["sequence"], []).append(
                {"name": preset["name"], "low": centre - half, "high": centre + half}
            )
    return {
        "interpolation": display["interpolation"],
        "overlays_off_at_first": display["overlays_off_at_first"],
        "solo_allowed": "solo" in display["tools"],
        "tools": display["tools"],
        "start": "largest_slice" if display["start_slice"] == "largest_union" else "middle",
        "windows": windows,
        "convention": "radiological",
        "fill_opacity": display["fill_percent"],
        "outline_px": display["outline_px"],
    }


def reading_policy(protocol: dict[str, Any]) -> dict[str, Any]:
    """Return the rules of moving through the list, as the protocol says."""
    sessions = protocol["sessions"]
    return {
        "navigation": sessions["navigation"],
        "order": protocol["block_order"],
        "break_minutes": sessions["break_after_minutes"],
        "break_cases": sessions["cases_per_session"],
    }
