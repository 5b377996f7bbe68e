"""Which file is what: the folder convention, the flat one, and the mapping files of SegmentationReview.

``<case>/<sequence>.nii.gz`` are volumes, ``<case>/segmentations/<source>[@<sequence>].nii.gz`` masks. A folder that
holds ``mapping_unique.csv`` or ``mapping.csv`` is read by that file instead, and a flat folder by ``<name>_mask``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from segmentation.services.imports import names, tables

Convention = Literal["folders", "flat", "mapping.csv", "mapping_unique.csv"]
TABLE_NAMES = ("cases.csv", "sources.csv", "labels.csv", "segmentations.csv", "mapping.csv", "mapping_unique.csv")
SEGMENTATIONS = "segmentations"
_FOREIGN = (
    ".dcm", ".ima", ".mha", ".mhd", ".hdr", ".img", ".mgz", ".mgh", ".nhdr", ".npy", ".npz", ".zip", ".tar", ".gz",
    ".7z", ".rar", ".mnc", ".stl", ".vtk", ".pkl",
)  # fmt: skip


_PAPERS = ("readme", "license", "licence", "changelog", "copying", "notice", "dicomdir")


@dataclass(frozen=True)
class IncomingFile:
    """A file on our disk and the name it came with, which is only ever shown and taken apart as text."""

    name: str
    path: Path


@dataclass(frozen=True)
class Entry:
    """One file in its role. A mask without a sequence belongs to the volumes on whose grid it lies."""

    file: IncomingFile
    role: Literal["volume", "mask"]
    case: str
    sequence: str = ""
    source: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """A file (or a line of a mapping) that has no place, and why."""

    name: str
    code: str
    sentence: str


@dataclass(frozen=True)
class Layout:
    """What a dropped folder holds."""

    convention: Convention
    entries: tuple[Entry, ...] = ()
    tables: Mapping[str, Path] = field(default_factory=dict)
    refused: tuple[Refusal, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()


def arrange(files: Sequence[IncomingFile]) -> Layout:
    """Return every file in its role; nothing is opened but a mapping file."""
    sound, refused = _without_unsafe(files)
    found = {_base(f.name).lower(): f.path for f in reversed(sound) if _base(f.name).lower().endswith((".csv", ".txt"))}
    mapping = next((name for name in ("mapping_unique.csv", "mapping.csv") if name in found), None)
    if mapping:
        layout = _by_mapping(sound, mapping, found)
    elif _is_flat(sound):
        layout = _flat(sound)
    else:
        layout = _folders(sound)
    return _one_file_per_place(replace(layout, tables=found, refused=(*refused, *layout.refused)))


def _without_unsafe(files: Sequence[IncomingFile]) -> tuple[list[IncomingFile], list[Refusal]]:
    sound: dict[str, IncomingFile] = {}
    refused = []
    for file in files:
        parts = names.parts_of(file.name)
        name = "/".join(parts or ())
        if parts is None:
            sentence = f"{file.name[:80]}: the name steps out of its folder; rename the file and send it again."
            refused.append(Refusal(file.name, "name.path", sentence))
        elif name in sound:
            refused.append(
                Refusal(file.name, "layout.twice", f"{file.name[:80]}: the same name came twice; remove one.")
            )
        else:
            sound[name] = IncomingFile(name, file.path)
    return list(sound.values()), refused


def _base(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _is_image(name: str) -> bool:
    base = _base(name).lower()
    if base.startswith(".") or "__MACOSX/" in name or base in _PAPERS:
        return False
    # DICOM often comes without any suffix; the strict reader then says what it is.
    return names.stem_of(base) is not None or base.endswith(_FOREIGN) or "." not in base


def _stem(name: str) -> str:
    return names.stem_of(_base(name)) or _base(name).split(".")[0]


def _ignored(files: Iterable[IncomingFile]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (f.name, "read as a table" if _base(f.name).lower() in TABLE_NAMES else "not an image; left alone")
        for f in files
        if not _is_image(f.name)
    )


# Folders ---


def _folders(files: list[IncomingFile]) -> Layout:
    entries, refused = [], []
    parents: dict[str, str] = {}
    for file in filter(lambda f: _is_image(f.name), files):
        entry = _folder_entry(file)
        parent = _case_folder(file.name)
        if parents.setdefault(entry.case, parent) != parent:
            refused.append(_case_twice(file.name, entry.case, parents[entry.case], parent))
        elif entry.role == "volume" and _stem(file.name).endswith("_mask"):
            refused.append(_mask_beside_volume(file.name, entry.case))
        else:
            entries.append(entry)
    return Layout("folders", tuple(entries), refused=tuple(refused), ignored=_ignored(files))


def _folder_entry(file: IncomingFile) -> Entry:
    case = _base(_case_folder(file.name))
    if _base(_folder(file.name)) == SEGMENTATIONS:
        source, _, sequence = _stem(file.name).partition("@")
        return Entry(file, "mask", case, sequence, source)
    return Entry(file, "volume", case, _stem(file.name))


def _case_folder(name: str) -> str:
    folder = _folder(name)
    return _folder(folder) if _base(folder) == SEGMENTATIONS else folder


def _case_twice(name: str, case: str, first: str, second: str) -> Refusal:
    sentence = f"{_base(name)}: the case {case} comes from two folders, {first} and {second}; rename one of them."
    return Refusal(name, "layout.case_twice", sentence)


def _mask_beside_volume(name: str, case: str) -> Refusal:
    sentence = (
        f"{_base(name)}: looks like a mask beside the volumes of {case}; move it to {case}/{SEGMENTATIONS}/ and name "
        "it after its source."
    )
    return Refusal(name, "layout.mask_beside_volume", sentence)


# A flat folder: image.nii.gz and image_mask.nii.gz ---


def _is_flat(files: list[IncomingFile]) -> bool:
    images = [f.name for f in files if _is_image(f.name)]
    folders = {_folder(name) for name in images}
    if len(folders) != 1 or SEGMENTATIONS in _base(folders.pop()):
        return False
    stems = {_stem(name) for name in images}
    pairs = any(f"{stem.split('.')[0]}_mask" in stems for stem in stems)
    return pairs or not any("/" in name for name in images)


def _flat(files: list[IncomingFile]) -> Layout:
    images = [f for f in files if _is_image(f.name)]
    volumes = [f for f in images if "_mask" not in _stem(f.name)]
    cases = {_first_stem(f.name): f for f in volumes}
    entries = [Entry(f, "volume", _first_stem(f.name), "image") for f in volumes]
    refused = []
    for mask in (f for f in images if "_mask" in _stem(f.name)):
        case, _, suffix = _first_stem(mask.name).rpartition("_mask")
        if case in cases:
            entries.append(Entry(mask, "mask", case, "", f"mask{suffix}"))
        else:
            refused.append(_without_image(mask.name, case))
    return Layout("flat", tuple(entries), refused=tuple(refused), ignored=_ignored(files))


def _first_stem(name: str) -> str:
    return _base(name).split(".")[0]


def _without_image(name: str, case: str) -> Refusal:
    sentence = f"{_base(name)}: expected the image {case}.nii.gz beside it, and there is none; send both."
    return Refusal(name, "layout.no_volume", sentence)


# mapping.csv and mapping_unique.csv of SegmentationReview ---


@dataclass(frozen=True)
class _Line:
    subject: str
    image: str
    mask: str
    number: int


def _by_mapping(files: list[IncomingFile], mapping: str, found: Mapping[str, Path]) -> Layout:
    unique = mapping == "mapping_unique.csv"
    convention: Convention = "mapping_unique.csv" if unique else "mapping.csv"
    wanted = ("subj_id", "img_path", "mask_path") if unique else ("img_path", "mask_path")
    try:
        rows = tables.read_rows(found[mapping], mapping, wanted)
    except ValueError as error:
        return Layout(convention, refused=(Refusal(mapping, "csv.unreadable", str(error)),))
    root = _folder(next(f.name for f in files if _base(f.name).lower() == mapping))
    by_name = {f.name: f for f in files}
    lines = [
        _Line(row.get("subj_id", ""), _placed(root, row["img_path"]), _placed(root, row["mask_path"]), number)
        for number, row in enumerate(rows, 2)
    ]
    entries, refused = _mapped(lines, by_name, mapping)
    used = {entry.file.name for entry in entries} | {refusal.name for refusal in refused}
    left = tuple((f.name, f"not named in {mapping}; left alone") for f in files if f.name not in used)
    return Layout(convention, tuple(entries), refused=tuple(refused), ignored=left)


def _placed(root: str, path: str) -> str:
    if not path:
        return ""
    parts = names.parts_of(names.display_path(path))
    return "/".join((*filter(None, [root]), *parts)) if parts else names.display_path(path)


def _mapped(lines: list[_Line], by_name: Mapping[str, IncomingFile], mapping: str) -> tuple[list[Entry], list[Refusal]]:
    entries: dict[str, Entry] = {}
    refused = [refusal for line in lines for refusal in _missing(line, by_name, mapping)]
    places = _places(lines)
    sources = _sources(lines)
    for line in lines:
        image, mask = by_name.get(line.image), by_name.get(line.mask)
        if image is None:
            continue
        case, sequence = places[line.image]
        if image.name not in entries:
            notes = () if line.mask else (f"no mask in {mapping}",)
            entries[image.name] = Entry(image, "volume", case, sequence, notes=notes)
        if mask is not None:
            entries.setdefault(mask.name, Entry(mask, "mask", case, sequence, sources[line]))
    return list(entries.values()), refused


def _missing(line: _Line, by_name: Mapping[str, IncomingFile], mapping: str) -> Iterator[Refusal]:
    for path in filter(None, (line.image, line.mask)):
        if path not in by_name:
            sentence = f"{mapping}, line {line.number}: {path[:80]} is named, but no such file was sent; send it too."
            yield Refusal(path, "mapping.missing", sentence)
    if line.mask in by_name and line.image not in by_name:
        sentence = f"{_base(line.mask)}: line {line.number} of {mapping} gives it no image that was sent; send it too."
        yield Refusal(line.mask, "layout.no_volume", sentence)


def _places(lines: list[_Line]) -> dict[str, tuple[str, str]]:
    """Return case and sequence of each image: by its subject, else by its name, else by its folder."""
    images = {line.image: line.subject for line in lines if line.image}
    stems = [_first_stem(image) for image in images]
    found = {}
    for image, subject in images.items():
        stem = _first_stem(image)
        alone = list(images.values()).count(subject) == 1
        if subject:
            found[image] = (subject, "image" if alone else _suffix(stem, subject) or stem)
        elif stems.count(stem) > 1:
            found[image] = (_base(_folder(image)), stem)
        else:
            found[image] = (stem, "image")
    return found


def _suffix(stem: str, start: str) -> str:
    return stem[len(start) :].strip("_-. ") if stem.startswith(start) else ""


def _sources(lines: list[_Line]) -> dict[_Line, str]:
    """Return a source name for each mask: what its name adds to the image's, else its folder, else its number."""
    found: dict[_Line, str] = {}
    taken: dict[str, list[str]] = {}
    for line in (line for line in lines if line.mask):
        beside = _folder(line.mask) == _folder(line.image)
        name = _suffix(_first_stem(line.mask), _first_stem(line.image))
        name = name or ("" if beside else _base(_folder(line.mask)))
        used = taken.setdefault(line.subject or line.image, [])
        if not name or name in used:
            name = f"mask {len(used) + 1}"
        used.append(name)
        found[line] = name
    return found


# One file per place ---


def _one_file_per_place(layout: Layout) -> Layout:
    first: dict[tuple[str, str, str], str] = {}
    kept, refused = [], list(layout.refused)
    for entry in layout.entries:
        place = (entry.case, entry.sequence.lower(), entry.source.lower())
        other = first.setdefault(place, entry.file.name)
        if other == entry.file.name:
            kept.append(entry)
        else:
            sentence = f"{_base(entry.file.name)}: {other} is already taken for the same place; remove one of the two."
            refused.append(Refusal(entry.file.name, "layout.twice", sentence))
    return replace(layout, entries=tuple(kept), refused=tuple(refused))
