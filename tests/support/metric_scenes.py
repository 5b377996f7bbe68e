"""Pairs of masks for the tests of metrics, described by formulas so that any program can draw them again."""

from typing import Any

import numpy as np

Mask = np.ndarray

SCENES: dict[str, dict[str, Any]] = {
    "isotropic": {
        "shape": (40, 44, 36), "spacing": (1.0, 1.0, 1.0), "tolerance": 1.0,
        "prediction": [("ball", (20, 22, 18), 9.0), ("ball", (26, 24, 20), 5.0)],
        "reference": [("ball", (18, 23, 18), 10.0)],
    },
    "small": {
        "shape": (24, 24, 24), "spacing": (1.0, 1.0, 1.0), "tolerance": 1.0,
        "prediction": [("ball", (12, 12, 12), 5.0)], "reference": [("ball", (13, 12, 11), 5.0)],
    },
    "thick slices": {
        "shape": (60, 56, 14), "spacing": (0.5, 0.5, 5.0), "tolerance": 2.0,
        "prediction": [("ball", (14.0, 14.5, 34.0), 10.0)], "reference": [("ball", (16.0, 13.0, 31.0), 9.0)],
    },
    "odd spacing": {
        "shape": (40, 30, 34), "spacing": (0.4, 1.7, 1.1), "tolerance": 1.2,
        "prediction": [("ball", (8, 24, 18), 7.0), ("box", (4, 3, 4), (12, 7, 9))],
        "reference": [("ball", (8.4, 25, 17), 6.0), ("box", (7, 3, 4), (15, 7, 9))],
    },
    "scattered": {
        "shape": (64, 60, 52), "spacing": (1.0, 1.0, 1.2), "tolerance": 1.0,
        "prediction": [("ball", (10, 12, 10), 4.0), ("ball", (50, 48, 50), 5.0), ("ball", (30, 10, 50), 3.0),
                       ("ball", (12, 50, 20), 2.0), ("box", (55, 5, 5), (57, 7, 7))],
        "reference": [("ball", (11, 12, 10), 4.5), ("ball", (49, 47, 51), 5.5), ("ball", (30, 40, 12), 4.0),
                      ("ball", (36, 40, 12), 3.0), ("ball", (45, 40, 12), 3.5), ("box", (2, 2, 40), (4, 4, 42))],
    },
    "at the border": {
        "shape": (30, 32, 28), "spacing": (1.0, 1.0, 2.0), "tolerance": 1.0,
        "prediction": [("ball", (0, 15, 4), 8.0), ("box", (25, 26, 20), (30, 32, 28))],
        "reference": [("ball", (1, 16, 2), 8.0), ("box", (24, 25, 22), (30, 32, 28))],
    },
    "misplaced": {
        "shape": (40, 40, 30), "spacing": (1.0, 1.0, 1.0), "tolerance": 3.0,
        "prediction": [("ball", (9, 9, 8), 5.0)], "reference": [("ball", (30, 28, 20), 6.0)],
    },
    "identical": {
        "shape": (20, 20, 20), "spacing": (0.9, 0.9, 3.0), "tolerance": 0.0,
        "prediction": [("ball", (9, 9, 30), 6.0)], "reference": [("ball", (9, 9, 30), 6.0)],
    },
    "one voxel each": {
        "shape": (9, 8, 7), "spacing": (1.0, 2.0, 3.0), "tolerance": 2.0,
        "prediction": [("box", (0, 0, 0), (1, 1, 1))], "reference": [("box", (8, 7, 6), (9, 8, 7))],
    },
    "hollow": {
        "shape": (36, 36, 36), "spacing": (1.0, 1.0, 1.0), "tolerance": 1.0,
        "prediction": [("ball", (18, 18, 18), 12.0), ("less ball", (18, 18, 18), 9.0)],
        "reference": [("ball", (18, 18, 18), 4.0)],
    },
    "full image": {
        "shape": (16, 18, 20), "spacing": (1.0, 1.0, 1.0), "tolerance": 1.0,
        "prediction": [("box", (0, 0, 0), (16, 18, 20))], "reference": [("ball", (8, 9, 10), 6.0)],
    },
    "plates": {
        "shape": (30, 30, 12), "spacing": (1.0, 1.0, 4.0), "tolerance": 4.0,
        "prediction": [("box", (4, 4, 5), (24, 25, 6))], "reference": [("box", (6, 3, 6), (27, 22, 7))],
    },
    "noise": {
        "shape": (26, 27, 25), "spacing": (1.0, 1.5, 0.7), "tolerance": 1.0,
        "prediction": [("sieve", (7919, 10473, 12997), 23)], "reference": [("sieve", (3571, 9973, 7001), 29)],
    },
    "tissue like": {
        "shape": (32, 30, 28), "spacing": (1.0, 1.0, 1.0), "tolerance": 1.0,
        "prediction": [("ball", (16, 15, 14), 11.0), ("less sieve", (5, 11, 17), 7)],
        "reference": [("ball", (15, 15, 15), 11.0), ("less sieve", (3, 13, 19), 6)],
    },
}  # fmt: skip


def scene_masks(name: str) -> tuple[Mask, Mask]:
    """Return prediction and reference of a scene."""
    scene = SCENES[name]
    return drawn(scene["prediction"], scene), drawn(scene["reference"], scene)


def drawn(parts: list[tuple[Any, ...]], scene: dict[str, Any]) -> Mask:
    """Return the mask of a list of parts, each added or (``less …``) taken away."""
    mask = np.zeros(scene["shape"], dtype=bool)
    for kind, *numbers in parts:
        part = PARTS[kind.removeprefix("less ")](scene, *numbers)
        mask = mask & ~part if kind.startswith("less") else mask | part
    return mask


def ball(scene: dict[str, Any], centre_mm: tuple[float, ...], radius_mm: float) -> Mask:
    """All voxels within a radius of a centre, both in mm from the first voxel."""
    grid = np.ogrid[tuple(slice(0, n) for n in scene["shape"])]
    squares = [(x * step - c) ** 2 for x, c, step in zip(grid, centre_mm, scene["spacing"], strict=True)]
    return sum(squares) <= radius_mm**2


def box(scene: dict[str, Any], start: tuple[int, ...], stop: tuple[int, ...]) -> Mask:
    """All voxels from a first index up to a last, which is left out."""
    mask = np.zeros(scene["shape"], dtype=bool)
    mask[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))] = True
    return mask


def sieve(scene: dict[str, Any], factors: tuple[int, ...], divisor: int) -> Mask:
    """Voxels scattered without order: those whose index products add up to a multiple of a number."""
    x, y, z = np.ogrid[tuple(slice(0, n) for n in scene["shape"])]
    a, b, c = factors
    return (x * x * a + y * y * b + z * z * c + x * y * z) % divisor == 0


PARTS = {"ball": ball, "box": box, "sieve": sieve}
