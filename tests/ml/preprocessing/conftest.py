"""A head made of ellipsoids, in any pose, drawn from its formula so that motion needs no interpolation."""

import numpy as np
import pytest

from ml.preprocessing.volume import Volume

# centre (mm), radii (mm), brightness added
PARTS = [
    ((0, 0, 0), (72, 90, 66), 40.0),
    ((0, -4, 2), (62, 78, 56), 60.0),
    ((-18, 10, 8), (10, 26, 14), -45.0),
    ((18, 10, 8), (10, 26, 14), -45.0),
    ((30, -36, -14), (14, 12, 10), 55.0),
    ((-6, -52, -30), (20, 14, 12), 30.0),
    ((0, 46, 26), (26, 10, 12), -25.0),
]


def rigid(angles_degrees, shift_mm):
    """A 4×4 matrix: rotations about x, y, z in turn, then a shift."""
    matrix = np.eye(4)
    for axis, degrees in enumerate(angles_degrees):
        angle = np.deg2rad(degrees)
        turn = np.eye(3)
        others = [i for i in range(3) if i != axis]
        turn[np.ix_(others, others)] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        matrix[:3, :3] = turn @ matrix[:3, :3]
    matrix[:3, 3] = shift_mm
    return matrix


def phantom(affine, shape, pose=None, noise=1.0, seed=0):
    """The head as seen on a grid, moved by a pose (world to world, mm)."""
    index = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1)
    world = index @ affine[:3, :3].T + affine[:3, 3]
    back = np.linalg.inv(np.eye(4) if pose is None else pose)
    points = world @ back[:3, :3].T + back[:3, 3]
    voxels = np.zeros(shape)
    for centre, radii, brightness in PARTS:
        distance = np.sqrt((((points - centre) / radii) ** 2).sum(axis=-1))
        voxels += brightness / (1 + np.exp((distance - 1) * np.mean(radii) / 1.5))  # edges about 1.5 mm soft
    voxels += np.random.default_rng(seed).normal(0, noise, shape)
    return Volume(voxels.astype(np.float32), affine)


@pytest.fixture(scope="session")
def grid():
    """2 mm, centred on the world's origin."""
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    shape = (88, 104, 80)
    affine[:3, 3] = -np.array(shape) + 1.0
    return affine, shape


@pytest.fixture(scope="session")
def template(grid):
    return phantom(*grid, seed=1)


@pytest.fixture(scope="session")
def pose():
    return rigid((9, -4, 6), (5, -6, 4))


@pytest.fixture(scope="session")
def moved(grid, pose):
    """The same head, turned and shifted, with thicker slices and its own axes."""
    affine = np.diag([-1.9, 2.1, 2.6, 1.0])
    shape = (92, 100, 64)
    affine[:3, 3] = -affine[:3, :3] @ (np.array(shape) - 1) / 2
    return phantom(affine, shape, pose, seed=2)
