/**
 * Which way the stored axes point, and the map from RAS order (x to the Right fastest, then Anterior, then Superior)
 * to the stored order. Follows nibabel's `io_orientation`, so that browser and server agree on all 48 orientations.
 */
import { column, dot, invert3, linearPart, norm, transpose3, voxelToMm } from './affine';
import type { Mat3 } from './affine';
import type { Affine, Vec3, Volume } from './types';

export type Axis = 0 | 1 | 2;
const AXES: readonly Axis[] = [0, 1, 2];

/** For each stored axis: the world axis it is nearest to (0 x, 1 y, 2 z) and whether it runs along (+1) or against. */
export interface AxisDirection {
  readonly world: Axis;
  readonly sign: 1 | -1;
}

/** A volume's grid seen in RAS order; no voxel moves, only the way of counting. */
export interface RasGrid {
  readonly dims: Vec3;
  readonly spacing: Vec3;
  /** RAS voxel index to millimetres. */
  readonly affine: Affine;
  /** Index into the stored array of RAS voxel (x, y, z): offset + x·strides[0] + y·strides[1] + z·strides[2]. */
  readonly offset: number;
  readonly strides: Vec3;
  /** Stored axis that each RAS axis runs along, and whether it is reversed. */
  readonly source: readonly [Axis, Axis, Axis];
  readonly flipped: readonly [boolean, boolean, boolean];
}

/** Nearest world axes of the three stored axes. Throws `affine.singular` when the axes are not independent. */
export function axisDirections(affine: Affine): readonly AxisDirection[] {
  const rotation = nearestRotation(unitColumns(affine));
  const strength = (axis: Axis): number => Math.max(...AXES.map((row) => rotation[row][axis] ** 2));
  const order = [...AXES].sort((a, b) => strength(b) - strength(a) || a - b);
  const taken = new Set<Axis>();
  const found = new Map<Axis, AxisDirection>();
  for (const axis of order) {
    const free = AXES.filter((row) => !taken.has(row));
    const world = free.reduce((best, row) =>
      Math.abs(rotation[row][axis]) > Math.abs(rotation[best][axis]) ? row : best,
    );
    taken.add(world);
    found.set(axis, { world, sign: rotation[world][axis] < 0 ? -1 : 1 });
  }
  return AXES.map((axis) => found.get(axis) ?? { world: axis, sign: 1 });
}

/** Letters of the stored axes' positive ends, as nibabel's `aff2axcodes`: for example L, P, S. */
export function axisCodes(affine: Affine): string {
  const letters = ['LR', 'PA', 'IS'] as const;
  return axisDirections(affine)
    .map(({ world, sign }) => letters[world]?.charAt(sign > 0 ? 1 : 0) ?? '')
    .join('');
}

function unitColumns(affine: Affine): Mat3 {
  const unit = (axis: Axis): Vec3 => {
    const v = column(affine, axis);
    const length = norm(v) || 1;
    return [v[0] / length, v[1] / length, v[2] / length];
  };
  return transpose3([unit(0), unit(1), unit(2)]);
}

/** Orthogonal factor of the polar decomposition (Higham's Newton iteration), which leaves shear aside evenly. */
function nearestRotation(matrix: Mat3): Mat3 {
  let current = matrix;
  for (let step = 0; step < 40; step += 1) {
    const inverse = transpose3(invert3(current));
    const mean = (r: Axis): Vec3 => [
      (current[r][0] + inverse[r][0]) / 2,
      (current[r][1] + inverse[r][1]) / 2,
      (current[r][2] + inverse[r][2]) / 2,
    ];
    const next: Mat3 = [mean(0), mean(1), mean(2)];
    const change = Math.max(...AXES.flatMap((r) => AXES.map((c) => Math.abs(next[r][c] - current[r][c]))));
    current = next;
    if (change < 1e-14) break;
  }
  return current;
}

/** The RAS view of a stored grid. */
export function rasGrid(shape: Vec3, affine: Affine): RasGrid {
  const directions = axisDirections(affine);
  const sourceOf = (world: Axis): Axis => AXES.find((axis) => directions[axis]?.world === world) ?? world;
  const source: [Axis, Axis, Axis] = [sourceOf(0), sourceOf(1), sourceOf(2)];
  const isFlipped = (axis: Axis): boolean => directions[axis]?.sign === -1;
  const flipped: [boolean, boolean, boolean] = [isFlipped(source[0]), isFlipped(source[1]), isFlipped(source[2])];
  const step: Vec3 = [1, shape[0], shape[0] * shape[1]];
  const stride = (r: Axis): number => step[source[r]] * (flipped[r] ? -1 : 1);
  const start = (r: Axis): number => (flipped[r] ? (shape[source[r]] - 1) * step[source[r]] : 0);
  const ras = rasAffine(shape, affine, source, flipped);
  return {
    dims: [shape[source[0]], shape[source[1]], shape[source[2]]],
    spacing: [norm(column(ras, 0)), norm(column(ras, 1)), norm(column(ras, 2))],
    affine: ras,
    offset: start(0) + start(1) + start(2),
    strides: [stride(0), stride(1), stride(2)],
    source,
    flipped,
  };
}

function rasAffine(shape: Vec3, affine: Affine, source: RasGrid['source'], flipped: RasGrid['flipped']): Affine {
  const corner: [number, number, number] = [0, 0, 0];
  for (const r of AXES) corner[source[r]] = flipped[r] ? shape[source[r]] - 1 : 0;
  const origin = voxelToMm(affine, corner);
  const linear = linearPart(affine);
  const at = (row: Axis, r: Axis): number => linear[row][source[r]] * (flipped[r] ? -1 : 1);
  const row = (i: Axis): [number, number, number, number] => [at(i, 0), at(i, 1), at(i, 2), origin[i]];
  return [row(0), row(1), row(2), [0, 0, 0, 1]];
}

export const gridOf = (volume: Volume): RasGrid => rasGrid(volume.shape, volume.affine);

/** Position in the stored array of RAS voxel (x, y, z); the voxel must lie inside. */
export function storedIndex(grid: RasGrid, voxel: Vec3): number {
  return grid.offset + dot(voxel, grid.strides);
}

/** Stored voxel (i, j, k) of RAS voxel (x, y, z). */
export function storedVoxel(grid: RasGrid, voxel: Vec3): Vec3 {
  const out: [number, number, number] = [0, 0, 0];
  for (const r of AXES) out[grid.source[r]] = grid.flipped[r] ? grid.dims[r] - 1 - voxel[r] : voxel[r];
  return out;
}

/** Copy a stored array into RAS order; `into` has the same length and may be of a wider type. */
export function copyToRas<T extends { [index: number]: number }>(
  grid: RasGrid,
  stored: { readonly [index: number]: number },
  into: T,
): T {
  const [nx, ny, nz] = grid.dims;
  const [sx, sy, sz] = grid.strides;
  let at = 0;
  for (let z = 0; z < nz; z += 1) {
    for (let y = 0; y < ny; y += 1) {
      let from = grid.offset + y * sy + z * sz;
      for (let x = 0; x < nx; x += 1, from += sx) {
        into[at] = stored[from] ?? 0;
        at += 1;
      }
    }
  }
  return into;
}

/** Stored in RAS order already, so that a copy would change nothing. */
export function isRas(grid: RasGrid): boolean {
  return grid.source.every((axis, r) => axis === r) && !grid.flipped.includes(true);
}

/** Angle helper for tests and letters: the direction of one RAS step in millimetres, as a unit vector. */
export function direction(grid: RasGrid, axis: Axis): Vec3 {
  const v = column(grid.affine, axis);
  const length = norm(v);
  return [v[0] / length, v[1] / length, v[2] / length];
}

