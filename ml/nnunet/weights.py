"""Weights as files: safetensors without code in them, nnU-Net's checkpoints opened without running any.

nnU-Net's networks list many tensors under several names (`encoder.` and `decoder.encoder.`, `conv` and
`all_modules`); files hold each once.
"""

import ml.torchvision_shim  # noqa: F401

from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ml.errors import ModelRefused

Tensors = dict[str, torch.Tensor]

_HEADS = ".seg_layers."


def plain_network(network: Any) -> torch.nn.Module:
    """Return the network itself, unwrapped from several devices and from compilation."""
    for wrapper in ("module", "_orig_mod"):
        network = getattr(network, wrapper, network)
    found: torch.nn.Module = network
    return found


def save_weights(tensors: Tensors, path: Path) -> None:
    """Write tensors as safetensors, each once; the further names of a shared tensor go into the header."""
    names: dict[tuple[int, torch.Size, tuple[int, ...]], str] = {}
    aliases: dict[str, str] = {}
    for name, tensor in tensors.items():
        first = names.setdefault((tensor.data_ptr(), tensor.shape, tensor.stride()), name)
        if first != name:
            aliases[name] = first
    kept = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items() if name not in aliases}
    save_file(kept, path, metadata=aliases)


def load_weights(path: Path) -> Tensors:
    """Return the network's whole state from a safetensors file, shared tensors under all their names.

    Raises
    ------
    ModelRefused
        ``weights.absent`` or ``weights.damaged``.
    """
    if not path.is_file():
        raise ModelRefused("weights.absent", f"The weights {path.name} are not there; restore the model folder.")
    try:
        with safe_open(path, framework="pt") as stored:
            aliases: dict[str, str] = dict(stored.metadata() or {})
            tensors: Tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        return {**tensors, **{alias: tensors[name] for alias, name in aliases.items() if name in tensors}}
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelRefused("weights.damaged", f"The weights {path.name} cannot be read ({error}).") from error


def load_checkpoint(path: Path) -> dict[str, Any]:
    """Return one of nnU-Net's checkpoints, refusing everything in it that is not plain data.

    Raises
    ------
    ModelRefused
        ``checkpoint.absent``; ``checkpoint.unsafe`` when it is damaged or would run code.
    """
    if not path.is_file():
        raise ModelRefused("checkpoint.absent", f"There is no checkpoint {path.name} in {path.parent.name}.")
    try:
        with torch.serialization.safe_globals(_plain_types()):
            content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises many types for a damaged or unsafe file
        raise ModelRefused(
            "checkpoint.unsafe",
            f"The checkpoint {path.name} is damaged or holds more than plain data ({type(error).__name__}); "
            "train the model again, or convert it where it was made.",
        ) from error
    return content


def network_weights(path: Path) -> Tensors:
    """Return the weights in a checkpoint or in a safetensors file, as the network's state lists them."""
    if path.suffix == ".safetensors":
        return load_weights(path)
    tensors: Tensors = load_checkpoint(path)["network_weights"]
    return tensors


def without_heads(own: Tensors, given: Tensors) -> Tensors:
    """Return the given weights with our own segmentation heads, as nnU-Net's pretraining does.

    Raises
    ------
    ModelRefused
        ``weights.shape`` when a tensor other than a head is missing or has another shape.
    """
    body = [name for name in own if _HEADS not in name]
    wrong = [name for name in body if name not in given or given[name].shape != own[name].shape]
    if wrong:
        raise ModelRefused(
            "weights.shape",
            f"The source weights do not fit this network: {len(wrong)} of {len(body)} tensors, first {wrong[0]}; "
            "preprocess and train the source with the plans of the target.",
        )
    return {**own, **{name: given[name] for name in body}}


def _plain_types() -> list[Any]:
    """Types that nnU-Net's log values need: numpy scalars, which carry numbers and nothing else."""
    scalar = type(np.float64(0)).__reduce__(np.float64(0))[0]
    kinds = [type(np.dtype(name)) for name in ("float64", "float32", "int64")]
    return [np.dtype, *kinds, scalar, (scalar, "numpy.core.multiarray.scalar")]
