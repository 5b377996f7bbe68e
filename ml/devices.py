"""Which device a model runs on, said plainly when it is not there."""

import ml.torchvision_shim  # noqa: F401

import torch

from ml.errors import ModelError


class DeviceFault(ModelError):
    """The device is absent, or has too little memory."""


def device(name: str) -> torch.device:
    """Return a device by name: ``"cpu"``, ``"cuda"``, ``"cuda:1"``; ``"auto"`` takes a GPU where there is one.

    Raises
    ------
    DeviceFault
        ``device.absent``.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise DeviceFault("device.absent", f"No GPU is usable here for {name}; start the worker with --device cpu.")
    try:
        return torch.device(name)
    except RuntimeError as error:
        raise DeviceFault("device.absent", f"{name} is no device that torch knows.") from error


def describe(where: torch.device) -> str:
    """Return the device as provenance records it: ``cpu``, or the name of the card."""
    return str(torch.cuda.get_device_name(where)) if where.type == "cuda" else where.type
