"""First import of every module here that imports torch: makes torchvision importable beside a CPU torch.

nnU-Net's class finder imports all its trainers, one of them timm, and timm torchvision. The torchvision that resolves
beside a CPU torch is the CUDA build, which fails with "operator torchvision::nms does not exist". Declaring the two
operators (0.28 needs both) lets a second import succeed. Real detection operators still fail; nothing here uses them.
"""

import sys
from typing import Any

import torch

_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_kept: list[Any] = []  # a library fragment withdraws its operators when it is collected


def repair() -> bool:
    """Make torchvision importable; return whether anything had to be declared.

    Does nothing where torchvision works (a GPU machine), and nothing when it has been repaired before.
    """
    if _importable():
        return False
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    fragment = torch.library.Library("torchvision", "FRAGMENT")
    for operator in _OPERATORS:
        fragment.define(operator)
    _kept.append(fragment)
    return True


def _importable() -> bool:
    try:
        import torchvision  # noqa: F401
    except Exception:
        return False
    return True


repaired = repair()
