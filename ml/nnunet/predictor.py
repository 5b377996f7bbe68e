"""A released nnU-Net that stays loaded: arrays in, labels on the same grid out, no files and no further processes."""

import ml.torchvision_shim  # noqa: F401

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans
from nnunetv2.utilities.label_handling.label_handling import determine_num_input_channels
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager
from numpy.typing import NDArray

from ml.axes import Turn, turn_between, turned, turned_back, turned_spacing
from ml.catalogue import ModelRelease, check_unchanged, read_release
from ml.devices import DeviceFault, describe, device
from ml.errors import ImagesRefused, ModelError, ModelRefused
from ml.nnunet.export import export_labels, stock_export
from ml.nnunet.release import NETWORK_FILE, check_plans, weights_file
from ml.nnunet.tiles import TilePredictor
from ml.nnunet.weights import load_weights
from ml.predictor import Images, Prediction, Report, Stop, check_images, ignore, never


class NNUNetPredictor:
    """A model release, loaded once.

    Parameters
    ----------
    folder : Path
        A release folder as written by `ml.nnunet.release`.
    sha256 : str
        The digest under which it was registered; a folder that changed is refused. Empty skips the check.
    folds : sequence of int
        Which folds vote; empty for all. A subject that was in training is predicted out of fold with
        ``release.manifest.folds_without(code)``.
    mirroring : bool
        Average over all flips that training allowed: 8 times the work in 3-D.
    """

    def __init__(
        self,
        folder: Path,
        *,
        sha256: str = "",
        where: str = "cpu",
        folds: Sequence[int] = (),
        mirroring: bool = True,
    ) -> None:
        if sha256:
            check_unchanged(folder, sha256)
        self.release: ModelRelease = read_release(folder)
        self.folds = tuple(folds) or self.release.folds
        self.device = device(where)
        self._tiles = _loaded(folder, self.release, self.folds, self.device, mirroring)

    @property
    def heads(self) -> tuple[str, ...]:
        """What each head of the probabilities is."""
        if self.release.regions:
            return tuple(region.name for region in self.release.regions)
        return ("background", *(label.name for label in self.release.labels))

    def predict(
        self, images: Images, *, probabilities: bool = False, report: Report = ignore, stop: Stop = never
    ) -> Prediction:
        """Return labels on the grid of the images (see `ml.predictor.Predictor`).

        Raises
        ------
        ImagesRefused
            If the images do not fit the model.
        Cancelled
            If `stop` answered yes between two tiles.
        DeviceFault
            ``device.memory`` when the card is too small.
        ModelError
            ``prediction.values`` when the network gives undefined values.
        """
        check_images(images, inputs=len(self.release.inputs))
        turn = turn_between(images.axis_codes, self.release.axis_codes)
        clock = _Clock()
        data, properties = self._prepared(images, turn)
        clock.lap("prepare")
        logits = self._logits(data, report, stop)
        clock.lap("network")
        labels, soft = self._exported(logits, properties, probabilities)
        clock.lap("export")
        return Prediction(
            labels=turned_back(labels, turn),
            probabilities=None if soft is None else turned_back(soft, turn),
            heads=self.heads if probabilities else (),
            tiles=self._tiles.tiles,
            device=describe(self.device),
            seconds=clock.laps,
        )

    def _prepared(self, images: Images, turn: Turn) -> tuple[torch.Tensor, dict[str, Any]]:
        """Crop, normalise and resample as in training; nnU-Net counts axes z, y, x."""
        array = turned(np.asarray(images.voxels, np.float32), turn).transpose(0, 3, 2, 1)
        spacing = turned_spacing(images.spacing, turn)
        properties: dict[str, Any] = {"spacing": [float(mm) for mm in reversed(spacing)]}
        tiles = self._tiles
        preprocessor = tiles.configuration_manager.preprocessor_class(verbose=False)
        try:
            data, _, properties = preprocessor.run_case_npy(
                array, None, properties, tiles.plans_manager, tiles.configuration_manager, tiles.dataset_json
            )
        except (ValueError, MemoryError, IndexError) as error:
            raise ImagesRefused(
                "images.resampling",
                f"The images could not be brought to the model's voxel size ({error}); check size and spacing.",
            ) from error
        return torch.from_numpy(np.ascontiguousarray(data)), properties

    def _logits(self, data: torch.Tensor, report: Report, stop: Stop) -> torch.Tensor:
        self._tiles.listen(report, stop)
        try:
            logits: torch.Tensor = self._tiles.predict_logits_from_preprocessed_data(data).cpu()
        except torch.OutOfMemoryError as error:
            raise DeviceFault(
                "device.memory", f"{describe(self.device)} has too little memory for this case; use a larger card."
            ) from error
        except RuntimeError as error:
            raise ModelError("prediction.values", f"The model failed on this case: {str(error)[:200]}.") from error
        finally:
            self._tiles.listen_again()
        return logits

    def _exported(
        self, logits: torch.Tensor, properties: dict[str, Any], probabilities: bool
    ) -> tuple[NDArray[np.unsignedinteger], NDArray[np.float16] | None]:
        if not probabilities:
            return export_labels(logits, properties, self._tiles).transpose(2, 1, 0), None
        labels, soft = stock_export(logits, properties, self._tiles, probabilities=True)
        return np.asarray(labels).transpose(2, 1, 0), np.asarray(soft, np.float16).transpose(0, 3, 2, 1)


class _Clock:
    """Wall time between laps, seconds."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """Note the time since the last lap."""
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 4)
        self._last = now


def _loaded(
    folder: Path, release: ModelRelease, folds: tuple[int, ...], where: torch.device, mirroring: bool
) -> TilePredictor:
    absent = sorted(set(folds) - set(release.folds))
    if absent:
        raise ModelRefused("model.folds", f"{release.name} {release.version} has no fold {absent[0]}.")
    plans = _json(folder, "plans.json")
    dataset = _json(folder, "dataset.json")
    network_json = _json(folder, NETWORK_FILE)
    check_plans(plans, network_json["configuration"])
    manager = PlansManager(plans)
    configuration = manager.get_configuration(network_json["configuration"])
    labels = manager.get_label_manager(dataset)
    network = get_network_from_plans(
        configuration.network_arch_class_name,
        configuration.network_arch_init_kwargs,
        configuration.network_arch_init_kwargs_req_import,
        determine_num_input_channels(manager, configuration, dataset),
        labels.num_segmentation_heads,
        allow_init=False,
        deep_supervision=False,
    )
    parameters = [load_weights(weights_file(folder, fold)) for fold in folds]
    try:
        network.load_state_dict(parameters[0])
    except RuntimeError as error:
        raise ModelRefused("weights.shape", f"The weights of {release.name} do not fit its plans.") from error
    tiles = TilePredictor(where, mirroring=mirroring)
    axes = tuple(network_json["mirroring"]) or None
    tiles.manual_initialization(network, manager, configuration, parameters, dataset, "released", axes)
    return tiles


def _json(folder: Path, name: str) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelRefused("model.absent", f"{name} of {folder.name} is missing or not JSON.") from error
    return content
