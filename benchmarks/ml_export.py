"""Our export and warm prediction against stock nnU-Net, as ratios, on the same logits and the same weights.

``python benchmarks/ml_export.py [--rounds 3] [--run RUN]``, in `.venv-ml`. Contenders are interleaved, each export in
a process of its own so that its peak memory is its own; medians over the rounds. With a finished run of
``ml.training.stepwise`` a case is predicted by stock's command and by a warm predictor as well. Every label map is
compared: a ratio beside differing voxels is worth nothing.
"""

import ml.torchvision_shim  # noqa: F401

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
STOCK = "nnunetv2.inference.predict_from_raw_data"
COARSE, FINE, CLASSES = (160, 192, 160), (160, 512, 512), 5


def logits(shape: tuple[int, ...], classes: int) -> np.ndarray:
    """Smooth blobs in half precision, as networks give them; about 0.3 % of fine voxels lie on a boundary."""
    rng = np.random.default_rng(0)
    places = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in shape], indexing="ij"))
    values = np.empty((classes, *shape), np.float16)
    values[0] = 0
    for label in range(1, classes):
        centre = rng.uniform(-0.4, 0.4, 3)[:, None, None, None]
        distance = np.sqrt(((places - centre) ** 2).sum(axis=0))
        values[label] = (0.35 - distance) * 20
    return values


def export_once(way: str, target: Path) -> dict[str, float]:
    """Export once, in this process; return wall and CPU seconds and peak memory above the start, MiB."""
    torch.set_num_threads(1)
    from ml.nnunet.export import decide_resized

    if way == "stock":
        from nnunetv2.preprocessing.resampling.default_resampling import resample_data_or_seg_to_shape
        from nnunetv2.utilities.label_handling.label_handling import LabelManager

        manager = LabelManager({"background": 0, **{f"l{i}": i for i in range(1, CLASSES)}}, None)
    values = logits(COARSE, CLASSES)
    before, wall, cpu = memory_now(), time.perf_counter(), time.process_time()
    peak = Peak()
    if way == "stock":
        spacing = (1.0, 1.0, 1.0)
        resized = resample_data_or_seg_to_shape(
            values, FINE, spacing, spacing, is_seg=False, order=1, order_z=0, force_separate_z=None
        )
        labels = manager.convert_logits_to_segmentation(resized).astype(np.uint8)
    else:
        labels = decide_resized(values, FINE, regions=None)
    used = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "peak": peak.above(before)}
    np.save(target, labels)
    return used


class Peak:
    """Peak resident memory of this process since it was made, by the kernel's own high-water mark."""

    def __init__(self) -> None:
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:
            print("peak memory counts from the start of the process here", file=sys.stderr)

    def above(self, before: float) -> float:
        """Return MiB above an earlier reading."""
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024 - before


def memory_now() -> float:
    """Return resident memory, MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def compare_exports(rounds: int) -> None:
    """Print the medians of both ways and their ratios."""
    found: dict[str, list[dict[str, float]]] = {"stock": [], "ours": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for way in found:
                arguments = [sys.executable, __file__, "--one", way, "--to", f"{folder}/{way}.npy"]
                done = subprocess.run(arguments, capture_output=True, text=True, check=True, env=environment())
                found[way].append(json.loads(done.stdout.splitlines()[-1]))
        differing = np.count_nonzero(np.load(f"{folder}/stock.npy") != np.load(f"{folder}/ours.npy"))
    print(f"export, {CLASSES} classes, {text(COARSE)} to {text(FINE)}, median of {rounds}:")
    for name, unit in (("wall", "s"), ("cpu", "CPU s"), ("peak", "MiB above the start")):
        stock, ours = (statistics.median(each[name] for each in found[way]) for way in ("stock", "ours"))
        print(f"  {stock:9.2f} {unit} stock, {ours:8.2f} ours: ratio {stock / ours:.1f}")
    print(f"  {differing} of {np.prod(FINE):,} voxels differ")


def compare_prediction(run: Path, rounds: int) -> None:
    """Print stock's command against a warm predictor on the same weights: one case, one fold, without mirroring."""
    from ml.nnunet.predictor import NNUNetPredictor
    from ml.nnunet.release import ReleaseNotes, release_model
    from ml.training.generated import generated_cases
    from ml.training.state import Run
    from ml.training.stepwise import CHILD

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        release = Path(name) / "release"
        release_model(Run(run), "scratch", CHILD, ReleaseNotes("b", "1", "Apache-2.0"), release)
        predictor = NNUNetPredictor(release, folds=(0,), mirroring=False)
        for size in (40, 64):
            folder = Path(name) / str(size)
            (folder / "in").mkdir(parents=True)
            case = next(iter(generated_cases("child", count=1, size=size, seed=77)))
            nibabel.save(nibabel.Nifti1Image(case.images[0], case.affine), folder / "in" / "c_0000.nii.gz")
            compare_case(run, folder, predictor, case, rounds)


def compare_case(run: Path, folder: Path, predictor: Any, case: Any, rounds: int) -> None:
    """Print both ways for one case; the warm predictor is asked for the second and later times."""
    from ml.nnunet.environment import Folders, nnunet_environment
    from ml.predictor import Images

    images = Images(case.images, (1.0, 1.0, 1.0))
    found = predictor.predict(images)
    command = [sys.executable, "-c", f"import ml.torchvision_shim; from {STOCK} import *; predict_entry_point()"]
    command += ["-i", f"{folder}/in", "-o", f"{folder}/out", "-d", "Dataset888_Child", "-c", "3d_fullres", "-f", "0"]
    command += ["-tr", "StepScratch", "--disable_tta", "-device", "cpu", "-chk", "checkpoint_best.pth"]
    whole = environment() | nnunet_environment(Folders(run))
    stock, ours = [], []
    for _ in range(rounds):
        began, spent = time.perf_counter(), children()
        subprocess.run(command, env=whole, check=True, capture_output=True, cwd=ROOT)
        stock.append((time.perf_counter() - began, children() - spent))
        began, spent = time.perf_counter(), time.process_time()
        found = predictor.predict(images)
        ours.append((time.perf_counter() - began, time.process_time() - spent))
    theirs = np.asarray(nibabel.load(folder / "out" / "c.nii.gz").dataobj)
    print(f"one case of {text(found.labels.shape)}, {found.tiles} tiles, stock command against the warm predictor:")
    for place, unit in ((0, "s"), (1, "CPU s")):
        one, other = (statistics.median(each[place] for each in way) for way in (stock, ours))
        print(f"  {one:9.2f} {unit} stock, {other:8.2f} ours: ratio {one / other:.1f}")
    print(f"  {np.count_nonzero(theirs != found.labels)} of {theirs.size:,} voxels differ")


def children() -> float:
    """Return CPU seconds of ended children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment() -> dict[str, str]:
    """Return this environment with one thread and this repository first."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}


def text(shape: tuple[int, ...]) -> str:
    """Return a shape as a person writes it."""
    return "×".join(str(n) for n in shape)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", type=Path, help="a finished run with the scratch model on two folds")
    parser.add_argument("--one", choices=("stock", "ours"), help=argparse.SUPPRESS)
    parser.add_argument("--to", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(export_once(options.one, options.to)))
        return
    compare_exports(options.rounds)
    if options.run:
        compare_prediction(options.run, options.rounds)


if __name__ == "__main__":
    main()
