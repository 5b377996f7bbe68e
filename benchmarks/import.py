"""CPU of importing a case (four volumes and a mask, 240 x 240 x 155) against a naive nibabel loop.

    python benchmarks/import.py [--rounds 5] [--shape 240 240 155]

Three contenders: everything that the import does with a file (strict read, digests, canonical file, second decoder,
fsync), the dry run (strict read and digests), and a loop as one writes it first: load as float64, list the labels,
hash, save again. Voxels of all are compared. No database is in it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
from bench import Turn, interleaved, load, ratio, table
from numpy.typing import NDArray

AFFINE = np.diag([1.0, 1.0, 1.0, 1.0])


def head_of(shape: tuple[int, ...], seed: int) -> NDArray[np.int16]:
    """Return a smooth synthetic head with noise inside and nothing outside."""
    axes = np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij", sparse=True)
    radius = np.sqrt(sum((axis / size) ** 2 for axis, size in zip(axes, (0.75, 0.9, 0.85), strict=True)))
    dice = np.random.default_rng(seed)
    tissue = 400 + 200 * np.sin(6 * radius + seed) + dice.normal(0, 12, shape)
    return np.where(radius < 1, tissue, 0).astype(np.int16)


def lesion_of(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    axes = np.meshgrid(*(np.linspace(-1, 1, n) for n in shape), indexing="ij", sparse=True)
    radius = np.sqrt(sum((axis - 0.2) ** 2 for axis in axes))
    return np.select([radius < 0.1, radius < 0.2, radius < 0.3], [1, 4, 2], 0).astype(np.uint8)


def measured(act: Callable[[], dict[str, str]], expected: dict[str, str]) -> Turn:
    begin, wall = time.process_time(), time.monotonic()
    found = act()
    cpu = time.process_time() - begin
    assert found == expected, "the voxels differ"
    return Turn(1, time.monotonic() - wall, cpu)


def naive(files: list[Path], out: Path) -> dict[str, str]:
    """Load as float64, list the labels, hash, save."""
    found = {}
    for path in files:
        image = nib.load(path)
        data = image.get_fdata()
        if path.name.startswith("mask"):
            np.unique(data)
        hashlib.sha256(data.tobytes()).hexdigest()
        kind = np.uint8 if path.name.startswith("mask") else np.int16
        nib.save(nib.Nifti1Image(data.astype(kind), image.affine), out / path.name)
        found[path.name] = "kept"
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shape", type=int, nargs=3, default=(240, 240, 155))
    arguments = parser.parse_args()
    os.environ.setdefault("BLINDREAD_PROFILE", "test")
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["BLINDREAD_DATA"] = str(Path(temporary) / "data")
        os.environ["DJANGO_SETTINGS_MODULE"] = "hub.settings"
        import django

        django.setup()
        print(load())
        run(Path(temporary), tuple(arguments.shape), arguments.rounds)
        print(load())


def run(folder: Path, shape: tuple[int, ...], rounds: int) -> None:
    from segmentation.formats import content_sha256
    from segmentation.formats.canonical import canonical_nifti, readback_verifier
    from segmentation.services.imports.reading import file_bytes, read_mask_file, read_volume_file
    from segmentation.store import BlobStore

    arrays = {f"t{n}.nii.gz": head_of(shape, n) for n in range(4)} | {"mask.nii.gz": lesion_of(shape)}
    files = []
    for name, array in arrays.items():
        files.append(folder / name)
        nib.save(nib.Nifti1Image(array, AFFINE), files[-1])
    (folder / "out").mkdir()
    digests = {name: content_sha256(array, AFFINE) for name, array in arrays.items()}
    kept = dict.fromkeys(arrays, "kept")

    def ours(store: Callable[[], BlobStore] | None) -> dict[str, str]:
        found, grid = {}, None
        for path in files:
            data = file_bytes(path).data
            if path.name.startswith("mask"):
                assert grid is not None
                read = read_mask_file(data, path.name, grid=grid, labels={1, 2, 4}, allow_empty=False)
            else:
                read = read_volume_file(data, path.name)
                grid = read.grid
            if store:
                canonical = canonical_nifti(read.array, read.grid.affine)
                store().put(canonical, verify=readback_verifier(read.content_sha256))
            found[path.name] = read.content_sha256
        return found

    number = iter(range(10_000))

    def fresh() -> BlobStore:
        return BlobStore(folder / f"store-{next(number)}")

    def floor() -> dict[str, str]:
        return {path.name: "kept" for path in files if gzip.decompress(path.read_bytes())}

    turns = interleaved(
        {
            "import (read, check, store)": lambda: measured(lambda: ours(fresh), digests),
            "dry run (read, check)": lambda: measured(lambda: ours(None), digests),
            "naive nibabel loop": lambda: measured(lambda: naive(files, folder / "out"), kept),
            "floor: read and inflate": lambda: measured(floor, kept),
        },
        rounds,
    )
    for name, array in arrays.items():
        assert np.array_equal(np.asanyarray(nib.load(folder / "out" / name).dataobj), array), "the loop lost voxels"
    table(turns, "cases")
    loop, whole, dry, least = "naive nibabel loop", "import (read, check, store)", "dry run (read, check)", "floor"
    least = next(name for name in turns if name.startswith(least))
    print(f"naive loop / import: {ratio(turns, loop, whole, 'cpu_each'):.2f} (target 3.5 -> 4 with re-encoding)")
    print(f"naive loop / dry run: {ratio(turns, loop, dry, 'cpu_each'):.2f} (target 8 -> 12)")
    print(f"dry run / floor: {ratio(turns, dry, least, 'cpu_each'):.2f} (target 2 -> 1.3)")


if __name__ == "__main__":
    main()
