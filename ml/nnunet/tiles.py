"""nnU-Net's sliding window with progress per tile and a way to stop between tiles.

Stock feeds tiles through a thread and a bounded queue, which stay behind, holding the volume, when a prediction is
given up. Here one loop cuts and predicts, with stock's arithmetic: the same tiles in the same order, the same
half-precision sums, the same Gaussian weights, so logits are equal bit for bit.
"""

import ml.torchvision_shim  # noqa: F401

from typing import Any

import torch
from nnunetv2.inference.predict_from_raw_data import nnUNetPredictor
from nnunetv2.inference.sliding_window_prediction import compute_gaussian

from ml.errors import Cancelled
from ml.predictor import Progress, Report, Stop, ignore, never


class TilePredictor(nnUNetPredictor):
    """nnU-Net's predictor that counts tiles over all folds, and asks before each whether to stop."""

    def __init__(self, where: torch.device, *, mirroring: bool, step: float = 0.5) -> None:
        super().__init__(
            tile_step_size=step,
            use_gaussian=True,
            use_mirroring=mirroring,
            perform_everything_on_device=where.type == "cuda",
            device=where,
            allow_tqdm=False,
        )
        self.listen(ignore, never)

    def listen(self, report: Report, stop: Stop) -> None:
        """Tell progress to, and ask for a stop, these two from now on."""
        self.report, self.stop = report, stop
        self.fold = -1
        self.tiles_per_fold = 0

    def listen_again(self) -> None:
        """Let go of the last listeners; the count of tiles stays."""
        self.report, self.stop = ignore, never

    @property
    def tiles(self) -> int:
        """Tiles of the last prediction over all folds."""
        return self.tiles_per_fold * len(self.list_of_parameters)

    def _internal_get_sliding_window_slicers(self, image_size: tuple[int, ...]) -> Any:
        slicers = super()._internal_get_sliding_window_slicers(image_size)
        self.fold += 1
        self.tiles_per_fold = len(slicers)
        return slicers

    @torch.inference_mode()
    def _internal_predict_sliding_window_return_logits(
        self, data: torch.Tensor, slicers: Any, do_on_device: bool = True
    ) -> torch.Tensor:
        where = self.device if do_on_device else torch.device("cpu")
        data = data.to(where)
        heads = self.label_manager.num_segmentation_heads
        logits = torch.zeros((heads, *data.shape[1:]), dtype=torch.half, device=where)
        weights = torch.zeros(data.shape[1:], dtype=torch.half, device=where)
        gaussian = compute_gaussian(
            tuple(self.configuration_manager.patch_size), sigma_scale=1.0 / 8, value_scaling_factor=10, device=where
        )
        for number, tile in enumerate(slicers):
            self._between_tiles(number)
            cut = torch.clone(data[tile][None], memory_format=torch.contiguous_format).to(self.device)
            found = self._internal_maybe_mirror_and_predict(cut)[0].to(where)
            found *= gaussian
            logits[tile] += found
            weights[tile[1:]] += gaussian
        self._between_tiles(len(slicers))
        torch.div(logits, weights, out=logits)
        if not torch.isfinite(logits).all():
            raise RuntimeError("the network gave infinite or undefined values")
        return logits

    def _between_tiles(self, number: int) -> None:
        if self.stop():
            raise Cancelled("stopped between tiles")
        self.report(Progress(self.fold * self.tiles_per_fold + number, self.tiles, self.fold))
