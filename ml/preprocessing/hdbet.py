"""Brain extraction by HD-BET's network, from weights that an operator has put into a folder; nothing is downloaded.

HD-BET's own functions replace the standard output and open process pools, so its network is loaded like any nnU-Net:
the folder holds `plans.json`, `dataset.json` and `fold_all/checkpoint_final.pth`.
"""

import ml.torchvision_shim  # noqa: F401

import json
from pathlib import Path

import numpy as np
import torch
from nnunetv2.utilities.get_network_from_plans import get_network_from_plans
from nnunetv2.utilities.label_handling.label_handling import determine_num_input_channels
from nnunetv2.utilities.plans_handling.plans_handler import PlansManager
from numpy.typing import NDArray

from ml.devices import device
from ml.errors import WeightsMissing
from ml.nnunet.export import export_labels
from ml.nnunet.release import check_plans
from ml.nnunet.tiles import TilePredictor
from ml.nnunet.weights import load_checkpoint
from ml.predictor import Images, Report, Stop, check_images, ignore, never
from ml.preprocessing.volume import Volume

NETWORK = "HD-BET"
_FILES = ("plans.json", "dataset.json", "fold_all/checkpoint_final.pth")


class BrainNetwork:
    """HD-BET's network, loaded once.

    Raises
    ------
    WeightsMissing
        ``hdbet.absent`` when a file is not there: the sentence says where to put it.
    ModelRefused
        When the checkpoint holds more than plain data, or the plans name other code.
    """

    def __init__(self, folder: Path, *, where: str = "cpu", mirroring: bool = False) -> None:
        check_weights(folder)
        plans = json.loads((folder / "plans.json").read_text("utf-8"))
        dataset = json.loads((folder / "dataset.json").read_text("utf-8"))
        checkpoint = load_checkpoint(folder / "fold_all" / "checkpoint_final.pth")
        name = checkpoint["init_args"]["configuration"]
        check_plans(plans, name)
        manager = PlansManager(plans)
        configuration = manager.get_configuration(name)
        network = get_network_from_plans(
            configuration.network_arch_class_name,
            configuration.network_arch_init_kwargs,
            configuration.network_arch_init_kwargs_req_import,
            determine_num_input_channels(manager, configuration, dataset),
            manager.get_label_manager(dataset).num_segmentation_heads,
            allow_init=False,
            deep_supervision=False,
        )
        network.load_state_dict(checkpoint["network_weights"])
        self._tiles = TilePredictor(device(where), mirroring=mirroring)
        axes = checkpoint.get("inference_allowed_mirroring_axes")
        weights = [checkpoint["network_weights"]]
        self._tiles.manual_initialization(network, manager, configuration, weights, dataset, NETWORK, axes)

    def mask(self, volume: Volume, *, report: Report = ignore, stop: Stop = never) -> NDArray[np.bool_]:
        """Return the brain mask on the volume's grid."""
        spacing = volume.frame.spacing
        check_images(Images(volume.voxels[None], spacing), inputs=1)
        tiles = self._tiles
        array = np.asarray(volume.voxels, np.float32).transpose(2, 1, 0)[None]
        preprocessor = tiles.configuration_manager.preprocessor_class(verbose=False)
        data, _, properties = preprocessor.run_case_npy(
            array,
            None,
            {"spacing": [float(mm) for mm in reversed(spacing)]},
            tiles.plans_manager,
            tiles.configuration_manager,
            tiles.dataset_json,
        )
        tiles.listen(report, stop)
        logits = tiles.predict_logits_from_preprocessed_data(torch.from_numpy(np.ascontiguousarray(data)))
        return np.asarray(export_labels(logits, properties, tiles).transpose(2, 1, 0) > 0)


def check_weights(folder: Path) -> None:
    """Refuse a folder without HD-BET's files (``hdbet.absent``)."""
    absent = [name for name in _FILES if not (folder / name).is_file()]
    if absent:
        raise WeightsMissing(
            "hdbet.absent",
            f"HD-BET's weights are not in {folder.name}: {absent[0]} is missing. An operator unpacks release 2.0.0 "
            "there (Zenodo record 14445620); until then choose the classical mask or images without skull.",
        )
