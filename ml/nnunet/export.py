"""From coarse logits to the label map of the image, identical to nnU-Net's own export and many times cheaper.

A linear interpolation is a convex mix of at most eight neighbours. Where all eight carry the same decision (the same
largest class, or the same set of regions), every mix carries it too, so only voxels between differing neighbours are
interpolated: a few thousandths of a volume. Stock stores interpolated logits in half precision before deciding;
rounding to half here as well makes ties fall the same way. Conditions: one order-1 interpolation for all axes, and no
probabilities wanted. Otherwise stock code runs.
"""

import ml.torchvision_shim  # noqa: F401

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from nnunetv2.inference.export_prediction import convert_predicted_logits_to_segmentation_with_correct_shape
from nnunetv2.preprocessing.resampling.default_resampling import determine_do_sep_z_and_axis
from numpy.typing import NDArray

from ml.nnunet.interpolation import AxisWeights, axis_weights, interpolate

_AT_ONCE = 1 << 18  # voxels interpolated together: 2 MB per array
_SLAB_VOXELS = 1 << 22
_MOST_REGIONS = 16  # one bit each

Axes = tuple[AxisWeights, AxisWeights, AxisWeights]
Half = NDArray[np.float16]
Decide = Callable[[Half], NDArray[np.unsignedinteger]]


def export_labels(logits: torch.Tensor, properties: dict[str, Any], predictor: Any) -> NDArray[np.unsignedinteger]:
    """Return the label map on the grid of the array that nnU-Net was given.

    Parameters
    ----------
    logits : half tensor, shape (heads, a, b, c)
        On the network's grid, axes transposed forward.
    properties : dict
        What nnU-Net's preprocessing recorded: spacing, shapes and the box of the crop.
    predictor : nnUNetPredictor
        Holds plans, configuration and label manager.

    Returns
    -------
    uint8 or uint16 ndarray, shape (z, y, x)
        Equal to stock in every voxel.
    """
    if not boundary_only_is_exact(properties, predictor):
        labels = stock_export(logits, properties, predictor)
        return np.asarray(labels)
    manager = predictor.label_manager
    shape = tuple(int(n) for n in properties["shape_after_cropping_and_before_resampling"])
    kind = np.uint8 if len(manager.foreground_labels) < 255 else np.uint16
    whole = np.zeros(properties["shape_before_cropping"], kind)
    box = tuple(slice(int(start), int(end)) for start, end in properties["bbox_used_for_cropping"])
    order = list(manager.regions_class_order) if manager.has_regions else None
    decide_resized(np.asarray(logits.cpu().numpy()), shape, regions=order, out=whole[box])
    return whole.transpose(predictor.plans_manager.transpose_backward)


def stock_export(logits: torch.Tensor, properties: dict[str, Any], predictor: Any, probabilities: bool = False) -> Any:
    """Return nnU-Net's own export: labels (z, y, x), or labels and float32 probabilities (heads, z, y, x)."""
    return convert_predicted_logits_to_segmentation_with_correct_shape(
        logits.cpu(),
        predictor.plans_manager,
        predictor.configuration_manager,
        predictor.label_manager,
        properties,
        return_probabilities=probabilities,
        num_threads_torch=torch.get_num_threads(),
    )


def boundary_only_is_exact(properties: dict[str, Any], predictor: Any) -> bool:
    """Return whether stock would do one linear interpolation, the case in which skipping voxels changes nothing."""
    configuration = predictor.configuration_manager
    settings = configuration.configuration
    kwargs = settings["resampling_fn_probabilities_kwargs"]
    known = settings["resampling_fn_probabilities"] == "resample_data_or_seg_to_shape"
    manager = predictor.label_manager
    if manager.has_regions and len(manager.regions_class_order) > _MOST_REGIONS:
        return False
    if not known or kwargs.get("order") != 1 or kwargs.get("is_seg") or len(configuration.spacing) != 3:
        return False
    spacing = [properties["spacing"][axis] for axis in predictor.plans_manager.transpose_forward]
    separate, _ = determine_do_sep_z_and_axis(kwargs.get("force_separate_z"), configuration.spacing, spacing)
    return not separate


def decide_resized(
    logits: NDArray[np.floating],
    shape: tuple[int, ...],
    *,
    regions: list[int] | None,
    out: NDArray[np.unsignedinteger] | None = None,
) -> NDArray[np.unsignedinteger]:
    """Return the decision at every voxel of the resized volume, interpolating only where neighbours disagree.

    Parameters
    ----------
    logits : float16 ndarray, shape (heads, a, b, c)
    shape : three ints
        The fine grid.
    regions : list of int, or None
        Label that each region's head writes, later heads over earlier ones; None for exclusive labels.
    out : ndarray of that shape, optional
        Filled in place.
    """
    decide: Decide = _largest if regions is None else _region_bits
    table = None if regions is None else _labels_of_bits(regions)
    coarse = decide(logits.reshape(len(logits), -1)).reshape(logits.shape[1:])
    labels = np.zeros(shape, np.uint8) if out is None else out
    first, second, third = [axis_weights(coarse.shape[axis], shape[axis]) for axis in range(3)]
    axes = (first, second, third)
    mixed = _mixed(coarse)
    resized = tuple(coarse.shape) != tuple(shape)
    for slab in _slabs(shape):
        part = coarse[np.ix_(first.below[slab], second.below, third.below)]
        if resized:
            _interpolate_slab(part, logits, mixed, axes, slab, decide)
        labels[slab] = part if table is None else table[part]
    return labels


def _interpolate_slab(
    part: NDArray[np.unsignedinteger],
    logits: NDArray[np.floating],
    mixed: NDArray[np.bool_],
    axes: Axes,
    slab: slice,
    decide: Decide,
) -> None:
    between = mixed[np.ix_(axes[0].below[slab], axes[1].below, axes[2].below)]
    flat = part.reshape(-1)
    places = np.flatnonzero(between)
    for start in range(0, len(places), _AT_ONCE):
        some = places[start : start + _AT_ONCE]
        a, b, c = np.unravel_index(some, part.shape)
        values = np.stack([interpolate(head, axes, (a + slab.start, b, c)).astype(np.float16) for head in logits])
        flat[some] = decide(values)


def _slabs(shape: tuple[int, ...]) -> Iterator[slice]:
    thickness = max(1, _SLAB_VOXELS // max(1, shape[1] * shape[2]))
    for start in range(0, shape[0], thickness):
        yield slice(start, min(start + thickness, shape[0]))


def _mixed(decisions: NDArray[np.unsignedinteger]) -> NDArray[np.bool_]:
    """Return where a voxel and its seven neighbours above are not all alike."""
    low = high = decisions
    for axis in range(3):
        above = np.minimum(np.arange(decisions.shape[axis]) + 1, decisions.shape[axis] - 1)
        low = np.minimum(low, low.take(above, axis))
        high = np.maximum(high, high.take(above, axis))
    return low != high


def _largest(values: Half) -> NDArray[np.unsignedinteger]:
    """Return the first head with the largest value, as argmax does, without its temporary int64 array."""
    best = values[0].astype(np.float32)
    label = np.zeros(best.shape, np.uint8 if len(values) <= 256 else np.uint16)
    for head in range(1, len(values)):
        here = values[head].astype(np.float32)
        label[here > best] = head
        np.maximum(best, here, out=best)
    return label


def _region_bits(values: Half) -> NDArray[np.unsignedinteger]:
    """Return which regions are present, one bit per head, by the very sigmoid and threshold of stock."""
    bits = np.zeros(values.shape[1:], np.uint16)
    for head, each in enumerate(values):
        inside = torch.sigmoid(torch.from_numpy(each.astype(np.float32))).numpy() > 0.5
        bits |= inside.astype(np.uint16) << np.uint16(head)
    return bits


def _labels_of_bits(regions: list[int]) -> NDArray[np.uint16]:
    table = np.zeros(1 << len(regions), np.uint16)
    for head, label in enumerate(regions):
        table[(np.arange(len(table)) >> head) & 1 == 1] = label
    return table
